#include "metric/transport.h"

#include <math.h>
#include <string.h>

double mfc_transport_bound(const struct mfc_transport *t)
{
	double u = 0, price = 0;
	for (size_t i = 0; i < t->n; i++)
		u += t->u[i];
	for (size_t j = 0; j < t->m; j++)
		price += t->to.price[j];
	return (double)t->supply * u - (double)t->demand * price;
}

/* The best two goods of row i now; what they were is the guess. */
static struct mfc_offer look(struct mfc_transport *t, struct mfc_pricing *goods, size_t i, bool exact)
{
	struct mfc_offer *o = &t->offer[i];
	return *o = (exact ? mfc_pricing_two : mfc_pricing_near)(goods, t->row + i * t->dim, o->at, o->next);
}

/* Row i takes column j; returns the row that had it, or -1. */
static int32_t take(struct mfc_transport *t, size_t i, size_t j)
{
	int32_t before = t->owner[j];
	if (before >= 0)
		t->column[before] = -1;
	t->owner[j] = (int32_t)i;
	t->column[i] = (int32_t)j;
	return before;
}

static void free_all(struct mfc_transport *t)
{
	memset(t->owner, 0xff, t->m * sizeof *t->owner);
	memset(t->column, 0xff, t->n * sizeof *t->column);
}

/* One round of the auction from nothing assigned: every free row of n bids for its best column until at most `leave` are free, or
 * the patience of so many bids is over. */
static void bid_round(struct mfc_transport *t, size_t n, struct mfc_pricing *goods, double epsilon, size_t leave, size_t patience)
{
	size_t head = 0, count = n;
	bool exact = epsilon < 1e-5;   /* what float does not tell from 0 */
	free_all(t);
	for (size_t i = 0; i < n; i++)
		t->queue[i] = (int32_t)i;
	while (count > leave && patience-- > 0) {
		size_t i = (size_t)t->queue[head];
		head = head + 1 < n ? head + 1 : 0;
		count--;
		struct mfc_offer best = look(t, goods, i, exact);
		mfc_pricing_set(goods, (size_t)best.at, goods->price[best.at] + (best.second - best.first) + epsilon);
		int32_t loser = take(t, i, (size_t)best.at);
		if (loser >= 0) {
			t->queue[head + count < n ? head + count : head + count - n] = loser;
			count++;
		}
	}
}

/* Rows come to the auction who have not been there. */
static void come(struct mfc_transport *t, const struct mfc_pricing *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		mfc_pricing_point(rows, i, t->row + i * t->dim);
		t->offer[i] = (struct mfc_offer){ 0, 0, 0, rows->n > 1 };
	}
}

/* The best duals of the rows for these prices: feasible. */
static void settle(struct mfc_transport *t, size_t n, struct mfc_pricing *goods)
{
	for (size_t i = 0; i < n; i++)
		t->u[i] = look(t, goods, i, true).first;
}

/* An auction without ε keeps u = cost + price on the pairs. A row that ties pushes its rival on at most until the patience is
 * over. Leaves the free rows in queue and returns their count. */
static size_t reduce_rows(struct mfc_transport *t, size_t patience)
{
	size_t free_rows = 0;
	free_all(t);
	for (size_t start = 0; start < t->n; start++)
		for (int32_t i = (int32_t)start; i >= 0;) {
			struct mfc_offer best = look(t, &t->to, (size_t)i, true);
			double gain = best.second < INFINITY ? best.second - best.first : 0;
			t->u[i] = best.first + gain;
			if (t->owner[best.at] >= 0 && (gain <= 0 || patience == 0)) {
				t->u[i] = best.first;
				break;
			}
			patience -= patience > 0;
			mfc_pricing_set(&t->to, (size_t)best.at, t->to.price[best.at] + gain);
			i = take(t, (size_t)i, (size_t)best.at);
		}
	for (size_t i = 0; i < t->n; i++)
		if (t->column[i] < 0)
			t->queue[free_rows++] = (int32_t)i;
	return free_rows;
}

/* From the prices of some columns to those of all: the highest at which none of the rows that were there wants one more than what
 * it has. */
static void extend(struct mfc_transport *t)
{
	struct mfc_pricing *rows = &t->some_from;
	struct mfc_offer near = { 0, 0, 0, rows->n > 1 };
	double *q = t->row, most = 0;   /* after settle nobody asks for the rows before they come anew */
	settle(t, rows->n, &t->some_to);
	/* max (u - cost) = most - min (cost + most - u), for prices are not negative */
	for (size_t i = 0; i < rows->n; i++)
		most = fmax(most, t->u[i]);
	for (size_t i = 0; i < rows->n; i++)
		mfc_pricing_set(rows, i, most - t->u[i]);
	for (size_t j = 0; j < t->m; j++) {
		mfc_pricing_point(&t->to, j, q);
		near = mfc_pricing_near(rows, q, near.at, near.next);
		mfc_pricing_set(&t->to, j, fmax(0, most - near.first));
	}
}

static bool above(struct mfc_transport *t, double limit)
{
	if (limit == INFINITY)
		return false;
	settle(t, t->n, &t->to);
	return mfc_transport_bound(t) > limit;
}

/* Measured on clouds of 2,048 points of generated and real shapes: a round that stops with more free rows, or a last ε that is
 * greater, leaves more to the paths than it saves; greater steps, or a smaller first one, take more bids. With the prices of some
 * points to begin with, it takes a fifth less. Where the clouds
 * lie together, size is between 1/2 and 1. */
size_t mfc_auction(struct mfc_transport *t, double limit)
{
	size_t some = t->some_from.n, n = t->n;
	double epsilon = t->size / 8;
	if (some > 0) {
		come(t, &t->some_from);
		for (; some > 1 && epsilon > 1e-3 * t->size; epsilon /= 4)
			bid_round(t, some, &t->some_to, epsilon, some / 100, 100 * some);
		extend(t);
		epsilon = t->size / 64;
	}
	come(t, &t->from);
	t->offer[0].next = t->m > 1;
	if (above(t, limit))
		return SIZE_MAX;
	if (n < t->m) {
		settle(t, n, &t->to);
		for (size_t i = 0; i < n; i++)
			t->queue[i] = (int32_t)i;
		return n;
	}
	for (; n > 1 && epsilon > 2e-5 * t->size; epsilon /= 4) {
		bid_round(t, n, &t->to, epsilon, n / 500, 100 * n);
		if (epsilon > 5e-4 * t->size && above(t, limit))
			return SIZE_MAX;
	}
	return reduce_rows(t, n);
}
