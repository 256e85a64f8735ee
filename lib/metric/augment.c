#include "metric/augment.h"
#include "wide.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The candidates of a row are those columns with cost[j] - v[j] below its threshold when they were listed. As prices only
 * fall, every other column stays at or above it. So a path is sought through the candidates, and the rest of a row is
 * looked at only when the search gets as far as its threshold: the result is that of a search through whole rows. */
#define CANDIDATES 64

enum { UNSEEN = -1, DONE = -2 };   /* of place; otherwise where it is in the heap */

struct mfc_augment {
	/* of rows, kept from path to path */
	int32_t *column;       /* (n, CANDIDATES) */
	float *cost;           /* (n, CANDIDATES) */
	int32_t *count;        /* (n) */
	uint64_t *listed;      /* (n) the path in which the candidates were listed, 0: never */
	double *threshold;     /* (n) */
	double spread;         /* how far above u a row lists: adapts to hold about as many as there is room for */
	uint64_t path;         /* paths since the beginning */
	/* of one path */
	double *distance;      /* (n) of columns, infinite where not reached */
	double *base;          /* (n) of rows that were reached: their distance less u */
	int32_t *from;         /* (n) the row a column was reached from */
	int32_t *done;         /* (n) columns whose distance is final */
	int32_t *touched;      /* (n) columns that were reached */
	double *key;           /* (2 n) of items: column j is item j, what is left of row i is item n + i */
	int32_t *heap, *place; /* (2 n) items in heap order; where each is */
	int32_t dones, touches, size;
	double limit;          /* distance of the nearest free column so far */
	double *reduced;       /* (stride) cost - v of a row */
	int32_t *list;         /* (n) columns */
};

void mfc_augment_free(struct mfc_augment *p)
{
	if (!p)
		return;
	void *part[] = { p->column, p->cost, p->count, p->listed, p->threshold, p->distance, p->base, p->from, p->done, p->touched, p->key,
		p->heap, p->place, p->reduced, p->list };
	for (size_t i = 0; i < sizeof part / sizeof *part; i++)
		free(part[i]);
	free(p);
}

int mfc_augment_create(struct mfc_augment **paths, size_t n, size_t stride, struct mfc_error *err)
{
	struct mfc_augment *p = *paths = calloc(1, sizeof *p);
	if (!p)
		return mfc_error_memory(err);
	p->column = calloc(n, CANDIDATES * sizeof *p->column);
	p->cost = calloc(n, CANDIDATES * sizeof *p->cost);
	p->count = calloc(n, sizeof *p->count);
	p->listed = calloc(n, sizeof *p->listed);
	p->threshold = calloc(n, sizeof *p->threshold);
	p->distance = calloc(n, sizeof *p->distance);
	p->base = calloc(n, sizeof *p->base);
	p->from = calloc(n, sizeof *p->from);
	p->done = calloc(n, sizeof *p->done);
	p->touched = calloc(n, sizeof *p->touched);
	p->key = calloc(n, 2 * sizeof *p->key);
	p->heap = calloc(n, 2 * sizeof *p->heap);
	p->place = calloc(n, 2 * sizeof *p->place);
	p->reduced = calloc(stride, sizeof *p->reduced);
	p->list = calloc(n + 1, sizeof *p->list);
	if (p->column && p->cost && p->count && p->listed && p->threshold && p->distance && p->base && p->from && p->done && p->touched &&
	    p->key && p->heap && p->place && p->reduced && p->list)
		return 0;
	mfc_augment_free(p);
	*paths = NULL;
	return mfc_error_memory(err);
}

void mfc_augment_begin(struct mfc_assign *a, double most)
{
	struct mfc_augment *p = a->paths;
	memset(p->listed, 0, a->n * sizeof *p->listed);
	p->path = 0;
	p->size = p->dones = p->touches = 0;
	p->spread = 0.01 * most;
	for (size_t i = 0; i < a->n; i++) {
		p->distance[i] = INFINITY;
		p->place[i] = p->place[a->n + i] = UNSEEN;
	}
}

static void heap_set(struct mfc_augment *p, int32_t at, int32_t item)
{
	p->heap[at] = item;
	p->place[item] = at;
}

/* Add an item, or move it up. */
static void heap_put(struct mfc_augment *p, int32_t item, double key)
{
	int32_t at = p->place[item] >= 0 ? p->place[item] : p->size++;
	p->key[item] = key;
	for (; at > 0 && p->key[p->heap[(at - 1) / 2]] > key; at = (at - 1) / 2)
		heap_set(p, at, p->heap[(at - 1) / 2]);
	heap_set(p, at, item);
}

/* Remove the item of the least key. */
static int32_t heap_take(struct mfc_augment *p)
{
	int32_t top = p->heap[0], last = p->heap[--p->size], at = 0, child;
	p->place[top] = UNSEEN;
	if (p->size == 0)
		return top;
	while ((child = 2 * at + 1) < p->size) {
		child += child + 1 < p->size && p->key[p->heap[child + 1]] < p->key[p->heap[child]];
		if (p->key[p->heap[child]] >= p->key[last])
			break;
		heap_set(p, at, p->heap[child]);
		at = child;
	}
	heap_set(p, at, last);
	return top;
}

/* Column j can be reached from row i at distance d. Nothing beyond the nearest free column is of use. */
static inline void relax(struct mfc_assign *a, size_t i, size_t j, double d)
{
	struct mfc_augment *p = a->paths;
	if (!(d < p->distance[j] && d < p->limit) || p->place[j] == DONE)
		return;
	if (p->distance[j] == INFINITY)
		p->touched[p->touches++] = (int32_t)j;
	p->distance[j] = d;
	p->from[j] = (int32_t)i;
	if (a->row[j] < 0)
		p->limit = d;
	heap_put(p, (int32_t)j, d);
}

MFC_WIDE static void reduce_row(size_t stride, const float *restrict cost, const double *restrict v, double *restrict reduced)
{
	for (size_t j = 0; j < stride; j++)
		reduced[j] = (double)cost[j] - v[j];
}

/* The columns, of `count` in from or of the first `count` where from is NULL, with reduced[j] below bound: their number,
 * and they in to, which may be from. */
static size_t below(size_t count, const int32_t *from, const double *reduced, double bound, int32_t *to)
{
	size_t kept = 0;
	for (size_t k = 0; k < count; k++) {
		int32_t j = from ? from[k] : (int32_t)k;
		to[kept] = j;
		kept += reduced[j] < bound;
	}
	return kept;
}

/* List the candidates of row i by the prices of now; p->reduced holds its reduced costs. */
static void list_candidates(struct mfc_assign *a, size_t i)
{
	struct mfc_augment *p = a->paths;
	double spread = a->n <= CANDIDATES ? INFINITY : p->spread;
	size_t count = below(a->n, NULL, p->reduced, a->u[i] + spread, p->list);
	if (count < CANDIDATES / 2)
		p->spread *= 1.1;
	else if (count > CANDIDATES)
		p->spread *= 0.9;
	while (count > CANDIDATES && a->u[i] + spread > a->u[i]) {
		spread *= 0.75;
		count = below(count, p->list, p->reduced, a->u[i] + spread, p->list);
	}
	p->threshold[i] = a->u[i] + spread;
	if (count > CANDIDATES) {   /* so many as near as the nearest: take some, and the whole row at once */
		count = CANDIDATES;
		p->threshold[i] = -INFINITY;
	}
	p->count[i] = (int32_t)count;
	p->listed[i] = p->path;
	for (size_t k = 0; k < count; k++) {
		p->column[i * CANDIDATES + k] = p->list[k];
		p->cost[i * CANDIDATES + k] = a->cost[i * a->stride + (size_t)p->list[k]];
	}
}

static void relax_candidates(struct mfc_assign *a, size_t i)
{
	struct mfc_augment *p = a->paths;
	const int32_t *column = p->column + i * CANDIDATES;
	const float *cost = p->cost + i * CANDIDATES;
	for (int32_t k = 0; k < p->count[i]; k++)
		relax(a, i, (size_t)column[k], p->base[i] + ((double)cost[k] - a->v[column[k]]));
	if (p->base[i] + p->threshold[i] < p->limit)
		heap_put(p, (int32_t)(a->n + i), p->base[i] + p->threshold[i]);
}

/* The search has come to row i at distance least. */
static void enter_row(struct mfc_assign *a, size_t i, double least)
{
	struct mfc_augment *p = a->paths;
	p->base[i] = least - a->u[i];
	if (!p->listed[i]) {
		reduce_row(a->stride, a->cost + i * a->stride, a->v, p->reduced);
		list_candidates(a, i);
	}
	relax_candidates(a, i);
}

/* The search has come to the threshold of row i. Its candidates may be those of old prices: list them again; where that is
 * as of now, look at the whole row. */
static void search_rest(struct mfc_assign *a, size_t i)
{
	struct mfc_augment *p = a->paths;
	double least = p->key[a->n + i];
	a->scans++;
	reduce_row(a->stride, a->cost + i * a->stride, a->v, p->reduced);
	if (p->listed[i] != p->path) {
		list_candidates(a, i);
		if (p->base[i] + p->threshold[i] > least) {
			relax_candidates(a, i);
			return;
		}
	}
	size_t count = below(a->n, NULL, p->reduced, p->limit - p->base[i], p->list);
	for (size_t k = 0; k < count; k++)
		relax(a, i, (size_t)p->list[k], p->base[i] + p->reduced[p->list[k]]);
}

/* Move the prices so that the path to a column at distance least is tight, and forget the search. */
static void finish(struct mfc_assign *a, size_t s, double least)
{
	struct mfc_augment *p = a->paths;
	a->u[s] += least;
	for (int32_t k = 0; k < p->dones; k++) {
		int32_t c = p->done[k];
		a->u[a->row[c]] += least - p->distance[c];
		a->v[c] -= least - p->distance[c];
	}
	for (int32_t k = 0; k < p->touches; k++) {
		p->distance[p->touched[k]] = INFINITY;
		p->place[p->touched[k]] = UNSEEN;
	}
	for (int32_t k = 0; k < p->size; k++)
		p->place[p->heap[k]] = UNSEEN;
	p->size = p->dones = p->touches = 0;
}

double mfc_augment_row(struct mfc_assign *a, size_t s)
{
	struct mfc_augment *p = a->paths;
	int32_t j;
	size_t i;
	p->path++;
	p->limit = INFINITY;
	enter_row(a, s, 0);
	for (;;) {
		j = heap_take(p);
		if ((size_t)j >= a->n)
			search_rest(a, (size_t)j - a->n);
		else if (a->row[j] < 0)
			break;
		else {
			p->place[j] = DONE;
			p->done[p->dones++] = j;
			enter_row(a, (size_t)a->row[j], p->distance[j]);
		}
	}
	double least = p->distance[j];
	finish(a, s, least);
	do {
		i = (size_t)p->from[j];
		int32_t next = a->column[i];
		a->row[j] = (int32_t)i;
		a->column[i] = j;
		j = next;
	} while (i != s);
	return least;
}
