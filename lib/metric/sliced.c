#include "metric/sliced.h"

#include "rng.h"

#define LINE float
#include "metric/line-kernel.h"

/* A whole number of bases; on a line there is but one direction. */
static size_t directions(size_t dim)
{
	return dim == 1 ? 1 : (MFC_SLICED_DIRECTIONS + dim - 1) / dim * dim;
}

/* Orthonormal basis number `which`: basis (dim, dim), a random one by Gram and Schmidt's method. */
static void draw_basis(size_t which, size_t dim, float *basis)
{
	struct mfc_rng rng = mfc_rng_make(0, MFC_RNG_SAMPLE, which, dim);
	mfc_rng_normals(&rng, 0, dim * dim, basis);
	for (size_t i = 0; i < dim; i++) {
		float *u = basis + i * dim;
		double norm2 = 0;
		for (size_t j = 0; j < i; j++) {
			double along = 0;
			for (size_t k = 0; k < dim; k++)
				along += (double)u[k] * (double)basis[j * dim + k];
			for (size_t k = 0; k < dim; k++)
				u[k] = (float)((double)u[k] - along * (double)basis[j * dim + k]);
		}
		for (size_t k = 0; k < dim; k++)
			norm2 += (double)u[k] * (double)u[k];
		for (size_t k = 0; k < dim; k++)
			u[k] = (float)((double)u[k] / sqrt(norm2));
	}
}

float *mfc_sliced_project(const struct mfc_points *x)
{
	size_t dim = x->dim, numbers, squares;
	float *out = NULL, *basis = NULL;
	if (!__builtin_mul_overflow(directions(dim), x->n, &numbers) && !__builtin_mul_overflow(dim, dim, &squares)) {
		out = calloc(numbers, sizeof *out);
		basis = calloc(squares, sizeof *basis);
	}
	for (size_t s = 0; out && basis && s < directions(dim); s++) {
		if (s % dim == 0)
			draw_basis(s / dim, dim, basis);
		line_project(x->n, dim, x->x, basis + s % dim * dim, out + s * x->n);
	}
	if (!basis) {
		free(out);
		out = NULL;
	}
	free(basis);
	return out;
}

double mfc_sliced_distance(size_t dim, size_t n, const float *a, size_t m, const float *b, bool squared)
{
	int sign;   /* lgamma keeps it in a global, which threads would share */
	double sum = 0, half = (double)dim / 2, c = squared ? 1 / (double)dim : exp(lgamma_r(half, &sign) - lgamma_r(half + 0.5, &sign)) / sqrt(M_PI);
	for (size_t s = 0; s < directions(dim); s++)
		sum += line_emd(n, a + s * n, m, b + s * m, squared);
	return sum / (double)directions(dim) / c;
}
