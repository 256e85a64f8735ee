#include "ordered.h"

#include "parallel.h"
#include "waiting.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BUDGET ((size_t)64 << 20)
#define SLOTS 16   /* a thread; items that wait for an earlier one which takes long */

/* The items are numbered; item i is in slot i % slots from its reading until it was written. */
struct mfc_ordered {
	const struct mfc_ordered_steps *steps;
	size_t slots;
	char *item;               /* (slots, size) */
	bool *done;               /* (slots): worked on */
	size_t *cost;             /* (slots): bytes reserved */
	size_t read, written;     /* items so far */
	size_t held;              /* bytes reserved by items not yet written */
	bool ended, failed;       /* nothing more is read; nothing more is written */
	bool reading, writing;    /* a thread is at it */
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

static void *item_of(struct mfc_ordered *r, size_t number)
{
	return r->item + number % r->slots * r->steps->size;
}

/* Write what is ready, in order, unless another thread is at it: it will see to the rest. The lock is held, but not while writing. */
static void write_ready(struct mfc_ordered *r)
{
	if (r->writing)
		return;
	r->writing = true;
	while (r->written < r->read && r->done[r->written % r->slots]) {
		void *item = item_of(r, r->written);
		bool failed = r->failed;
		pthread_mutex_unlock(&r->lock);
		if (failed)
			r->steps->clear(r->steps->context, item);
		else
			failed = r->steps->write(r->steps->context, item) != 0;
		pthread_mutex_lock(&r->lock);
		r->failed = r->failed || failed;
		r->held -= r->cost[r->written % r->slots];
		r->done[r->written % r->slots] = false;
		r->written++;
		pthread_cond_broadcast(&r->changed);
	}
	r->writing = false;
}

void mfc_ordered_reserve(struct mfc_ordered *r, size_t bytes)
{
	pthread_mutex_lock(&r->lock);
	size_t *own = &r->cost[r->read % r->slots], budget = r->steps->budget ? r->steps->budget : BUDGET;
	while (r->held > *own && (r->held > budget || bytes > budget - r->held))
		pthread_cond_wait(&r->changed, &r->lock);
	r->held += bytes;
	*own += bytes;
	pthread_mutex_unlock(&r->lock);
}

void mfc_ordered_drain(struct mfc_ordered *r)
{
	pthread_mutex_lock(&r->lock);
	while (r->written < r->read)
		pthread_cond_wait(&r->changed, &r->lock);
	pthread_mutex_unlock(&r->lock);
}

/* Read the next item: its number in *number, or false when there is none. The lock is held, but not while reading. */
static bool read_item(struct mfc_ordered *r, size_t *number)
{
	while (!r->ended && !r->failed && (r->reading || r->read - r->written == r->slots))
		pthread_cond_wait(&r->changed, &r->lock);
	if (r->ended || r->failed)
		return false;
	size_t slot = r->read % r->slots;
	void *item = item_of(r, r->read);
	r->reading = true;
	r->cost[slot] = 0;
	memset(item, 0, r->steps->size);
	pthread_mutex_unlock(&r->lock);
	int got = r->steps->read(r->steps->context, r, item);
	pthread_mutex_lock(&r->lock);
	r->reading = false;
	if (got <= 0) {
		r->ended = true;
		r->held -= r->cost[slot];
	} else {
		*number = r->read++;
	}
	/* The items before one that could not be read are written; nothing after them. */
	if (got < 0) {
		while (r->written < r->read)
			pthread_cond_wait(&r->changed, &r->lock);
		r->failed = true;
	}
	pthread_cond_broadcast(&r->changed);
	return got > 0;
}

static void take_part(void *context, size_t thread)
{
	struct mfc_ordered *r = context;
	size_t number;
	pthread_mutex_lock(&r->lock);
	while (read_item(r, &number)) {
		pthread_mutex_unlock(&r->lock);
		mfc_waiting_enter(MFC_WORKS);
		r->steps->work(r->steps->context, thread, item_of(r, number));
		mfc_waiting_leave(MFC_WORKS);
		pthread_mutex_lock(&r->lock);
		r->done[number % r->slots] = true;
		write_ready(r);
	}
	pthread_mutex_unlock(&r->lock);
}

int mfc_ordered_run(const struct mfc_ordered_steps *steps, size_t threads)
{
	struct mfc_ordered r = { .steps = steps, .slots = SLOTS * threads, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
	r.item = calloc(r.slots, steps->size);
	r.done = calloc(r.slots, sizeof *r.done);
	r.cost = calloc(r.slots, sizeof *r.cost);
	if (r.item && r.done && r.cost)
		mfc_parallel(threads, take_part, &r);
	else
		r.failed = true;
	free(r.item);
	free(r.done);
	free(r.cost);
	return r.failed ? -1 : 0;
}
