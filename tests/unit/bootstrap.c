/* lib/metric/bootstrap against a twin that writes every sample out, copies and all, and looks at each pair. */
#include "check.h"

#include "metric/bootstrap.h"
#include "rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 24, REPLICATES = 50 };

static void sample(size_t replicate, size_t side, size_t count, size_t first, size_t *which)
{
	struct mfc_rng rng = mfc_rng_make(7, MFC_RNG_BOOTSTRAP, replicate, side);
	for (size_t i = 0; i < count; i++)
		which[i] = first + (size_t)mfc_rng_below(&rng, count);
}

/* Of members i and j of a sample (s[0 … r) reference): the nearest to i that is no copy of it, the first in the stack where several are. */
static size_t nearest(size_t total, const double *d, const size_t *s, size_t i, size_t from, size_t to)
{
	size_t best = SIZE_MAX;
	for (size_t j = from; j < to; j++) {
		if (s[j] == s[i])
			continue;
		double a = d[s[i] * total + s[j]], b = best == SIZE_MAX ? INFINITY : d[s[i] * total + s[best]];
		if (a < b || (a == b && s[j] < s[best]))
			best = j;
	}
	return best;
}

static void metrics(size_t r, size_t g, const double *d, const size_t *s, double out[3])
{
	size_t total = r + g, right = 0, covered = 0;
	out[0] = 0;
	for (size_t i = 0; i < total; i++)
		right += (nearest(total, d, s, i, 0, total) < r) == (i < r);
	for (size_t i = 0; i < r; i++) {
		out[0] += d[s[i] * total + s[nearest(total, d, s, i, r, total)]] / (double)r;
		bool hit = false;
		for (size_t j = r; j < total; j++)
			hit = hit || s[nearest(total, d, s, j, 0, r)] == s[i];
		covered += hit;
	}
	out[1] = (double)covered / (double)r;
	out[2] = (double)right / (double)total;
}

static double deviation(const double *x, size_t stride)
{
	double mean = 0, square = 0;
	for (size_t i = 0; i < REPLICATES; i++)
		mean += x[i * stride] / REPLICATES;
	for (size_t i = 0; i < REPLICATES; i++)
		square += pow(x[i * stride] - mean, 2);
	return sqrt(square / (REPLICATES - 1));
}

static bool near(double a, double b)
{
	return fabs(a - b) <= 1e-12 * fabs(b) + 1e-13;
}

/* Clouds on a line, rounded so that many are equally near. */
static void sets(size_t r, size_t g, double shift)
{
	double at[MOST], d[MOST * MOST], value[REPLICATES][3];
	size_t total = r + g, s[MOST];
	float x[MOST];
	struct mfc_set_metrics error, threads;
	struct mfc_rng rng = mfc_rng_make(3, MFC_RNG_TEST, r, g);
	mfc_rng_normals(&rng, 0, total, x);
	for (size_t i = 0; i < total; i++)
		at[i] = round(4 * (double)x[i]) / 4 + (i < r ? 0 : shift);
	for (size_t i = 0; i < total * total; i++)
		d[i] = fabs(at[i / total] - at[i % total]);
	for (size_t b = 0; b < REPLICATES; b++) {
		sample(b, 0, r, 0, s);
		sample(b, 1, g, r, s + r);
		metrics(r, g, d, s, value[b]);
	}
	check(mfc_bootstrap_sets(r, g, d, REPLICATES, 7, 1, &error, NULL) == 0, "%zu and %zu clouds", r, g);
	check(near(error.mmd, deviation(&value[0][0], 3)), "error of MMD %g as by samples written out", error.mmd);
	check(near(error.cov, deviation(&value[0][1], 3)), "error of COV %g", error.cov);
	check(near(error.nna, deviation(&value[0][2], 3)), "error of 1-NNA %g", error.nna);
	mfc_bootstrap_sets(r, g, d, REPLICATES, 7, 5, &threads, NULL);
	check(memcmp(&error, &threads, sizeof error) == 0, "the same bits on five threads");
}

static void jsd(size_t r, size_t g, size_t n)
{
	float x[MOST * 40 * 3];
	struct mfc_points stack[MOST];
	struct mfc_jsd *grid, *fresh;
	struct mfc_rng rng = mfc_rng_make(5, MFC_RNG_TEST, r, g);
	double value[REPLICATES], error, threads;
	size_t s[MOST];
	mfc_rng_normals(&rng, 0, (r + g) * n * 3, x);
	for (size_t i = 0; i < r + g; i++)
		stack[i] = (struct mfc_points){ .n = n, .dim = 3, .x = x + i * n * 3 };
	mfc_jsd_create(&grid, 3, NULL);
	for (size_t b = 0; b < REPLICATES; b++) {
		sample(b, 0, r, 0, s);
		sample(b, 1, g, r, s + r);
		mfc_jsd_create(&fresh, 3, NULL);
		for (size_t i = 0; i < r + g; i++)
			mfc_jsd_count(fresh, i < r, n, stack[s[i]].x, 0.1);
		value[b] = mfc_jsd_value(fresh);
		mfc_jsd_free(fresh);
	}
	check(mfc_bootstrap_jsd(grid, r, g, stack, 0.1, REPLICATES, 7, 1, &error, NULL) == 0, "%zu and %zu clouds of %zu points", r, g, n);
	check(near(error, deviation(value, 1)), "error of JSD %g as by samples counted anew", error);
	mfc_bootstrap_jsd(grid, r, g, stack, 0.1, REPLICATES, 7, 3, &threads, NULL);
	check(threads == error, "the same bits on three threads");
	mfc_jsd_free(grid);
}

int main(void)
{
	sets(12, 12, 0.5);
	sets(3, 9, 0);
	sets(9, 3, 0);
	sets(1, 1, 1);   /* nothing to draw: 0 */
	jsd(6, 6, 40);
	jsd(2, 9, 1);
	return done();
}
