#include "metric/pairs.h"

#include "parallel.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

int mfc_pairs_list(const struct mfc_distances *d, struct mfc_pair **pair, size_t *total, struct mfc_error *err)
{
	size_t columns = d->b ? d->b_count : d->a_count, room, number = 0;
	*total = 0;
	if (d->a_count > UINT32_MAX || columns > UINT32_MAX || __builtin_mul_overflow(d->a_count, columns, &room) ||
	    __builtin_mul_overflow(room, sizeof **pair, &room) || !(*pair = malloc(room + 1)))
		return mfc_error_memory(err);
	for (size_t i = 0; i < d->a_count; i++)
		for (size_t j = d->b ? 0 : i + 1; j < columns; j++)
			if (!d->blocks || number++ % d->blocks == d->block)
				(*pair)[(*total)++] = (struct mfc_pair){ 0, (uint32_t)i, (uint32_t)j };
	return 0;
}

struct queue {
	const struct mfc_distances *d;
	int (*measure)(void *context, size_t i, size_t j, struct mfc_error *err);
	void *context;
	struct mfc_pair *pair;
	size_t next, done, total;
	pthread_mutex_t lock;
	bool failed;
	struct mfc_error *err;
};

static void work(void *context, size_t thread)
{
	struct queue *q = context;
	struct mfc_error err;
	(void)thread;
	pthread_mutex_lock(&q->lock);
	while (q->next < q->total && !q->failed) {
		size_t i = q->pair[q->next].i, j = q->pair[q->next].j;
		q->next++;
		pthread_mutex_unlock(&q->lock);
		int failed = q->measure(q->context, i, j, &err);
		pthread_mutex_lock(&q->lock);
		if (failed && !q->failed)
			mfc_error_set(q->err, "%s", err.message);
		q->failed |= failed != 0;
		if (!q->failed && q->d->measured)
			q->d->measured(q->d->context, i, j);
		q->done++;
		if (q->d->progress)
			q->d->progress(q->d->context, q->done, q->total);
	}
	pthread_mutex_unlock(&q->lock);
}

int mfc_pairs_each(const struct mfc_distances *d, int (*measure)(void *context, size_t i, size_t j, struct mfc_error *err), void *context,
    struct mfc_error *err)
{
	struct queue q = { .d = d, .measure = measure, .context = context, .lock = PTHREAD_MUTEX_INITIALIZER, .err = err };
	if (mfc_pairs_list(d, &q.pair, &q.total, err))
		return -1;
	mfc_parallel(d->threads < q.total ? d->threads : q.total ? q.total : 1, work, &q);
	free(q.pair);
	return q.failed ? -1 : 0;
}
