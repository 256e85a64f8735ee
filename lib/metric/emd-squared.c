#include "metric/emd-squared.h"

#include "metric/assign.h"
#include "wide.h"

#include <math.h>

static double square(size_t dim, const float *x, const float *y)
{
	double sum = 0;
	for (size_t k = 0; k < dim; k++) {
		double d = (double)x[k] - (double)y[k];
		sum += d * d;
	}
	return sum;
}

/* The power of two that brings the largest distance from the first point near 1, so that squares neither overflow nor vanish as float. */
static double scale_of(const struct mfc_points *x, const struct mfc_points *y)
{
	double most = 0;
	int exponent;
	for (size_t i = 0; i < x->n; i++)
		most = fmax(most, fmax(square(x->dim, x->x, x->x + i * x->dim), square(x->dim, x->x, y->x + i * x->dim)));
	frexp(sqrt(most), &exponent);
	return most > 0 ? ldexp(1, -exponent) : 1;
}

/* cost (n, stride) = |scale (x_i - y_j)|². A coordinate of y at a time, for it lies contiguously in `column` (n) then. */
MFC_WIDE static void fill(struct mfc_assign *a, const struct mfc_points *x, const struct mfc_points *y, double scale)
{
	size_t n = x->n, dim = x->dim;
	double *column = a->v;   /* free until the solver sets it */
	for (size_t k = 0; k < dim; k++) {
		for (size_t j = 0; j < n; j++)
			column[j] = scale * (double)y->x[j * dim + k];
		for (size_t i = 0; i < n; i++) {
			double p = scale * (double)x->x[i * dim + k];
			float *row = a->cost + i * a->stride;
#pragma omp simd
			for (size_t j = 0; j < n; j++) {
				float d = (float)(p - column[j]);
				row[j] = (k ? row[j] : 0) + d * d;
			}
		}
	}
}

int mfc_emd_squared(const struct mfc_points *x, const struct mfc_points *y, double *out, struct mfc_error *err)
{
	struct mfc_assign work = { 0 };
	double sum = 0;
	if (x->n != y->n)
		return mfc_error_set(err, "clouds of %zu and %zu points have no bijection", x->n, y->n);
	if (mfc_assign_room(&work, x->n, err)) {
		mfc_assign_clear(&work);
		return -1;
	}
	fill(&work, x, y, scale_of(x, y));
	mfc_assign_solve(&work, INFINITY);
	for (size_t i = 0; i < x->n; i++)
		sum += square(x->dim, x->x + i * x->dim, y->x + (size_t)work.column[i] * x->dim);
	*out = sum / (double)x->n;
	mfc_assign_clear(&work);
	return 0;
}
