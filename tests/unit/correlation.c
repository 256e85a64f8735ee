/* The correlation of two particles, against pairs and jackknife done by hand, and against what is known of clouds that share a shift. */
#include "check.h"
#include "metric/correlation.h"
#include "rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { D = 2 };

/* Clouds whose particles share a shift of variance rho beside a variance 1 - rho of their own: x (clouds, n, D). */
static float *shifted(size_t clouds, size_t n, double rho, size_t key)
{
	float *x = malloc(clouds * n * D * sizeof *x), shift[D];
	for (size_t k = 0; k < clouds; k++) {
		struct mfc_rng rng = mfc_rng_make(3, MFC_RNG_TEST, k, key);
		float *cloud = x + k * n * D;
		mfc_rng_normals(&rng, 0, n * D, cloud);
		mfc_rng_normals(&rng, n * D, D, shift);
		for (size_t i = 0; i < n * D; i++)
			cloud[i] = (float)(5 + sqrt(rho) * shift[i % D] + sqrt(1 - rho) * cloud[i]);
	}
	return x;
}

static void estimate(const float *x, size_t clouds, size_t n, size_t without, double *value, double *error)
{
	struct mfc_error err;
	struct mfc_correlation c = { 0 };
	for (size_t k = 0; k < clouds; k++)
		if (k != without && mfc_correlation_add(&c, n, D, x + k * n * D, &err))
			check(0, "%s", err.message);
	if (mfc_correlation_estimate(&c, value, error, &err))
		check(0, "%s", err.message);
	mfc_correlation_clear(&c);
}

/* All pairs within clouds, and all pairs of different clouds for the square of the mean: both unbiased, no moment of the estimator in between. */
static double by_pairs(const float *x, size_t clouds, size_t n)
{
	double square = 0, within = 0, across = 0;
	for (size_t a = 0; a < clouds * n; a++)
		for (size_t b = 0; b < clouds * n; b++) {
			double product = x[a * D] * (double)x[b * D] + x[a * D + 1] * (double)x[b * D + 1];
			if (a == b)
				square += product / (double)(clouds * n);
			else if (a / n == b / n)
				within += product / (double)(clouds * n * (n - 1));
			else
				across += product / (double)(clouds * n * (clouds - 1) * n);
		}
	return (within - across) / (square - across);
}

static void twins(void)
{
	enum { CLOUDS = 9, N = 5 };
	float *x = shifted(CLOUDS, N, 0.3, 1);
	double value, error, left[CLOUDS], none, mean = 0, variance = 0;
	estimate(x, CLOUDS, N, CLOUDS, &value, &error);
	check(fabs(value - by_pairs(x, CLOUDS, N)) < 1e-9, "it is that of all pairs: %.9f", value);
	for (size_t k = 0; k < CLOUDS; k++) {
		estimate(x, CLOUDS, N, k, &left[k], &none);
		mean += left[k] / CLOUDS;
	}
	for (size_t k = 0; k < CLOUDS; k++)
		variance += (left[k] - mean) * (left[k] - mean) * (CLOUDS - 1) / CLOUDS;
	check(fabs(error / sqrt(variance) - 1) < 1e-9, "and its error that of leaving each cloud out: %.9f", error);
	free(x);
}

/* Over many sets the mean is right, and errors are as large as they are said to be. */
static void known(double rho, size_t n)
{
	enum { SETS = 400, CLOUDS = 60 };
	double sum = 0, square = 0, said = 0, value, error;
	for (size_t s = 0; s < SETS; s++) {
		float *x = shifted(CLOUDS, n, rho, s + 10);
		estimate(x, CLOUDS, n, CLOUDS, &value, &error);
		free(x);
		sum += value - rho;
		square += (value - rho) * (value - rho);
		said += error * error;
	}
	double spread = sqrt(square / SETS), bias = sum / SETS;
	check(fabs(bias) < 5 * spread / sqrt(SETS), "correlation %g among %zu: off by %.1e on average, by %.1e each time", rho, n, bias, spread);
	check(fabs(sqrt(said / SETS) / spread - 1) < 0.15, "which is %.1e by its errors", sqrt(said / SETS));
}

static void edges(void)
{
	struct mfc_error err = { 0 };
	struct mfc_correlation c = { 0 };
	float *x = shifted(3, 4, 0.5, 5), same[8] = { 0 };
	double value, error;
	check(mfc_correlation_add(&c, 1, D, x, &err) == -1, "%s", err.message);
	estimate(x, 1, 4, 1, &value, &error);
	check(isnan(value) && isnan(error), "nothing of one cloud");
	estimate(x, 2, 4, 2, &value, &error);
	check(isfinite(value) && isnan(error), "no error of two");
	mfc_correlation_add(&c, 4, D, x, &err);
	check(mfc_correlation_add(&c, 3, D, x, &err) == -1, "%s", err.message);
	mfc_correlation_clear(&c);
	for (size_t k = 0; k < 3; k++) {
		for (size_t i = 0; i < 8; i++)
			same[i] = (float)k;
		check(mfc_correlation_add(&c, 4, D, same, &err) == 0, "a cloud at one place");
	}
	mfc_correlation_estimate(&c, &value, &error, &err);
	check(value == 1 && error == 0, "particles that are all at their cloud's place: %g", value);
	mfc_correlation_clear(&c);
	for (size_t k = 0; k < 3; k++)
		mfc_correlation_add(&c, 4, D, same, &err);
	mfc_correlation_estimate(&c, &value, &error, &err);
	check(isnan(value) && isnan(error), "nothing of clouds that are all at one place: %g, %g", value, error);
	mfc_correlation_clear(&c);
	free(x);
}

int main(void)
{
	twins();
	known(0, 50);
	known(0.02, 200);
	known(0.5, 4);
	edges();
	return done();
}
