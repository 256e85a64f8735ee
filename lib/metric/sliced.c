#include "metric/sliced.h"

#include "rng.h"
#include "wide.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

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
		for (size_t i = 0; i < x->n; i++) {
			double sum = 0;
			for (size_t k = 0; k < dim; k++)
				sum += (double)basis[s % dim * dim + k] * (double)x->x[i * dim + k];
			out[s * x->n + i] = (float)sum;
		}
		qsort(out + s * x->n, x->n, sizeof *out, ascending);
	}
	if (!basis) {
		free(out);
		out = NULL;
	}
	free(basis);
	return out;
}

/* Σ of |a - b| or its square, in sums of eight for the sake of vectors. */
MFC_WIDE static double apart(size_t n, const float *a, const float *b, bool squared)
{
	double lane[8] = { 0 }, sum = 0;
	for (size_t i = 0; i < n / 8 * 8; i += 8)
		for (size_t l = 0; l < 8; l++) {
			double d = fabs((double)a[i + l] - (double)b[i + l]);
			lane[l] += squared ? d * d : d;
		}
	for (size_t i = n / 8 * 8; i < n; i++)
		sum += squared ? pow((double)a[i] - (double)b[i], 2) : fabs((double)a[i] - (double)b[i]);
	for (size_t l = 0; l < 8; l++)
		sum += lane[l];
	return sum / (double)n;
}

/* The same of different numbers: what is left of a point of a, in n m-ths of the whole, goes to the next of b. */
static double apart_of_two(size_t n, const float *a, size_t m, const float *b, bool squared)
{
	double sum = 0;
	size_t here = m, there = n;
	for (size_t i = 0, j = 0; i < n && j < m; ) {
		size_t part = here < there ? here : there;
		double d = fabs((double)a[i] - (double)b[j]);
		sum += (double)part * (squared ? d * d : d);
		here -= part;
		there -= part;
		i += here == 0;
		j += there == 0;
		here = here ? here : m;
		there = there ? there : n;
	}
	return sum / ((double)n * (double)m);
}

double mfc_sliced_distance(size_t dim, size_t n, const float *a, size_t m, const float *b, bool squared)
{
	int sign;   /* lgamma keeps it in a global, which threads would share */
	double sum = 0, half = (double)dim / 2, c = squared ? 1 / (double)dim : exp(lgamma_r(half, &sign) - lgamma_r(half + 0.5, &sign)) / sqrt(M_PI);
	for (size_t s = 0; s < directions(dim); s++)
		sum += n == m ? apart(n, a + s * n, b + s * n, squared) : apart_of_two(n, a + s * n, m, b + s * m, squared);
	return sum / (double)directions(dim) / c;
}
