#include "metric/signature.h"
#include "rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

double mfc_signature_quantile(size_t n, double *x, double q)
{
	for (size_t i = 0; i < n; i++)
		if (isnan(x[i]))
			return NAN;
	qsort(x, n, sizeof *x, ascending);
	double at = q * (double)(n - 1);
	size_t i = (size_t)at;
	return i + 1 < n ? x[i] + (at - (double)i) * (x[i + 1] - x[i]) : x[n - 1];
}

struct mfc_signature mfc_signature_of_clouds(size_t r, double *reference, size_t g, double *generated, bool above)
{
	struct mfc_signature s = { .generated = mfc_signature_quantile(g, generated, 0.5) };
	double rank = MFC_SIGNATURE_CLOUDS * (double)(r + 1);   /* from the end, the last is 1 */
	double beyond = rank < 1 ? 0 : (rank - 1) / (double)(r - 1);
	s.threshold = mfc_signature_quantile(r, reference, above ? 1 - beyond : beyond);
	if (rank < 1)
		s.threshold += s.threshold - mfc_signature_quantile(r, reference, 0.5);
	return s;
}

/* Share of the r clouds `of` that are the nearest of some of the g clouds `by`, rows and columns of the matrix. */
static double coverage(size_t total, const double *distance, size_t r, const size_t *of, size_t g, const size_t *by, bool *covered)
{
	size_t count = 0;
	memset(covered, 0, r * sizeof *covered);
	for (size_t j = 0; j < g; j++) {
		const double *row = distance + by[j] * total;
		size_t nearest = 0;
		for (size_t i = 1; i < r; i++)
			if (row[of[i]] < row[of[nearest]])
				nearest = i;
		count += !covered[nearest];
		covered[nearest] = true;
	}
	return (double)count / (double)r;
}

int mfc_signature_coverage(size_t r, size_t g, const double *distance, uint64_t seed, struct mfc_signature *out, struct mfc_error *err)
{
	struct mfc_rng rng = mfc_rng_make(seed, MFC_RNG_SPLIT, 0, 0);
	size_t *index = malloc((r + g) * sizeof *index);
	double *value = malloc(MFC_SIGNATURE_SPLITS * sizeof *value);
	bool *covered = malloc(r * sizeof *covered);
	int status = index && value && covered ? 0 : mfc_error_memory(err);
	for (size_t i = 0; status == 0 && i < r + g; i++)
		index[i] = i;
	if (status == 0)
		out->generated = coverage(r + g, distance, r, index, g, index + r, covered);
	for (size_t k = 0; status == 0 && k < MFC_SIGNATURE_SPLITS; k++) {
		mfc_rng_choose(&rng, r + g, r + g, index);
		value[k] = coverage(r + g, distance, r, index, g, index + r, covered);
	}
	if (status == 0)
		out->threshold = mfc_signature_quantile(MFC_SIGNATURE_SPLITS, value, MFC_SIGNATURE_LEVEL);
	free(index);
	free(value);
	free(covered);
	return status;
}

/* A cloud's mean and variance within, of the reference ones and then the generated ones, to the next place of `to`. */
static void put(const struct mfc_correlation *reference, const struct mfc_correlation *generated, size_t i, struct mfc_correlation *to)
{
	const struct mfc_correlation *from = i < reference->clouds ? reference : generated;
	i -= from == generated ? reference->clouds : 0;
	memcpy(to->mean + to->clouds * to->dim, from->mean + i * to->dim, to->dim * sizeof *to->mean);
	to->within[to->clouds++] = from->within[i];
}

int mfc_signature_correlation(const struct mfc_correlation *reference, const struct mfc_correlation *generated, uint64_t seed, struct mfc_signature *out,
    struct mfc_error *err)
{
	struct mfc_rng rng = mfc_rng_make(seed, MFC_RNG_SPLIT, 0, 1);
	size_t r = reference->clouds, g = generated->clouds;
	struct mfc_correlation some = { .n = generated->n, .dim = generated->dim, .mean = malloc(g * generated->dim * sizeof *some.mean),
		.within = malloc(g * sizeof *some.within) };
	size_t *index = malloc((r + g) * sizeof *index);
	double *value = malloc(MFC_SIGNATURE_SPLITS * sizeof *value), error;
	int status = some.mean && some.within && index && value ? mfc_correlation_estimate(generated, &out->generated, &error, err) : mfc_error_memory(err);
	for (size_t k = 0; status == 0 && k < MFC_SIGNATURE_SPLITS; k++) {
		mfc_rng_choose(&rng, r + g, g, index);
		some.clouds = 0;
		while (some.clouds < g)
			put(reference, generated, index[some.clouds], &some);
		status = mfc_correlation_estimate(&some, &value[k], &error, err);
	}
	if (status == 0)
		out->threshold = mfc_signature_quantile(MFC_SIGNATURE_SPLITS, value, 1 - MFC_SIGNATURE_LEVEL);
	mfc_correlation_clear(&some);
	free(index);
	free(value);
	return status;
}
