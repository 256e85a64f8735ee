#include "metric/correlation.h"

#include <math.h>
#include <stdlib.h>

/* Room for one cloud more; it doubles. */
static int grow(struct mfc_correlation *c, struct mfc_error *err)
{
	if (c->clouds & (c->clouds - 1))
		return 0;
	size_t room = c->clouds ? 2 * c->clouds : 1;
	double *mean = reallocarray(c->mean, room, c->dim * sizeof *mean);
	c->mean = mean ? mean : c->mean;
	double *within = reallocarray(c->within, room, sizeof *within);
	c->within = within ? within : c->within;
	return mean && within ? 0 : mfc_error_memory(err);
}

int mfc_correlation_add(struct mfc_correlation *c, size_t n, size_t dim, const float *x, struct mfc_error *err)
{
	if (n < 2)
		return mfc_error_set(err, "%zu particles are no two", n);
	if (c->clouds && (n != c->n || dim != c->dim))
		return mfc_error_set(err, "%zu particles of %zu coordinates where others have %zu of %zu", n, dim, c->n, c->dim);
	c->n = n;
	c->dim = dim;
	if (grow(c, err))
		return -1;
	double *mean = c->mean + c->clouds * dim, square = 0;
	for (size_t j = 0; j < dim; j++) {
		double sum = 0;
		for (size_t i = j; i < n * dim; i += dim)
			sum += x[i];
		mean[j] = sum / (double)n;
		for (size_t i = j; i < n * dim; i += dim)
			square += (x[i] - mean[j]) * (x[i] - mean[j]);
	}
	c->within[c->clouds++] = square / (double)(n - 1);
	return 0;
}

/* Of sums of squares of the means about their mean, and of the variances within, of k clouds. */
static double ratio(double between, double within, double k, double n)
{
	double s2 = between / (k - 1), w = within / k;
	return (s2 - w / n) / (s2 + (1 - 1 / n) * w);
}

/* The sum of (m_k - mean)² over all clouds, and in away (clouds) that of each. */
static double deviations(const struct mfc_correlation *c, double *away)
{
	double between = 0;
	for (size_t j = 0; j < c->dim; j++) {
		double centre = 0;
		for (size_t k = 0; k < c->clouds; k++)
			centre += c->mean[k * c->dim + j] / (double)c->clouds;
		for (size_t k = 0; k < c->clouds; k++) {
			double d = c->mean[k * c->dim + j] - centre;
			between += d * d;
			away[k] += d * d;
		}
	}
	return between;
}

/* Without cloud k the means' sum of squares about their mean is less by |m_k - mean|² K/(K - 1). */
static double jackknife(const struct mfc_correlation *c, double between, double within, const double *away)
{
	double K = (double)c->clouds, sum = 0, square = 0, all = ratio(between, within, K, (double)c->n);
	for (size_t k = 0; k < c->clouds; k++) {
		double change = ratio(fmax(0, between - away[k] * K / (K - 1)), within - c->within[k], K - 1, (double)c->n) - all;
		sum += change;
		square += change * change;
	}
	double variance = square - sum * sum / K;
	return sqrt((K - 1) / K * (variance < 0 ? 0 : variance));   /* rounding; a NAN stays one */
}

int mfc_correlation_estimate(const struct mfc_correlation *c, double *correlation, double *error, struct mfc_error *err)
{
	*correlation = *error = NAN;
	if (c->clouds < 2)
		return 0;
	double *away = calloc(c->clouds, sizeof *away), within = 0;
	if (!away)
		return mfc_error_memory(err);
	double between = deviations(c, away);
	for (size_t k = 0; k < c->clouds; k++)
		within += c->within[k];
	*correlation = ratio(between, within, (double)c->clouds, (double)c->n);
	if (c->clouds > 2)
		*error = jackknife(c, between, within, away);
	free(away);
	return 0;
}

void mfc_correlation_clear(struct mfc_correlation *c)
{
	free(c->mean);
	free(c->within);
	*c = (struct mfc_correlation){ 0 };
}
