#include "metric/pricing.h"

#include "wide.h"
#include "neighbors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define B MFC_BLOCK
#define WORD sizeof(uint64_t)
/* Into every variant of what is MFC_WIDE, where `squared` is a constant: no loop asks. */
#define INLINE static inline __attribute__((always_inline))

void mfc_pricing_clear(struct mfc_pricing *p)
{
	void *part[] = { p->point, p->price, p->index, p->found, p->cost, p->value, p->near_point, p->near_price, p->floor, p->low, p->high,
		p->beyond, p->mask, p->open, p->q };
	for (size_t i = 0; i < sizeof part / sizeof *part; i++)
		free(part[i]);
	*p = (struct mfc_pricing){ 0 };
}

static int make_room(struct mfc_pricing *p, size_t blocks, size_t dim, struct mfc_error *err)
{
	size_t numbers;
	if (blocks <= p->room && dim <= p->room_dim)
		return 0;
	mfc_pricing_clear(p);
	if (__builtin_mul_overflow(blocks, B * dim, &numbers))
		return mfc_error_memory(err);
	p->point = calloc(numbers, sizeof *p->point);
	p->price = calloc(blocks, B * sizeof *p->price);
	p->index = calloc(blocks, B * sizeof *p->index);
	p->found = calloc(blocks, B * sizeof *p->found);
	p->cost = calloc(blocks, B * sizeof *p->cost);
	p->value = calloc(blocks, B * sizeof *p->value);
	p->near_point = calloc(numbers, sizeof *p->near_point);
	p->near_price = calloc(blocks, B * sizeof *p->near_price);
	p->floor = calloc(blocks, sizeof *p->floor);
	p->low = calloc(numbers / B, sizeof *p->low);
	p->high = calloc(numbers / B, sizeof *p->high);
	p->beyond = calloc(blocks, sizeof *p->beyond);
	p->mask = calloc(blocks / WORD + 1, WORD);
	p->open = calloc(blocks + WORD, sizeof *p->open);
	p->q = calloc(dim, sizeof *p->q);
	if (!p->point || !p->price || !p->index || !p->found || !p->cost || !p->value || !p->near_point || !p->near_price || !p->floor || !p->low ||
	    !p->high || !p->beyond || !p->mask || !p->open || !p->q) {
		mfc_pricing_clear(p);
		return mfc_error_memory(err);
	}
	p->room = blocks;
	p->room_dim = dim;
	return 0;
}

/* Where coordinate k of point j lies in `point`. */
static size_t place(const struct mfc_pricing *p, size_t j, size_t k)
{
	return (j / B * p->dim + k) * B + j % B;
}

/* The padding of the last block lies on its last point. */
static void place_points(struct mfc_pricing *p, const float *points, const double *origin, double scale)
{
	for (size_t j = 0; j < p->blocks * B; j++) {
		size_t from = (size_t)p->index[j < p->n ? j : p->n - 1];
		p->price[j] = j < p->n ? 0 : INFINITY;
		p->near_price[j] = (float)p->price[j];
		for (size_t k = 0; k < p->dim; k++) {
			size_t box = k * p->blocks + j / B;
			double c = scale * ((double)points[from * p->dim + k] - origin[k]);
			p->point[place(p, j, k)] = c;
			p->near_point[place(p, j, k)] = (float)c;
			float near = p->near_point[place(p, j, k)];
			p->low[box] = j % B && p->low[box] < near ? p->low[box] : near;
			p->high[box] = j % B && p->high[box] > near ? p->high[box] : near;
		}
	}
	memset(p->floor, 0, p->blocks * sizeof *p->floor);
	memset(p->mask, 0, (p->blocks / WORD + 1) * WORD);   /* what is beyond the blocks in their last word stays 0 */
}

int mfc_pricing_build(struct mfc_pricing *p, size_t n, size_t dim, const float *points, const double *origin, double scale, bool squared,
    struct mfc_error *err)
{
	size_t blocks = n / B + (n % B > 0);
	if (n < 1 || n > INT32_MAX / 2 || dim < 1)
		return mfc_error_set(err, "a transport of %zu points in %zu dimensions", n, dim);
	size_t *order = malloc(n * sizeof *order);
	if (!order || make_room(p, blocks, dim, err)) {
		free(order);
		return mfc_error_memory(err);
	}
	p->n = n;
	p->dim = dim;
	p->blocks = blocks;
	p->squared = squared;
	mfc_neighbors_order(n, dim, points, B, order);
	for (size_t j = 0; j < n; j++)
		p->index[j] = (int32_t)order[j];
	free(order);
	place_points(p, points, origin, scale);
	return 0;
}

void mfc_pricing_point(const struct mfc_pricing *p, size_t j, double *to)
{
	for (size_t k = 0; k < p->dim; k++)
		to[k] = p->point[place(p, j, k)];
}

void mfc_pricing_set(struct mfc_pricing *p, size_t j, double price)
{
	const float *all = p->near_price + j / B * B;
	float least = INFINITY;
	p->price[j] = price;
	p->near_price[j] = (float)price;
	for (size_t l = 0; l < B; l++)
		least = all[l] < least ? all[l] : least;
	p->floor[j / B] = least;
}

/* What is added to a bound, so that rounding to float closes no block: coordinates are at most 1. */
static float widened(const struct mfc_pricing *p, double bound)
{
	double rounding = 1e-6 * (double)(1 + p->dim / 16);
	return (float)(bound * (1 + rounding) + rounding);
}

/* List in p->open the blocks in which something may be of a value below bound, but for rounding to float: their number. */
INLINE size_t open_blocks(struct mfc_pricing *p, const float *q, float bound, bool squared)
{
	size_t blocks = p->blocks, count = 0;
	float *restrict beyond = p->beyond;
	const float *restrict floor = p->floor;
	uint8_t *restrict mask = p->mask;
	int32_t *restrict open = p->open;
	memset(beyond, 0, blocks * sizeof *beyond);
	for (size_t k = 0; k < p->dim; k++) {
		const float *restrict low = p->low + k * blocks, *restrict high = p->high + k * blocks;
		float c = q[k];
		for (size_t b = 0; b < blocks; b++) {
			float below = low[b] - c, above = c - high[b], d = below > above ? below : above;
			d = d > 0 ? d : 0;
			beyond[b] += d * d;
		}
	}
	for (size_t b = 0; b < blocks; b++) {
		float left = bound - floor[b];
		left = left > 0 ? left : 0;
		beyond[b] -= squared ? left : left * left;
	}
	for (size_t b = 0; b < blocks; b++)
		mask[b] = beyond[b] <= 0;
	for (size_t w = 0; w < blocks; w += WORD) {   /* most are closed */
		uint64_t any;
		memcpy(&any, mask + w, sizeof any);
		for (size_t b = w; any && b < w + WORD; b++) {
			open[count] = (int32_t)b;
			count += mask[b];
		}
	}
	return count;
}

/* Vectors of the compiler, so that what a loop carries stays in registers whatever their width on this processor. */
typedef float floats __attribute__((vector_size(B * sizeof(float)), aligned(4), may_alias));
typedef int32_t ints __attribute__((vector_size(B * sizeof(int32_t)), aligned(4)));

#define CHOOSE(mask, yes, no) (((mask) & (ints)(yes)) | (~(mask) & (ints)(no)))

/* The best two among the open blocks, lane by lane: of each its values and its places. */
struct lanes { float first[B], second[B]; int32_t at[B], next[B]; };

INLINE void nearest_two(struct mfc_pricing *p, const float *q, float bound, struct lanes *out, bool squared)
{
	size_t count = open_blocks(p, q, bound, squared), dim = p->dim;
	floats first = (floats){ 0 } + INFINITY, second = first;
	ints at = { 0 }, next = { 0 };
	for (size_t o = 0; o < count; o++) {
		int32_t b = p->open[o];
		const float *point = p->near_point + (size_t)b * dim * B;
		floats sum = { 0 };
		float cost[B];
		for (size_t k = 0; k < dim; k++) {
			floats d = q[k] - *(const floats *)(point + k * B);
			sum += d * d;
		}
		memcpy(cost, &sum, sizeof cost);
#pragma omp simd
		for (size_t l = 0; l < B; l++)
			cost[l] = squared ? cost[l] : sqrtf(cost[l]);
		floats value = *(const floats *)cost + *(const floats *)(p->near_price + (size_t)b * B);
		ints here = (ints){ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 } + b * B, better = value < first;
		floats loser = (floats)CHOOSE(better, first, value);
		ints loser_at = CHOOSE(better, at, here), closer = loser < second;
		second = (floats)CHOOSE(closer, loser, second);
		next = CHOOSE(closer, loser_at, next);
		first = (floats)CHOOSE(better, value, first);
		at = CHOOSE(better, here, at);
	}
	memcpy(out->first, &first, sizeof first);
	memcpy(out->second, &second, sizeof second);
	memcpy(out->at, &at, sizeof at);
	memcpy(out->next, &next, sizeof next);
#pragma GCC unroll 4
	for (size_t half = B / 2; half > 0; half /= 2)
#pragma omp simd
		for (size_t l = 0; l < half; l++) {
			float a = out->first[l], c = out->first[l + half], loser = a < c ? c : a, s = out->second[l], r = out->second[l + half];
			int32_t loser_at = a < c ? out->at[l + half] : out->at[l], next_at = s < r ? out->next[l] : out->next[l + half];
			s = s < r ? s : r;
			out->first[l] = a < c ? a : c;
			out->at[l] = a < c ? out->at[l] : out->at[l + half];
			out->second[l] = loser < s ? loser : s;
			out->next[l] = loser < s ? loser_at : next_at;
		}
}

MFC_WIDE static void two_by_distance(struct mfc_pricing *p, const float *q, float bound, struct lanes *out)
{
	nearest_two(p, q, bound, out, false);
}

MFC_WIDE static void two_by_square(struct mfc_pricing *p, const float *q, float bound, struct lanes *out)
{
	nearest_two(p, q, bound, out, true);
}

static void take_in(struct mfc_offer *best, double value, int32_t j)
{
	if (value < best->first) {
		best->second = best->first;
		best->next = best->at;
		best->first = value;
		best->at = j;
	} else if (value < best->second) {
		best->second = value;
		best->next = j;
	}
}

static double value_of(const struct mfc_pricing *p, const double *q, int32_t j)
{
	double sum = 0;
	for (size_t k = 0; k < p->dim; k++) {
		double d = q[k] - p->point[place(p, (size_t)j, k)];
		sum += d * d;
	}
	return (p->squared ? sum : sqrt(sum)) + p->price[j];
}

struct mfc_offer mfc_pricing_near(struct mfc_pricing *p, const double *q, int32_t guess, int32_t other)
{
	struct lanes best;
	double a = value_of(p, q, guess), b = value_of(p, q, other);
	if (p->n == 1)
		return (struct mfc_offer){ a, INFINITY, 0, 0 };
	for (size_t k = 0; k < p->dim; k++)
		p->q[k] = (float)q[k];
	(p->squared ? two_by_square : two_by_distance)(p, p->q, widened(p, a > b ? a : b), &best);
	return (struct mfc_offer){ (double)best.first[0], (double)best.second[0], best.at[0], best.next[0] };
}

INLINE size_t all_below(struct mfc_pricing *p, const double *q, double bound, bool squared)
{
	size_t found = 0, dim = p->dim;
	for (size_t k = 0; k < dim; k++)
		p->q[k] = (float)q[k];
	size_t count = open_blocks(p, p->q, widened(p, bound), squared);
	for (size_t o = 0; o < count; o++) {
		size_t b = (size_t)p->open[o];
		const double *restrict point = p->point + b * dim * B, *price = p->price + b * B;
		double cost[B] = { 0 };
		for (size_t k = 0; k < dim; k++)
#pragma omp simd
			for (size_t l = 0; l < B; l++) {
				double d = q[k] - point[k * B + l];
				cost[l] += d * d;
			}
#pragma omp simd
		for (size_t l = 0; l < B; l++)
			cost[l] = squared ? cost[l] : sqrt(cost[l]);
		for (size_t l = 0; l < B; l++) {
			p->found[found] = (int32_t)(b * B + l);
			p->cost[found] = cost[l];
			p->value[found] = cost[l] + price[l];
			found += p->value[found] < bound;
		}
	}
	return found;
}

MFC_WIDE static size_t below_by_distance(struct mfc_pricing *p, const double *q, double bound)
{
	return all_below(p, q, bound, false);
}

MFC_WIDE static size_t below_by_square(struct mfc_pricing *p, const double *q, double bound)
{
	return all_below(p, q, bound, true);
}

size_t mfc_pricing_below(struct mfc_pricing *p, const double *q, double bound)
{
	return (p->squared ? below_by_square : below_by_distance)(p, q, bound);
}

struct mfc_offer mfc_pricing_two(struct mfc_pricing *p, const double *q, int32_t guess, int32_t other)
{
	struct mfc_offer near = mfc_pricing_near(p, q, guess, other), best = { INFINITY, INFINITY, 0, 0 };
	if (p->n == 1)
		return near;
	double a = value_of(p, q, near.at), b = value_of(p, q, near.next);
	size_t found = mfc_pricing_below(p, q, nextafter(a > b ? a : b, INFINITY));
	for (size_t k = 0; k < found; k++)
		take_in(&best, p->value[k], p->found[k]);
	return best;
}
