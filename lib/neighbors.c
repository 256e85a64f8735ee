#include "neighbors.h"

#include "wide.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAF 10   /* points in a bucket: measured best between 8 and 16 on clouds of 2,048 */

/* Nodes lie in an implicit binary tree: the children of node i are 2i + 1 and 2i + 2. Node i holds the points [from, to) of
 * the order, which every node halves, so the depth is known and leaves are all on the last level. */
struct mfc_neighbors {
	size_t n, dim, nodes, first_leaf;
	float *point;       /* (n, dim) in tree order */
	size_t *index;      /* (n) original index */
	size_t *from, *to;  /* (nodes) */
	float *box;         /* (nodes, 2, dim): least and greatest of each coordinate */
};

/* Order index[from, to) so that the m-th is in its place by (coordinate, index) (Hoare's selection). */
static void select_nth(size_t *index, size_t from, size_t to, size_t m, const float *points, size_t dim, size_t axis)
{
#define BEFORE(a, b) (points[(a) * dim + axis] < points[(b) * dim + axis] || \
	(points[(a) * dim + axis] == points[(b) * dim + axis] && (a) < (b)))
	while (to - from > 1) {
		size_t a = index[from], b = index[from + (to - from) / 2], c = index[to - 1];
		size_t pivot = BEFORE(a, b) ? (BEFORE(b, c) ? b : BEFORE(a, c) ? c : a) : (BEFORE(a, c) ? a : BEFORE(b, c) ? c : b);
		size_t i = from, j = to - 1;
		for (;;) {
			while (BEFORE(index[i], pivot))
				i++;
			while (BEFORE(pivot, index[j]))
				j--;
			if (i >= j)
				break;
			size_t t = index[i];
			index[i++] = index[j];
			index[j--] = t;
		}
		/* Keys are distinct: i and j met on the pivot, which is in its place then, or passed each other. */
		if (i == j && m == i)
			return;
		if (m < i)
			to = i;
		else
			from = i == j ? i + 1 : i;
	}
#undef BEFORE
}

/* The axis along which index[from, to) reaches farthest. */
static size_t longest_axis(const size_t *index, size_t from, size_t to, const float *points, size_t dim)
{
	size_t axis = 0;
	double most = -1;
	for (size_t k = 0; k < dim; k++) {
		float low = points[index[from] * dim + k], high = low;
		for (size_t i = from + 1; i < to; i++) {
			float c = points[index[i] * dim + k];
			low = c < low ? c : low;
			high = c > high ? c : high;
		}
		if ((double)high - (double)low > most) {
			most = (double)high - (double)low;
			axis = k;
		}
	}
	return axis;
}

static void order_part(size_t *index, size_t from, size_t to, const float *points, size_t dim, size_t block)
{
	while (to - from > block) {
		size_t middle = from + (to - from + block - 1) / block / 2 * block;
		select_nth(index, from, to, middle, points, dim, longest_axis(index, from, to, points, dim));
		order_part(index, from, middle, points, dim, block);
		from = middle;
	}
}

void mfc_neighbors_order(size_t n, size_t dim, const float *points, size_t block, size_t *index)
{
	for (size_t i = 0; i < n; i++)
		index[i] = i;
	order_part(index, 0, n, points, dim, block);
}

static void box_of(struct mfc_neighbors *t, size_t node, const float *points)
{
	float *low = t->box + node * 2 * t->dim, *high = low + t->dim;
	memcpy(low, points + t->index[t->from[node]] * t->dim, t->dim * sizeof *low);
	memcpy(high, low, t->dim * sizeof *high);
	for (size_t i = t->from[node] + 1; i < t->to[node]; i++)
		for (size_t k = 0; k < t->dim; k++) {
			float c = points[t->index[i] * t->dim + k];
			low[k] = c < low[k] ? c : low[k];
			high[k] = c > high[k] ? c : high[k];
		}
}

static void split(struct mfc_neighbors *t, const float *points)
{
	t->from[0] = 0;
	t->to[0] = t->n;
	for (size_t node = 0; node < t->nodes; node++) {
		box_of(t, node, points);
		if (node >= t->first_leaf)
			continue;
		const float *low = t->box + node * 2 * t->dim, *high = low + t->dim;
		size_t axis = 0, middle = t->from[node] + (t->to[node] - t->from[node]) / 2;
		for (size_t k = 1; k < t->dim; k++)
			if ((double)high[k] - (double)low[k] > (double)high[axis] - (double)low[axis])
				axis = k;
		select_nth(t->index, t->from[node], t->to[node], middle, points, t->dim, axis);
		t->from[2 * node + 1] = t->from[node];
		t->to[2 * node + 1] = t->from[2 * node + 2] = middle;
		t->to[2 * node + 2] = t->to[node];
	}
}

int mfc_neighbors_build(struct mfc_neighbors **tree, size_t n, size_t dim, const float *points, struct mfc_error *err)
{
	size_t leaves = 1, numbers, room;
	*tree = NULL;
	if (n < 1 || dim < 1)
		return mfc_error_set(err, "neighbours among %zu points of %zu coordinates", n, dim);
	while (n / leaves > LEAF)
		leaves *= 2;
	if (__builtin_mul_overflow(n, dim, &numbers) || __builtin_mul_overflow(numbers, 4 * sizeof(float), &room))
		return mfc_error_memory(err);
	struct mfc_neighbors *t = calloc(1, sizeof *t);
	if (!t)
		return mfc_error_memory(err);
	*t = (struct mfc_neighbors){ .n = n, .dim = dim, .nodes = 2 * leaves - 1, .first_leaf = leaves - 1 };
	t->point = malloc(numbers * sizeof *t->point);
	t->index = malloc(n * sizeof *t->index);
	t->from = malloc(t->nodes * sizeof *t->from);
	t->to = malloc(t->nodes * sizeof *t->to);
	t->box = malloc(t->nodes * 2 * dim * sizeof *t->box);
	if (!t->point || !t->index || !t->from || !t->to || !t->box) {
		mfc_neighbors_free(t);
		return mfc_error_memory(err);
	}
	for (size_t i = 0; i < n; i++)
		t->index[i] = i;
	split(t, points);
	for (size_t i = 0; i < n; i++)
		memcpy(t->point + i * dim, points + t->index[i] * dim, dim * sizeof *points);
	*tree = t;
	return 0;
}

const size_t *mfc_neighbors_leaves(const struct mfc_neighbors *tree)
{
	return tree->index;
}

void mfc_neighbors_free(struct mfc_neighbors *t)
{
	if (!t)
		return;
	free(t->point);
	free(t->index);
	free(t->from);
	free(t->to);
	free(t->box);
	free(t);
}

static double distance2(size_t dim, const float *p, const float *q)
{
	double sum = 0;
	for (size_t k = 0; k < dim; k++) {
		double d = (double)p[k] - (double)q[k];
		sum += d * d;
	}
	return sum;
}

/* From q to the box of a node: 0 inside. Never more, in floating point too, than distance2 to a point inside: each term is monotonic. */
static double box_distance2(const struct mfc_neighbors *t, size_t node, const float *q)
{
	const float *low = t->box + node * 2 * t->dim, *high = low + t->dim;
	double sum = 0;
	for (size_t k = 0; k < t->dim; k++) {
		double d = q[k] < low[k] ? (double)low[k] - (double)q[k] : q[k] > high[k] ? (double)q[k] - (double)high[k] : 0;
		sum += d * d;
	}
	return sum;
}

/* What a search found so far. `bound` falls as it goes on: nothing farther is of use. */
struct search {
	const struct mfc_neighbors *tree;
	const float *q;
	size_t k, count;           /* wanted, found */
	size_t *index;             /* (k) in order */
	double *distance2;         /* (k) */
	double bound;
	int ties;                  /* whether a point as far as the bound is of use */
	void (*visit)(void *, size_t, double);
	void *context;
};

static void offer(struct search *s, size_t index, double d)
{
	if (s->visit) {
		s->visit(s->context, index, d);
		return;
	}
	if (s->count == s->k) {
		size_t last = s->count - 1;
		if (d > s->distance2[last] || (d == s->distance2[last] && index > s->index[last]))
			return;
		s->count--;
	}
	size_t at = s->count++;
	for (; at > 0 && (s->distance2[at - 1] > d || (s->distance2[at - 1] == d && s->index[at - 1] > index)); at--) {
		s->distance2[at] = s->distance2[at - 1];
		s->index[at] = s->index[at - 1];
	}
	s->distance2[at] = d;
	s->index[at] = index;
	if (s->count == s->k)
		s->bound = s->distance2[s->k - 1];
}

static void descend(struct search *s, size_t node, double here)
{
	const struct mfc_neighbors *t = s->tree;
	if (here > s->bound || (here == s->bound && !s->ties))
		return;
	if (node >= t->first_leaf) {
		for (size_t i = t->from[node]; i < t->to[node]; i++) {
			double d = distance2(t->dim, t->point + i * t->dim, s->q);
			if (d <= s->bound)
				offer(s, t->index[i], d);
		}
		return;
	}
	double left = box_distance2(t, 2 * node + 1, s->q), right = box_distance2(t, 2 * node + 2, s->q);
	if (left <= right) {
		descend(s, 2 * node + 1, left);
		descend(s, 2 * node + 2, right);
	} else {
		descend(s, 2 * node + 2, right);
		descend(s, 2 * node + 1, left);
	}
}

size_t mfc_neighbors_nearest(const struct mfc_neighbors *tree, const float *q, double *distance2_out)
{
	size_t index = 0;
	double d = INFINITY;
	struct search s = { .tree = tree, .q = q, .k = 1, .index = &index, .distance2 = &d, .bound = INFINITY, .ties = 1 };
	descend(&s, 0, 0);
	if (distance2_out)
		*distance2_out = d;
	return index;
}

double mfc_neighbors_distance2(const struct mfc_neighbors *tree, const float *q)
{
	size_t index = 0;
	double d = INFINITY;
	struct search s = { .tree = tree, .q = q, .k = 1, .index = &index, .distance2 = &d, .bound = INFINITY };
	descend(&s, 0, 0);
	return d;
}

size_t mfc_neighbors_nearest_k(const struct mfc_neighbors *tree, const float *q, size_t k, size_t *index, double *distance2_out)
{
	struct search s = { .tree = tree, .q = q, .k = k, .index = index, .distance2 = distance2_out, .bound = INFINITY, .ties = 1 };
	if (k > 0)
		descend(&s, 0, 0);
	return s.count;
}

void mfc_neighbors_within(const struct mfc_neighbors *tree, const float *q, double radius,
    void (*visit)(void *context, size_t index, double distance2), void *context)
{
	struct search s = { .tree = tree, .q = q, .bound = radius * radius, .ties = 1, .visit = visit, .context = context };
	if (radius >= 0)
		descend(&s, 0, 0);
}

/* The points of a leaf look for their nearest together (as in a dual-tree search, Gray and Moore 2000): a coordinate of all lies
 * contiguously, and what is beyond their number repeats the last. */
#define LANES 8
#define TOGETHER 16      /* LEAF and 1 more, in whole lanes */
#define DIMENSIONS 16    /* with more than that, one after another */
typedef double doubles __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));
typedef int64_t longs __attribute__((vector_size(LANES * sizeof(int64_t))));

struct together {
	const struct mfc_neighbors *tree;
	const float *low, *high;               /* the box around them */
	size_t lanes;                          /* in use: a multiple of LANES */
	double q[DIMENSIONS * TOGETHER];       /* (dim, TOGETHER) */
	double best[TOGETHER], bound;          /* squared distances; the greatest of them */
};

MFC_WIDE static void visit_leaf(struct together *s, size_t node)
{
	const struct mfc_neighbors *t = s->tree;
	size_t dim = t->dim, from = t->from[node], to = t->to[node];
	for (size_t h = 0; h < s->lanes; h += LANES) {
		doubles best = *(const doubles *)(s->best + h);
		for (size_t i = from; i < to; i++) {
			doubles sum = { 0 };
			for (size_t k = 0; k < dim; k++) {
				doubles d = (double)t->point[i * dim + k] - *(const doubles *)(s->q + k * TOGETHER + h);
				sum += d * d;
			}
			longs less = sum < best;
			best = (doubles)((less & (longs)sum) | (~less & (longs)best));
		}
		*(doubles *)(s->best + h) = best;
	}
	double most = 0;
	for (size_t l = 0; l < s->lanes; l++)
		most = s->best[l] > most ? s->best[l] : most;
	s->bound = most;
}

/* Between the box of the points and that of a node, as box_distance2. */
static double gap2(const struct together *s, size_t node)
{
	const float *low = s->tree->box + node * 2 * s->tree->dim, *high = low + s->tree->dim;
	double sum = 0;
	for (size_t k = 0; k < s->tree->dim; k++) {
		double above = (double)low[k] - (double)s->high[k], below = (double)s->low[k] - (double)high[k], d = above > below ? above : below;
		d = d > 0 ? d : 0;
		sum += d * d;
	}
	return sum;
}

static void descend_together(struct together *s, size_t node, double here)
{
	if (here >= s->bound)
		return;
	if (node >= s->tree->first_leaf) {
		visit_leaf(s, node);
		return;
	}
	size_t near = 2 * node + 1, far = near + 1;
	double a = gap2(s, near), b = gap2(s, far);
	if (b < a || (b == a && b > 0)) {
		descend_together(s, far, b);
		descend_together(s, near, a);
	} else {
		descend_together(s, near, a);
		descend_together(s, far, b);
	}
}

double mfc_neighbors_mean2(const struct mfc_neighbors *from, const struct mfc_neighbors *tree)
{
	struct together s = { .tree = tree };
	double sum = 0;
	size_t dim = from->dim;
	for (size_t i = 0; i < from->n && dim > DIMENSIONS; i++)
		sum += mfc_neighbors_distance2(tree, from->point + i * dim);
	for (size_t node = from->first_leaf; node < from->nodes && dim <= DIMENSIONS; node++) {
		size_t first = from->from[node], count = from->to[node] - first;
		s.low = from->box + node * 2 * dim;
		s.high = s.low + dim;
		s.lanes = (count + LANES - 1) / LANES * LANES;
		s.bound = INFINITY;
		for (size_t l = 0; l < s.lanes; l++) {
			const float *p = from->point + (first + (l < count ? l : count - 1)) * dim;
			s.best[l] = INFINITY;
			for (size_t k = 0; k < dim; k++)
				s.q[k * TOGETHER + l] = (double)p[k];
		}
		descend_together(&s, 0, 0);
		for (size_t l = 0; l < count; l++)
			sum += s.best[l];
	}
	return sum / (double)from->n;
}
