#include "metric/spacing.h"
#include "neighbors.h"
#include "parallel.h"

#include <math.h>
#include <stdlib.h>

#define MOST 65   /* the 64th neighbour, and the point itself */

const size_t mfc_spacing_rank[MFC_SPACING_RANKS] = { 1, 8, 64 };

struct search {
	const struct mfc_neighbors *tree;
	size_t n, d, threads;
	const float *points;
	float *distance;   /* (ranks, n) */
};

/* The k-th neighbour of a point is the (k + 1)-th nearest to it, itself among them or one at its place. */
static void search(void *context, size_t thread)
{
	const struct search *s = context;
	const size_t *order = mfc_neighbors_leaves(s->tree);
	size_t from, to, index[MOST];
	double distance2[MOST];
	mfc_parallel_share(s->n, s->threads, thread, &from, &to);
	for (size_t k = from; k < to; k++) {
		size_t i = order[k];
		size_t found = mfc_neighbors_nearest_k(s->tree, s->points + i * s->d, MOST, index, distance2);
		for (size_t r = 0; r < MFC_SPACING_RANKS; r++)
			s->distance[r * s->n + i] = mfc_spacing_rank[r] < found ? (float)sqrt(distance2[mfc_spacing_rank[r]]) : NAN;
	}
}

static int by_value(const void *a, const void *b)
{
	const float *p = a, *q = b;
	return (*p > *q) - (*p < *q);
}

static void moments(size_t n, const float *x, double *mean, double *deviation)
{
	double sum = 0, square = 0;
	for (size_t i = 0; i < n; i++)
		sum += x[i];
	*mean = sum / (double)n;
	for (size_t i = 0; i < n; i++)
		square += (x[i] - *mean) * (x[i] - *mean);
	*deviation = sqrt(square / (double)n);
}

/* Of sorted distances. */
static double near_duplicates(size_t n, const float *nearest)
{
	float near = 0.1f * nearest[n / 2];
	size_t count = 0;
	while (count < n && nearest[count] <= near)
		count++;
	return (double)count / (double)n;
}

int mfc_spacing_measure(size_t n, size_t d, const float *points, size_t threads, struct mfc_spacing *out, struct mfc_error *err)
{
	struct mfc_neighbors *tree;
	if (n < 2)
		return mfc_error_set(err, "%zu points have no neighbours", n);
	if (mfc_neighbors_build(&tree, n, d, points, err))
		return -1;
	struct search s = { tree, n, d, threads, points, calloc(n, MFC_SPACING_RANKS * sizeof(float)) };
	if (!s.distance) {
		mfc_neighbors_free(tree);
		return mfc_error_memory(err);
	}
	mfc_parallel(threads, search, &s);
	for (size_t r = 0; r < MFC_SPACING_RANKS; r++) {
		double mean, deviation;
		moments(n, s.distance + r * n, &mean, &deviation);
		out->variation[r] = deviation / mean;
		if (r == 0)
			out->nearest = mean;
	}
	qsort(s.distance, n, sizeof *s.distance, by_value);
	out->duplicates = near_duplicates(n, s.distance);
	free(s.distance);
	mfc_neighbors_free(tree);
	return 0;
}
