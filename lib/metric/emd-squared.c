#include "metric/emd-squared.h"

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
static double scale_of(size_t n, size_t dim, const float *x, const float *y)
{
	double most = 0;
	int exponent;
	for (size_t i = 0; i < n; i++)
		most = fmax(most, fmax(square(dim, x, x + i * dim), square(dim, x, y + i * dim)));
	frexp(sqrt(most), &exponent);
	return most > 0 ? ldexp(1, -exponent) : 1;
}

int mfc_emd_squared(struct mfc_assign *work, size_t n, size_t dim, const float *x, const float *y, double limit, double *out,
    struct mfc_error *err)
{
	double sum = 0;
	if (mfc_assign_room(work, n, err))
		return -1;
	double scale = scale_of(n, dim, x, y), scale2 = scale * scale;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			work->cost[i * work->stride + j] = (float)(scale2 * square(dim, x + i * dim, y + j * dim));
	*out = INFINITY;
	/* the margin is wider than the rounding of the costs */
	if (!mfc_assign_solve(work, limit * (1 + 1e-6) * scale2 * (double)n))
		return 0;
	for (size_t i = 0; i < n; i++)
		sum += square(dim, x + i * dim, y + (size_t)work->column[i] * dim);
	*out = sum / (double)n;
	return 0;
}
