#include "metric/assign.h"

#include "metric/augment.h"
#include "wide.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LANES 16   /* strides are multiples of this; padding columns cost so much that no row wants them */
#define PADDING 1e36f

void mfc_assign_clear(struct mfc_assign *a)
{
	free(a->cost);
	free(a->column);
	free(a->row);
	free(a->u);
	free(a->v);
	free(a->queue);
	mfc_augment_free(a->paths);
	*a = (struct mfc_assign){ 0 };
}

int mfc_assign_room(struct mfc_assign *a, size_t n, struct mfc_error *err)
{
	if (n < 1 || n > INT32_MAX / 2)
		return mfc_error_set(err, "an assignment of %zu rows", n);
	size_t stride = (n + LANES - 1) / LANES * LANES;
	if (n > a->capacity) {
		mfc_assign_clear(a);
		size_t bytes;
		if (__builtin_mul_overflow(stride * sizeof *a->cost, n, &bytes))
			return mfc_error_memory(err);
		a->cost = malloc(bytes);
		a->column = malloc(n * sizeof *a->column);
		a->row = malloc(n * sizeof *a->row);
		a->u = malloc(n * sizeof *a->u);
		a->v = malloc(stride * sizeof *a->v);
		a->queue = malloc(n * sizeof *a->queue);
		if (!a->cost || !a->column || !a->row || !a->u || !a->v || !a->queue || mfc_augment_create(&a->paths, n, stride, err)) {
			mfc_assign_clear(a);
			return mfc_error_set(err, "out of memory: an assignment of %zu rows takes %zu MiB", n, bytes >> 20);
		}
		a->capacity = n;
	}
	a->n = n;
	a->stride = stride;
	return 0;
}

struct best { double first, second; size_t at; };

/* Vectors of the compiler, so that what the loop carries stays in registers whatever their width on this processor. */
#define HALF (LANES / 2)
typedef double doubles __attribute__((vector_size(HALF * sizeof(double)), aligned(8), may_alias));
typedef float floats __attribute__((vector_size(HALF * sizeof(float)), aligned(4), may_alias));
typedef int64_t longs __attribute__((vector_size(HALF * sizeof(int64_t))));

#define CHOOSE(mask, yes, no) ((doubles)(((mask) & (longs)(yes)) | (~(mask) & (longs)(no))))

/* The least and the second least of cost[j] - v[j], and where the least is. */
MFC_WIDE static struct best best_two(size_t stride, const float *cost, const double *v)
{
	const doubles infinite = (doubles){ 0 } + INFINITY;
	doubles f0 = infinite, f1 = infinite, s0 = infinite, s1 = infinite;
	longs at0 = { 0 }, at1 = { 0 };
	double first[LANES], second[LANES];
	int64_t at[LANES];
	for (size_t j = 0; j < stride; j += LANES) {
		doubles d0 = __builtin_convertvector(*(const floats *)(cost + j), doubles) - *(const doubles *)(v + j);
		doubles d1 = __builtin_convertvector(*(const floats *)(cost + j + HALF), doubles) - *(const doubles *)(v + j + HALF);
		longs better0 = d0 < f0, better1 = d1 < f1;
		doubles loser0 = CHOOSE(better0, f0, d0), loser1 = CHOOSE(better1, f1, d1);
		f0 = CHOOSE(better0, d0, f0);
		f1 = CHOOSE(better1, d1, f1);
		s0 = CHOOSE(loser0 < s0, loser0, s0);
		s1 = CHOOSE(loser1 < s1, loser1, s1);
		at0 = (better0 & (int64_t)j) | (~better0 & at0);
		at1 = (better1 & (int64_t)j) | (~better1 & at1);
	}
	memcpy(first, &f0, sizeof f0);
	memcpy(first + HALF, &f1, sizeof f1);
	memcpy(second, &s0, sizeof s0);
	memcpy(second + HALF, &s1, sizeof s1);
	memcpy(at, &at0, sizeof at0);
	memcpy(at + HALF, &at1, sizeof at1);
	struct best b = { INFINITY, INFINITY, 0 };
	for (size_t l = 0; l < LANES; l++) {
		double loser = first[l] < b.first ? b.first : first[l];
		if (first[l] < b.first) {
			b.first = first[l];
			b.at = (size_t)at[l] + l;
		}
		b.second = fmin(b.second, fmin(loser, second[l]));
	}
	return b;
}

/* Row i takes column j; returns the row that had it, or -1. */
static int32_t take(struct mfc_assign *a, size_t i, size_t j)
{
	int32_t before = a->row[j];
	if (before >= 0)
		a->column[before] = -1;
	a->row[j] = (int32_t)i;
	a->column[i] = (int32_t)j;
	return before;
}

/* One round of the auction from nothing assigned: every free row bids for its best column until at most `leave` are free, or the
 * patience of `scans` bids is over. */
static void auction(struct mfc_assign *a, double epsilon, size_t leave, size_t scans)
{
	size_t n = a->n, head = 0, count = n;
	memset(a->row, 0xff, n * sizeof *a->row);
	memset(a->column, 0xff, n * sizeof *a->column);
	for (size_t i = 0; i < n; i++)
		a->queue[i] = (int32_t)i;
	while (count > leave && scans-- > 0) {
		size_t i = (size_t)a->queue[head];
		head = head + 1 < n ? head + 1 : 0;
		count--;
		struct best b = best_two(a->stride, a->cost + i * a->stride, a->v);
		a->scans++;
		a->v[b.at] -= b.second - b.first + epsilon;
		int32_t loser = take(a, i, b.at);
		if (loser >= 0) {
			a->queue[head + count < n ? head + count : head + count - n] = loser;
			count++;
		}
	}
}

/* Augmenting row reduction: an auction without ε keeps the prices exactly complementary. A row that ties pushes its rival on at most
 * until the patience is over. Leaves the free rows in queue and returns their count. */
static size_t reduce_rows(struct mfc_assign *a, size_t scans)
{
	size_t n = a->n, free_rows = 0;
	memset(a->row, 0xff, n * sizeof *a->row);
	memset(a->column, 0xff, n * sizeof *a->column);
	for (size_t start = 0; start < n; start++)
		for (int32_t i = (int32_t)start; i >= 0;) {
			struct best b = best_two(a->stride, a->cost + (size_t)i * a->stride, a->v);
			a->scans++;
			a->u[i] = b.second < PADDING / 2 ? b.second : b.first;
			double gain = a->u[i] - b.first;
			int32_t holder = a->row[b.at];
			if (holder >= 0 && (gain <= 0 || scans == 0)) {
				a->u[i] = b.first;
				break;
			}
			scans -= scans > 0;
			a->v[b.at] -= gain;
			i = take(a, (size_t)i, b.at);
		}
	for (size_t i = 0; i < n; i++)
		if (a->column[i] < 0)
			a->queue[free_rows++] = (int32_t)i;
	return free_rows;
}

/* The largest cost, the scale of ε; also sets the padding. */
static double largest(struct mfc_assign *a)
{
	float most = 0;
	for (size_t i = 0; i < a->n; i++) {
		float *row = a->cost + i * a->stride;
		for (size_t j = a->n; j < a->stride; j++)
			row[j] = PADDING;
		for (size_t j = 0; j < a->n; j++)
			most = row[j] > most ? row[j] : most;
	}
	return (double)most;
}

/* Σ u + Σ v, with the best u for these v: no bijection costs less. */
static double lower_bound(struct mfc_assign *a, bool have_u)
{
	double sum = 0;
	for (size_t i = 0; i < a->n; i++) {
		if (!have_u)
			a->u[i] = best_two(a->stride, a->cost + i * a->stride, a->v).first;
		sum += a->u[i] + a->v[i];
	}
	a->scans += have_u ? 0 : a->n;
	return sum;
}

bool mfc_assign_solve(struct mfc_assign *a, double limit)
{
	size_t n = a->n;
	double most = largest(a);
	a->scans = 0;
	memset(a->v, 0, a->stride * sizeof *a->v);
	/* Measured on clouds of 2,048 points: finer than these, or a longer auction, takes longer than the paths it saves. */
	for (double epsilon = most / 16; n > 1 && epsilon > 1e-5 * most; epsilon /= 4) {
		auction(a, epsilon, n / 16, 8 * n);
		if (limit < INFINITY && epsilon > 1e-3 * most && lower_bound(a, false) > limit)
			return false;
	}
	size_t free_rows = reduce_rows(a, n);
	double bound = lower_bound(a, true);
	mfc_augment_begin(a, most);
	for (size_t k = 0; k < free_rows && bound <= limit; k++)
		bound += mfc_augment_row(a, (size_t)a->queue[k]);
	return bound <= limit;
}
