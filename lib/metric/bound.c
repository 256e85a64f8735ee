#include "metric/bound.h"

#include "wide.h"
#include "rng.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

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
		for (size_t i = 0; i < n; i++) {
			double sum = 0;
			for (size_t k = 0; k < dim; k++)
				sum += (double)u[k] * (double)x[i * dim + k];
			out[s * n + i] = sum;
		}
		qsort(out + s * n, n, sizeof *out, ascending);
	}
	if (!u) {
		free(out);
		out = NULL;
	}
	free(u);
	return out;
}

/* Σ of |a - b| or its square, in eight sums for the sake of vectors. */
MFC_WIDE static double apart(size_t n, const double *a, const double *b, bool squared)
{
	double lane[8] = { 0 }, sum = 0;
	size_t whole = n / 8 * 8;
	for (size_t i = 0; i < whole; i += 8)
		for (size_t l = 0; l < 8; l++) {
			double d = fabs(a[i + l] - b[i + l]);
			lane[l] += squared ? d * d : d;
		}
	for (size_t i = whole; i < n; i++)
		sum += squared ? pow(a[i] - b[i], 2) : fabs(a[i] - b[i]);
	for (size_t l = 0; l < 8; l++)
		sum += lane[l];
	return sum;
}

/* n m times the EMD of sorted numbers, n there and m here: where the two quantile functions step differs. */
static double apart_unequal(size_t n, const double *a, size_t m, const double *b, bool squared)
{
	double sum = 0;
	size_t at = 0;   /* of the n m equal parts */
	while (at < n * m) {
		size_t i = at / m, j = at / n, next = (i + 1) * m < (j + 1) * n ? (i + 1) * m : (j + 1) * n;
		double d = fabs(a[i] - b[j]);
		sum += (squared ? d * d : d) * (double)(next - at);
		at = next;
	}
	return sum;
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
		most = fmax(most, n == m ? apart(n, p, q, squared) / (double)n : apart_unequal(n, p, m, q, squared) / (double)n / (double)m);
		if (dim <= MFC_BOUND_SLICES && s < dim)   /* the axes */
			centroids += pow(mean(n, p) - mean(m, q), 2);
	}
	return fmax(most, squared ? centroids : sqrt(centroids));
}
