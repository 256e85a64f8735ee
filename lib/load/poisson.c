#include "load/poisson.h"
#include "neighbors.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define PROBES 2048   /* points whose neighbourhoods tell how crowded it is */
#define CROWD 128     /* neighbours on average that are borne; on a surface that does not cover itself there are 18 */

struct link { uint32_t to; float weight; };

/* Points in a binary heap, the heaviest at its top. */
struct elimination {
	struct mfc_neighbors *tree;
	double reach;              /* 2 r_max: who is farther does not count */
	double near;               /* 2 r_min: who is nearer counts as if this far */
	size_t count, alive;
	double *weight;            /* (count) */
	size_t *heap, *where;      /* (count) point at a place, place of a point */
	size_t *first;             /* (count + 1) where the links of a point begin in link */
	struct link *link;         /* (links), room for `room` */
	size_t links, room, self;  /* self: whose neighbours are visited */
	bool failed;               /* for want of memory */
	bool crowded;              /* there are more links than should be */
};

static double weigh(const struct elimination *e, double distance2)
{
	double d = fmax(sqrt(distance2), e->near), w = d < e->reach ? 1 - d / e->reach : 0;
	w *= w;
	w *= w;
	return w * w;
}

static bool before(const struct elimination *e, size_t a, size_t b)
{
	return e->weight[a] > e->weight[b] || (e->weight[a] == e->weight[b] && a < b);
}

static void place(struct elimination *e, size_t at, size_t point)
{
	e->heap[at] = point;
	e->where[point] = at;
}

/* Let `point`, which is at `at` or to be put there, sink to where nothing below goes before it. */
static void sink(struct elimination *e, size_t at, size_t point)
{
	for (size_t child; (child = 2 * at + 1) < e->alive; at = child) {
		if (child + 1 < e->alive && before(e, e->heap[child + 1], e->heap[child]))
			child++;
		if (!before(e, e->heap[child], point))
			break;
		place(e, at, e->heap[child]);
	}
	place(e, at, point);
}

static void meet(void *context, size_t index, double distance2)
{
	struct elimination *e = context;
	float weight = (float)weigh(e, distance2);
	if (index == e->self || weight == 0 || e->failed || e->crowded)
		return;
	if (e->links >= 2 * CROWD * e->count) {
		e->crowded = true;
		return;
	}
	if (e->links == e->room) {
		size_t room = e->room ? 2 * e->room : 32 * e->count;
		struct link *more = realloc(e->link, room * sizeof *more);
		e->failed = !more;
		if (!more)
			return;
		e->link = more;
		e->room = room;
	}
	e->link[e->links++] = (struct link){ (uint32_t)index, weight };
	e->weight[e->self] += weight;
}

static void count_one(void *context, size_t index, double distance2)
{
	(void)index;
	(void)distance2;
	++*(size_t *)context;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* 2 r_max by the points alone. In the densest packing of a surface a disc of this radius has π/(2√3) · 4 times the area of a point that is kept,
 * and so that many of the candidates for one. Half of some points have as many neighbours nearer, half farther; where fewer were looked
 * for, their number grows with the square of the distance. */
static double reach_of(const struct mfc_neighbors *tree, size_t count, size_t dim, const float *x, size_t n)
{
	enum { SOME = 256, MOST = 18 };
	double d[MOST + 1], reach[SOME], wanted = 2 * M_PI / sqrt(3) * (double)count / (double)n;
	size_t some = count < SOME ? count : SOME, index[MOST + 1], k = wanted < MOST ? (size_t)(wanted + 0.5) : MOST;
	for (size_t i = 0; i < some; i++) {
		size_t found = mfc_neighbors_nearest_k(tree, x + count / some * i * dim, k + 1, index, d) - 1;   /* without the point itself */
		reach[i] = found ? sqrt(d[found] * wanted / (double)found) : 0;
	}
	qsort(reach, some, sizeof *reach, by_size);
	return reach[some / 2];
}

/* Halve the reach until the neighbourhoods are small; where points coincide they never are, and none is seen. */
static double bounded(const struct mfc_neighbors *tree, size_t count, size_t dim, const float *x, double reach)
{
	size_t probes = count < PROBES ? count : PROBES;
	for (int i = 0; i < 24; i++, reach /= 2) {
		size_t found = 0;
		for (size_t k = 0; k < probes && found <= CROWD * probes; k++)
			mfc_neighbors_within(tree, x + count / probes * k * dim, reach, count_one, &found);
		if (found <= CROWD * probes)
			return reach;
	}
	return 0;
}

/* Who sees whom, and the weight of each. */
static void weigh_all(struct elimination *e, size_t dim, const float *x)
{
	e->links = 0;
	e->crowded = false;
	for (size_t i = 0; i < e->count && !e->failed && !e->crowded; i++) {
		e->self = i;
		e->weight[i] = 0;
		e->first[i] = e->links;
		if (e->reach > 0)
			mfc_neighbors_within(e->tree, x + i * dim, e->reach, meet, e);
	}
	e->first[e->count] = e->links;
}

static void eliminate(struct elimination *e, size_t n)
{
	e->alive = e->count;
	for (size_t i = 0; i < e->count; i++)
		place(e, i, i);
	for (size_t i = e->count / 2; i-- > 0;)
		sink(e, i, e->heap[i]);
	while (e->alive > n) {
		size_t gone = e->heap[0], last = e->heap[--e->alive];
		e->where[gone] = e->count;
		if (e->alive > 0)
			sink(e, 0, last);
		for (size_t k = e->first[gone]; k < e->first[gone + 1]; k++) {
			size_t to = e->link[k].to;
			if (e->where[to] >= e->alive)
				continue;
			e->weight[to] -= e->link[k].weight;
			sink(e, e->where[to], to);
		}
	}
}

int mfc_poisson_thin(size_t count, size_t dim, const float *x, size_t n, double area, size_t *kept, struct mfc_error *err)
{
	struct elimination e = { .count = count };
	if (n == 0)
		return 0;
	if (count > UINT32_MAX)
		return mfc_error_memory(err);
	if (mfc_neighbors_build(&e.tree, count, dim, x, err))
		return -1;
	e.weight = malloc(count * sizeof *e.weight);
	e.heap = malloc(count * sizeof *e.heap);
	e.where = malloc(count * sizeof *e.where);
	e.first = malloc((count + 1) * sizeof *e.first);
	int status = e.weight && e.heap && e.where && e.first ? 0 : mfc_error_memory(err);
	/* The area says too much where a surface covers itself: doubled faces, plates thinner than the points are apart. */
	double by_area = 2 * sqrt(area / (2 * sqrt(3) * (double)n)), by_points = reach_of(e.tree, count, dim, x, n);
	e.reach = bounded(e.tree, count, dim, x, area > 0 && by_points > 0.85 * by_area ? by_area : by_points);
	e.near = e.reach * 0.65 * (1 - pow((double)n / (double)count, 1.5));
	if (status == 0)
		weigh_all(&e, dim, x);
	/* A crowd that the probes did not meet. */
	for (int halvings = 0; status == 0 && e.crowded; halvings++) {
		e.reach = halvings < 24 ? e.reach / 2 : 0;
		e.near /= 2;
		weigh_all(&e, dim, x);
	}
	if (status == 0 && e.failed)
		status = mfc_error_memory(err);
	if (status == 0) {
		eliminate(&e, n);
		for (size_t i = 0, k = 0; i < count; i++)
			if (e.where[i] < n)
				kept[k++] = i;
	}
	mfc_neighbors_free(e.tree);
	free(e.weight);
	free(e.heap);
	free(e.where);
	free(e.first);
	free(e.link);
	return status;
}
