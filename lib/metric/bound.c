#include "metric/bound.h"

#include "rng.h"

#define LINE double
#include "metric/line-kernel.h"

/* Unit vector number `slice`, the same for every cloud of this dimension. */
static void direction(size_t slice, size_t dim, float *to)
{
	struct mfc_rng rng = mfc_rng_make(0, MFC_RNG_SAMPLE, slice, dim);
	double norm2 = 0;
	mfc_rng_normals(&rng, 0, dim, to);
	for (size_t k = 0; k < dim; k++) {
		to[k] = slice < dim ? slice == k : to[k];
		norm2 += (double)to[k] * (double)to[k];
	}
	/* a little shorter than 1 where rounding might make it longer */
	for (size_t k = 0; k < dim && slice >= dim; k++)
		to[k] = (float)((double)to[k] / sqrt(norm2) * (1 - 2e-7));
}

double *mfc_bound_slices(size_t n, size_t dim, const float *x)
{
	size_t numbers;
	if (__builtin_mul_overflow(n, MFC_BOUND_SLICES * sizeof(double), &numbers))
		return NULL;
	double *out = malloc(numbers);
	float *u = malloc(dim * sizeof *u);
	for (size_t s = 0; out && u && s < MFC_BOUND_SLICES; s++) {
		direction(s, dim, u);
		line_project(n, dim, x, u, out + s * n);
	}
	if (!u) {
		free(out);
		out = NULL;
	}
	free(u);
	return out;
}

static double mean(size_t n, const double *a)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += a[i];
	return sum / (double)n;
}

double mfc_bound_emd(size_t n, const double *a, size_t m, const double *b, size_t dim, bool squared)
{
	double most = 0, centroids = 0;
	for (size_t s = 0; s < MFC_BOUND_SLICES; s++) {
		const double *p = a + s * n, *q = b + s * m;
		most = fmax(most, line_emd(n, p, m, q, squared));
		if (dim <= MFC_BOUND_SLICES && s < dim)   /* the axes */
			centroids += pow(mean(n, p) - mean(m, q), 2);
	}
	return fmax(most, squared ? centroids : sqrt(centroids));
}
