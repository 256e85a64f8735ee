#include "metric/transport.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The candidates of a row are all columns of a value below its threshold when they were listed. As prices only rise, every other
 * column stays at or above it. So a search goes through the candidates, and looks for more when it gets as far as the threshold: the
 * result is that of a search through all columns. */
#define CANDIDATES 64

enum { UNSEEN = -1, DONE = -2 };   /* of place; otherwise where it is in the heap */

/* Units that go from a row to a column. */
struct arc { int32_t row, next; int64_t units; };

struct mfc_flow {
	size_t n, m;           /* room for rows and columns */
	/* the units that go so far */
	int64_t *excess;       /* (n) that a row has not sent */
	int64_t *deficit;      /* (m) that a column has not got */
	int32_t *first;        /* (m) the first arc to each column, -1: none */
	struct arc *arc;       /* (arcs) of which the unused are a list, too */
	size_t arcs;
	int32_t unused;
	/* candidates of rows, kept from search to search */
	int32_t *candidate;    /* (n, CANDIDATES) columns */
	double *cost;          /* (n, CANDIDATES) */
	int32_t *count;        /* (n) */
	double *threshold;     /* (n) -infinite: never listed */
	int32_t *place_of;     /* (n) the first row in the same place as each: what it leads to, the others do */
	double *base;          /* (n) of those: the least distance less u that one of them was entered with */
	double spread;         /* how far above u a row lists: adapts to hold about as many as there is room for */
	/* of one search */
	double *distance;      /* (m) of columns, infinite where not reached */
	double *reached;       /* (n) distance of rows that were entered, negative: not */
	int32_t *via;          /* (m) the row a column was reached from */
	int32_t *entry;        /* (n) the column a row was entered by, -1: it is free */
	int32_t *done;         /* (m) columns whose distance is final */
	int32_t *touched;      /* (m) columns that were reached */
	int32_t *entered;      /* (n) rows */
	int32_t *target;       /* (m) columns with a deficit that were done */
	double *key;           /* (m + n) of items: column j is item j, what is left of row i is item m + i */
	int32_t *heap, *place; /* (m + n) items in heap order; where each is */
	int32_t dones, touches, enters, targets, size;
};

void mfc_flow_free(struct mfc_flow *f)
{
	if (!f)
		return;
	void *part[] = { f->excess, f->deficit, f->first, f->arc, f->candidate, f->cost, f->count, f->threshold, f->distance, f->reached, f->via,
		f->entry, f->done, f->touched, f->entered, f->target, f->key, f->heap, f->place,
		f->place_of, f->base };
	for (size_t i = 0; i < sizeof part / sizeof *part; i++)
		free(part[i]);
	free(f);
}

int mfc_flow_create(struct mfc_flow **flow, size_t n, size_t m, struct mfc_error *err)
{
	struct mfc_flow *f = *flow = calloc(1, sizeof *f);
	if (!f)
		return mfc_error_memory(err);
	f->n = n;
	f->m = m;
	f->arcs = n + m;
	f->excess = calloc(n, sizeof *f->excess);
	f->deficit = calloc(m, sizeof *f->deficit);
	f->first = calloc(m, sizeof *f->first);
	f->arc = calloc(f->arcs, sizeof *f->arc);
	f->candidate = calloc(n, CANDIDATES * sizeof *f->candidate);
	f->cost = calloc(n, CANDIDATES * sizeof *f->cost);
	f->count = calloc(n, sizeof *f->count);
	f->threshold = calloc(n, sizeof *f->threshold);
	f->distance = calloc(m, sizeof *f->distance);
	f->reached = calloc(n, sizeof *f->reached);
	f->via = calloc(m, sizeof *f->via);
	f->entry = calloc(n, sizeof *f->entry);
	f->done = calloc(m, sizeof *f->done);
	f->touched = calloc(m, sizeof *f->touched);
	f->entered = calloc(n, sizeof *f->entered);
	f->target = calloc(m, sizeof *f->target);
	f->key = calloc(m + n, sizeof *f->key);
	f->heap = calloc(m + n, sizeof *f->heap);
	f->place = calloc(m + n, sizeof *f->place);
	f->place_of = calloc(n, sizeof *f->place_of);
	f->base = calloc(n, sizeof *f->base);
	if (f->excess && f->deficit && f->first && f->arc && f->candidate && f->cost && f->count && f->threshold && f->distance && f->reached &&
	    f->via && f->entry && f->done && f->touched && f->entered && f->target && f->key && f->heap && f->place &&
	    f->place_of && f->base)
		return 0;
	mfc_flow_free(f);
	*flow = NULL;
	return mfc_error_memory(err);
}

/* Link the arcs from `from` on as unused. */
static void chain_unused(struct mfc_flow *f, size_t from)
{
	for (size_t k = from; k < f->arcs; k++)
		f->arc[k].next = k + 1 < f->arcs ? (int32_t)(k + 1) : -1;
	f->unused = (int32_t)from;
}

/* `units` more go from row i to column j, or fewer. */
static int push(struct mfc_flow *f, size_t i, size_t j, int64_t units, struct mfc_error *err)
{
	int32_t *at = &f->first[j];
	while (*at >= 0 && f->arc[*at].row != (int32_t)i)
		at = &f->arc[*at].next;
	if (*at < 0) {
		if (f->unused < 0) {
			size_t from = f->arcs;
			struct arc *more = from > INT32_MAX / 2 ? NULL : realloc(f->arc, 2 * from * sizeof *more);
			if (!more)
				return mfc_error_memory(err);
			f->arc = more;
			f->arcs *= 2;
			chain_unused(f, from);
		}
		int32_t k = f->unused;
		f->unused = f->arc[k].next;
		f->arc[k] = (struct arc){ (int32_t)i, f->first[j], 0 };
		f->first[j] = k;
		at = &f->first[j];
	}
	int32_t k = *at;
	f->arc[k].units += units;
	if (f->arc[k].units == 0) {
		*at = f->arc[k].next;
		f->arc[k].next = f->unused;
		f->unused = k;
	}
	return 0;
}

static int64_t units_of(const struct mfc_flow *f, size_t i, size_t j)
{
	for (int32_t k = f->first[j]; k >= 0; k = f->arc[k].next)
		if (f->arc[k].row == (int32_t)i)
			return f->arc[k].units;
	return 0;
}

void mfc_flow_each(const struct mfc_transport *t, void (*visit)(void *context, size_t row, size_t column, int64_t units), void *context)
{
	const struct mfc_flow *f = t->flow;
	for (size_t j = 0; j < t->m; j++)
		for (int32_t k = f->first[j]; k >= 0; k = f->arc[k].next)
			visit(context, (size_t)f->arc[k].row, j, f->arc[k].units);
}

static void heap_set(struct mfc_flow *f, int32_t at, int32_t item)
{
	f->heap[at] = item;
	f->place[item] = at;
}

/* Add an item, or move it up. */
static void heap_put(struct mfc_flow *f, int32_t item, double key)
{
	int32_t at = f->place[item] >= 0 ? f->place[item] : f->size++;
	f->key[item] = key;
	for (; at > 0 && f->key[f->heap[(at - 1) / 2]] > key; at = (at - 1) / 2)
		heap_set(f, at, f->heap[(at - 1) / 2]);
	heap_set(f, at, item);
}

/* Remove the item of the least key. */
static int32_t heap_take(struct mfc_flow *f)
{
	int32_t top = f->heap[0], last = f->heap[--f->size], at = 0, child;
	f->place[top] = UNSEEN;
	if (f->size == 0)
		return top;
	while ((child = 2 * at + 1) < f->size) {
		child += child + 1 < f->size && f->key[f->heap[child + 1]] < f->key[f->heap[child]];
		if (f->key[f->heap[child]] >= f->key[last])
			break;
		heap_set(f, at, f->heap[child]);
		at = child;
	}
	heap_set(f, at, last);
	return top;
}

/* Column j, of this value to row i, can be reached from it. */
static inline void relax(struct mfc_transport *t, size_t i, size_t j, double value)
{
	struct mfc_flow *f = t->flow;
	double beyond = value - t->u[i], d = f->reached[i] + (beyond > 0 ? beyond : 0);
	if (!(d < f->distance[j]) || f->place[j] == DONE)
		return;
	if (f->distance[j] == INFINITY)
		f->touched[f->touches++] = (int32_t)j;
	f->distance[j] = d;
	f->via[j] = (int32_t)i;
	/* Of columns that are equally far those with a deficit first: where many lie in one place, there are many. */
	heap_put(f, (int32_t)j, f->deficit[j] > 0 ? d - 1e-15 : d);
}

/* Come back to row i when the search is as far as what was not looked at, which is of this value or more. */
static void come_back(struct mfc_transport *t, size_t i, double value)
{
	struct mfc_flow *f = t->flow;
	if (value < INFINITY)
		heap_put(f, (int32_t)(t->m + i), f->reached[i] + value - t->u[i]);
}

/* Keep what the last search of columns for row i found, all below bound, as its candidates; where there is no room for all, the nearest. */
static void keep_candidates(struct mfc_transport *t, size_t i, size_t found, double bound)
{
	struct mfc_flow *f = t->flow;
	struct mfc_pricing *to = &t->to;
	for (double least = t->u[i]; found > CANDIDATES && bound > least;) {
		size_t kept = 0;
		double half = least + (bound - least) * 0.75;
		bound = half < bound ? half : least;
		for (size_t k = 0; k < found; k++)
			if (to->value[k] < bound) {
				to->found[kept] = to->found[k];
				to->cost[kept] = to->cost[k];
				to->value[kept++] = to->value[k];
			}
		found = kept;
	}
	if (found > CANDIDATES) {   /* rounding put them below u */
		found = 0;
		bound = -INFINITY;
	}
	f->count[i] = (int32_t)found;
	f->threshold[i] = bound;
	memcpy(f->candidate + i * CANDIDATES, to->found, found * sizeof *f->candidate);
	memcpy(f->cost + i * CANDIDATES, to->cost, found * sizeof *f->cost);
}

/* All columns of row i below bound, and keep them. */
static void search_columns(struct mfc_transport *t, size_t i, double bound)
{
	struct mfc_flow *f = t->flow;
	size_t found = mfc_pricing_below(&t->to, t->row + i * t->dim, bound);
	if (found < CANDIDATES / 2)
		f->spread *= 1.1;
	else if (found > CANDIDATES && f->spread > 1e-6 * t->size)   /* more than that may lie in one place */
		f->spread *= 0.9;
	if (found == t->m)
		bound = INFINITY;
	for (size_t k = 0; k < found; k++)
		relax(t, i, (size_t)t->to.found[k], t->to.value[k]);
	come_back(t, i, bound);
	keep_candidates(t, i, found, bound);
}

/* The search has come to row i, by column `entry`, at a distance. */
static void enter(struct mfc_transport *t, size_t i, int32_t entry, double distance)
{
	struct mfc_flow *f = t->flow;
	if (f->reached[i] >= 0)
		return;
	f->reached[i] = distance;
	f->entry[i] = entry;
	f->entered[f->enters++] = (int32_t)i;
	double *base = &f->base[f->place_of[i]];
	if (*base <= distance - t->u[i])
		return;
	*base = distance - t->u[i];
	if (f->threshold[i] <= t->u[i]) {
		search_columns(t, i, t->u[i] + f->spread);
		return;
	}
	const int32_t *candidate = f->candidate + i * CANDIDATES;
	const double *cost = f->cost + i * CANDIDATES;
	for (int32_t k = 0; k < f->count[i]; k++)
		relax(t, i, (size_t)candidate[k], cost[k] + t->to.price[candidate[k]]);
	come_back(t, i, f->threshold[i]);
}

/* Dijkstra's algorithm over the distances value - u from the first free_rows of queue, until `want` columns with a deficit are
 * done. Returns the distance of the last. */
static double search(struct mfc_transport *t, size_t free_rows, size_t want)
{
	struct mfc_flow *f = t->flow;
	f->size = f->dones = f->touches = f->enters = f->targets = 0;
	for (size_t k = 0; k < free_rows; k++)
		enter(t, (size_t)t->queue[k], -1, 0);
	for (;;) {
		int32_t item = heap_take(f);
		if ((size_t)item >= t->m) {
			size_t i = (size_t)item - t->m;
			double beyond = f->key[item] - f->reached[i];
			search_columns(t, i, t->u[i] + 1.5 * beyond + f->spread);
			continue;
		}
		f->place[item] = DONE;
		f->done[f->dones++] = item;
		if (f->deficit[item] > 0) {
			f->target[f->targets++] = item;
			if ((size_t)f->targets >= want)
				return f->distance[item];
		}
		for (int32_t k = f->first[item]; k >= 0; k = f->arc[k].next)
			enter(t, (size_t)f->arc[k].row, item, f->distance[item]);
	}
}

/* Move duals and prices so that all of the search up to distance far is tight, and forget it but for the trees. */
static void move_prices(struct mfc_transport *t, double far)
{
	struct mfc_flow *f = t->flow;
	for (int32_t k = 0; k < f->enters; k++) {
		t->u[f->entered[k]] += far - f->reached[f->entered[k]];
		f->reached[f->entered[k]] = -1;
		f->base[f->place_of[f->entered[k]]] = INFINITY;
	}
	for (int32_t k = 0; k < f->dones; k++)
		mfc_pricing_set(&t->to, (size_t)f->done[k], t->to.price[f->done[k]] + (far - f->distance[f->done[k]]));
	for (int32_t k = 0; k < f->touches; k++) {
		f->distance[f->touched[k]] = INFINITY;
		f->place[f->touched[k]] = UNSEEN;
	}
	for (int32_t k = 0; k < f->size; k++)
		f->place[f->heap[k]] = UNSEEN;
}

/* Send what can go along the path to column `target`. */
static int augment(struct mfc_flow *f, size_t target, struct mfc_error *err)
{
	int64_t units = f->deficit[target];
	size_t i = (size_t)f->via[target];
	while (f->entry[i] >= 0) {
		int64_t back = units_of(f, i, (size_t)f->entry[i]);
		units = back < units ? back : units;
		i = (size_t)f->via[f->entry[i]];
	}
	units = f->excess[i] < units ? f->excess[i] : units;
	if (units == 0)   /* another path used it up */
		return 0;
	f->excess[i] -= units;
	f->deficit[target] -= units;
	for (size_t j = target;; j = (size_t)f->entry[i]) {
		i = (size_t)f->via[j];
		if (push(f, i, j, units, err))
			return -1;
		if (f->entry[i] < 0)
			return 0;
		if (push(f, i, (size_t)f->entry[i], -units, err))
			return -1;
	}
}

static int by_place(const void *a, const void *b, void *context)
{
	const struct mfc_transport *t = context;
	const double *p = t->row + *(const int32_t *)a * t->dim, *q = t->row + *(const int32_t *)b * t->dim;
	for (size_t k = 0; k < t->dim; k++)
		if (p[k] != q[k])
			return p[k] < q[k] ? -1 : 1;
	return 0;
}

static void find_places(struct mfc_transport *t)
{
	int32_t *order = t->flow->entered, *place = t->flow->place_of;
	for (size_t i = 0; i < t->n; i++)
		order[i] = (int32_t)i;
	qsort_r(order, t->n, sizeof *order, by_place, t);
	for (size_t k = 0; k < t->n; k++)
		place[order[k]] = k > 0 && by_place(&order[k - 1], &order[k], t) == 0 ? place[order[k - 1]] : order[k];
}

/* Nothing goes, or what the auction has assigned. */
static void begin(struct mfc_transport *t)
{
	struct mfc_flow *f = t->flow;
	chain_unused(f, 0);
	find_places(t);
	f->spread = 0.01 * t->size;
	for (size_t i = 0; i < t->n; i++) {
		f->excess[i] = t->supply;
		f->threshold[i] = -INFINITY;
		f->reached[i] = -1;
		f->base[i] = INFINITY;
	}
	for (size_t j = 0; j < t->m; j++) {
		f->deficit[j] = t->demand;
		f->first[j] = -1;
		f->distance[j] = INFINITY;
	}
	for (size_t k = 0; k < t->m + t->n; k++)
		f->place[k] = UNSEEN;
}

int mfc_flow_solve(struct mfc_transport *t, size_t free_rows, double limit, bool *solved, struct mfc_error *err)
{
	struct mfc_flow *f = t->flow;
	size_t open = t->m;   /* columns with a deficit */
	begin(t);
	for (size_t i = 0; i < t->n && t->n == t->m; i++)
		if (t->column[i] >= 0) {
			push(f, i, (size_t)t->column[i], 1, err);   /* there is room for n arcs */
			f->excess[i] = f->deficit[t->column[i]] = 0;
			open--;
		}
	for (size_t roots = free_rows; free_rows > 0 && (limit == INFINITY || mfc_transport_bound(t) <= limit);) {
		/* Half of what is left: with all, the last are far; with one, it takes a search for each. */
		size_t left = 0, sent = 0, fill = roots * (t->m / t->n), want = (fill < open ? fill : open) / 2 + 1;
		want = want < open ? want : open;
		move_prices(t, search(t, roots, want));
		for (int32_t k = 0; k < f->targets; k++) {
			int64_t before = f->deficit[f->target[k]];
			if (augment(f, (size_t)f->target[k], err))
				return -1;
			sent += f->deficit[f->target[k]] < before;
			open -= f->deficit[f->target[k]] == 0;
		}
		for (size_t k = 0; k < free_rows; k++)
			if (f->excess[t->queue[k]] > 0)
				t->queue[left++] = t->queue[k];
		free_rows = left;
		/* Of roots in one place the first gets all targets, and there need not be others. */
		roots = 2 * sent < (size_t)f->targets ? (roots + 1) / 2 : 2 * roots;
		roots = roots < free_rows ? roots : free_rows;
	}
	*solved = free_rows == 0;
	return 0;
}
