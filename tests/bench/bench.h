/* What the benchmarks in C share: the time of a call, and the rate of a large product beside which it is seen. */
#ifndef BENCH_H
#define BENCH_H

#include "linalg.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#define MAX_SAMPLES 4096
#define SHORTEST 1e-3   /* seconds: calls that take less are timed several at once */

struct timing { double best, median; };   /* seconds a call; NAN when a call failed */

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Seconds that `calls` of them take; NAN when one fails. */
static double stretch(bool (*call)(void *), void *context, size_t calls)
{
	double start = now();
	for (size_t i = 0; i < calls; i++)
		if (!call(context))
			return NAN;
	return now() - start;
}

/* Call once to warm up, then at least three times and until the seconds have passed. */
static struct timing measure(double seconds, bool (*call)(void *), void *context)
{
	static double sample[MAX_SAMPLES];
	double first = stretch(call, context, 1), end = now() + seconds;
	if (isnan(first))
		return (struct timing){ NAN, NAN };
	size_t count = 0, calls = first < SHORTEST ? (size_t)ceil(SHORTEST / fmax(first, 1e-8)) : 1;
	while (count < 3 || (count < MAX_SAMPLES && now() < end)) {
		sample[count] = stretch(call, context, calls) / (double)calls;
		if (isnan(sample[count++]))
			return (struct timing){ NAN, NAN };
	}
	qsort(sample, count, sizeof *sample, rising);
	return (struct timing){ sample[0], count % 2 ? sample[count / 2] : (sample[count / 2 - 1] + sample[count / 2]) / 2 };
}

#define PEAK_SIZE 1024

static bool peak_product(void *context)
{
	enum { N = PEAK_SIZE };
	float *a = context;
	mfc_sgemm(false, false, N, N, N, 1, a, N, a + N * N, N, 0, a + 2 * N * N, N);
	return true;
}

/* Raise *best to the highest rate of a 1,024³ product of OpenBLAS' on one thread within the seconds, in FLOP/s. Called again between
 * measurements, so that the peak is of the same time as they are and not of one disturbed moment. */
static void peak(double seconds, double *best)
{
	static float a[3 * PEAK_SIZE * PEAK_SIZE];
	for (size_t i = 0; i < sizeof a / sizeof *a; i++)
		a[i] = (float)(i % 17) / 17;
	*best = fmax(*best, 2 * pow(PEAK_SIZE, 3) / measure(seconds, peak_product, a).best);
}

#endif
