#include "metric/uniformity.h"

#include "neighbors.h"
#include "parallel.h"
#include "wide.h"

#include <math.h>
#include <stdlib.h>

const double mfc_uniformity_share[MFC_UNIFORMITY_SHARES] = { 0.004, 0.012 };

struct balls {
	const struct mfc_neighbors *tree;
	size_t n, d, threads;
	const float *points;
	size_t places, *place;   /* (places) */
	size_t *count;           /* (places) points in each ball */
	double radius2;
	double begin;            /* squared radius to begin with: that at which the balls cover all points */
};

/* Lower far[i] to the squared distance from q to point i; the first of those that remain farthest. */
MFC_WIDE static size_t lower(size_t n, size_t d, const float *points, const double *q, double *far)
{
	size_t best = 0;
	for (size_t i = 0; i < n; i++) {
		double sum = 0;
		for (size_t k = 0; k < d; k++)
			sum += (points[i * d + k] - q[k]) * (points[i * d + k] - q[k]);
		far[i] = sum < far[i] ? sum : far[i];
		best = far[i] > far[best] ? i : best;
	}
	return best;
}

static int find_places(struct balls *b, struct mfc_error *err)
{
	double *far = calloc(b->n, sizeof *far), *q = calloc(b->d, sizeof *q);
	for (size_t i = 0; far && i < b->n; i++)
		far[i] = INFINITY;
	for (size_t i = 0; q && i < b->n * b->d; i++)
		q[i % b->d] += (double)b->points[i] / (double)b->n;
	size_t next = far && q ? lower(b->n, b->d, b->points, q, far) : 0;
	double extent = far && q ? 4 * far[next] : 0;
	for (size_t i = 0; far && i < b->n; i++)
		far[i] = INFINITY;
	for (size_t p = 0; far && q && p < b->places; p++) {
		b->place[p] = next;
		for (size_t k = 0; k < b->d; k++)
			q[k] = b->points[next * b->d + k];
		next = lower(b->n, b->d, b->points, q, far);
	}
	b->begin = far && q && far[next] > 0 ? far[next] : extent;
	int status = far && q ? 0 : mfc_error_memory(err);
	free(far);
	free(q);
	return status;
}

struct tally { size_t count; double radius2; };

/* The tree may round the radius: what counts is here. */
static void add(void *context, size_t index, double distance2)
{
	struct tally *t = context;
	(void)index;
	t->count += distance2 <= t->radius2;
}

static void count_share(void *context, size_t thread)
{
	struct balls *b = context;
	size_t from, to;
	mfc_parallel_share(b->places, b->threads, thread, &from, &to);
	for (size_t p = from; p < to; p++) {
		struct tally t = { 0, b->radius2 };
		mfc_neighbors_within(b->tree, b->points + b->place[p] * b->d, sqrt(b->radius2) * (1 + 1e-12), add, &t);
		b->count[p] = t.count;
	}
}

static size_t count(struct balls *b, double radius2)
{
	size_t total = 0;
	b->radius2 = radius2;
	mfc_parallel(b->threads, count_share, b);
	for (size_t p = 0; p < b->places; p++)
		total += b->count[p];
	return total;
}

/* Fill in the counts for the least radius at which there are `want` in all, of at most n · places. */
static void inflate(struct balls *b, size_t want)
{
	double low = 0, high = b->begin;
	size_t at = count(b, 0);
	if (at >= want)
		return;
	for (; (at = count(b, high)) < want; high *= 2)
		low = high;
	while (at > want) {
		double middle = low + (high - low) / 2;
		if (!(middle > low && middle < high))
			break;   /* several at once reach it */
		size_t now = count(b, middle);
		*(now < want ? &low : &high) = middle;
		at = now < want ? at : now;
	}
	count(b, high);
}

static double variation(const struct balls *b)
{
	double sum = 0, square = 0;
	for (size_t p = 0; p < b->places; p++)
		sum += (double)b->count[p];
	double mean = sum / (double)b->places;
	for (size_t p = 0; p < b->places; p++)
		square += ((double)b->count[p] - mean) * ((double)b->count[p] - mean);
	return sqrt(square / (double)b->places) / mean;
}

int mfc_uniformity_measure(size_t n, size_t d, const float *points, size_t threads, double out[MFC_UNIFORMITY_SHARES], struct mfc_error *err)
{
	struct mfc_neighbors *tree;
	if (mfc_neighbors_build(&tree, n, d, points, err))
		return -1;
	struct balls b = { .tree = tree, .n = n, .d = d, .threads = threads, .points = points, .places = n / 8 < 1 ? 1 : n / 8 > 256 ? 256 : n / 8 };
	b.place = calloc(b.places, sizeof *b.place);
	b.count = calloc(b.places, sizeof *b.count);
	int status = b.place && b.count ? find_places(&b, err) : mfc_error_memory(err);
	for (size_t s = 0; status == 0 && s < MFC_UNIFORMITY_SHARES; s++) {
		double each = mfc_uniformity_share[s] * (double)n;
		out[s] = NAN;
		if (each < 2)
			continue;
		inflate(&b, (size_t)ceil(each * (double)b.places));
		out[s] = b.radius2 > 0 ? variation(&b) : NAN;
	}
	free(b.place);
	free(b.count);
	mfc_neighbors_free(tree);
	return status;
}
