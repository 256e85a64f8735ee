#include "metric/emd.h"

#include "metric/wide.h"

#include <math.h>

static double distance(size_t dim, const float *x, const float *y)
{
	double sum = 0;
	for (size_t k = 0; k < dim; k++) {
		double d = (double)x[k] - (double)y[k];
		sum += d * d;
	}
	return sqrt(sum);
}

/* The power of two that brings the largest difference of coordinates near 1, so that squares neither overflow nor vanish. */
static double scale_of(size_t n, size_t dim, const float *x, const float *y)
{
	double most = 0;
	for (size_t k = 0; k < dim; k++) {
		double low = x[k], high = x[k];
		for (size_t i = 0; i < n; i++) {
			low = fmin(low, fmin((double)x[i * dim + k], (double)y[i * dim + k]));
			high = fmax(high, fmax((double)x[i * dim + k], (double)y[i * dim + k]));
		}
		most = fmax(most, high - low);
	}
	int exponent;
	frexp(most, &exponent);
	return most > 0 ? ldexp(1, -exponent) : 1;
}

/* cost (n, stride) = scale · |x_i - y_j|. A coordinate of y at a time, for it lies contiguously in `column` (n) then. */
MFC_WIDE static void fill(struct mfc_assign *a, size_t dim, const float *x, const float *y, double scale)
{
	size_t n = a->n;
	double *column = a->u;   /* free until the solver sets it */
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			a->cost[i * a->stride + j] = 0;
	for (size_t k = 0; k < dim; k++) {
		for (size_t j = 0; j < n; j++)
			column[j] = scale * (double)y[j * dim + k];
		for (size_t i = 0; i < n; i++) {
			double p = scale * (double)x[i * dim + k];
			float *row = a->cost + i * a->stride;
#pragma omp simd
			for (size_t j = 0; j < n; j++) {
				float d = (float)(p - column[j]);
				row[j] += d * d;
			}
		}
	}
	for (size_t i = 0; i < n; i++) {
		float *row = a->cost + i * a->stride;
#pragma omp simd
		for (size_t j = 0; j < n; j++)
			row[j] = sqrtf(row[j]);
	}
}

int mfc_emd(struct mfc_assign *work, size_t n, size_t dim, const float *x, const float *y, double limit, double *out,
    struct mfc_error *err)
{
	double sum = 0;
	if (mfc_assign_room(work, n, err))
		return -1;
	double scale = scale_of(n, dim, x, y);
	fill(work, dim, x, y, scale);
	*out = INFINITY;
	/* the margin is wider than the rounding of the costs */
	if (!mfc_assign_solve(work, limit * (1 + 1e-6) * scale * (double)n))
		return 0;
	for (size_t i = 0; i < n; i++)
		sum += distance(dim, x + i * dim, y + (size_t)work->column[i] * dim);
	*out = sum / (double)n;
	return 0;
}
