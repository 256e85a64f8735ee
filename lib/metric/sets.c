#include "metric/sets.h"

#include "metric/chamfer.h"
#include "metric/emd.h"
#include "parallel.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

struct prepare { struct mfc_shape *shape; size_t count, threads; struct mfc_error *err; pthread_mutex_t lock; bool failed; };

static void prepare_share(void *context, size_t thread)
{
	struct prepare *p = context;
	struct mfc_error err;
	size_t from, to;
	mfc_parallel_share(p->count, p->threads, thread, &from, &to);
	for (size_t i = from; i < to; i++) {
		struct mfc_shape *s = &p->shape[i];
		if (mfc_neighbors_build(&s->tree, s->n, s->dim, s->x, &err) == 0)
			continue;
		pthread_mutex_lock(&p->lock);
		p->failed = true;
		mfc_error_set(p->err, "%s", err.message);
		pthread_mutex_unlock(&p->lock);
	}
}

int mfc_shapes_prepare(struct mfc_shape *shape, size_t count, size_t threads, struct mfc_error *err)
{
	struct prepare p = { shape, count, threads, err, PTHREAD_MUTEX_INITIALIZER, false };
	mfc_parallel(threads, prepare_share, &p);
	if (p.failed)
		mfc_shapes_release(shape, count);
	return p.failed ? -1 : 0;
}

void mfc_shapes_release(struct mfc_shape *shape, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		mfc_neighbors_free(shape[i].tree);
		shape[i].tree = NULL;
	}
}

/* Pairs are handed out one after another, for their costs differ. */
struct queue {
	const struct mfc_distances *d;
	size_t next, done, total;
	pthread_mutex_t lock;
	bool failed;
	struct mfc_error *err;
};

static void pair_of(const struct mfc_distances *d, size_t number, size_t *i, size_t *j)
{
	if (d->b) {
		*i = number / d->b_count;
		*j = number % d->b_count;
		return;
	}
	for (*i = 0; number >= d->a_count - 1 - *i; ++*i)
		number -= d->a_count - 1 - *i;
	*j = *i + 1 + number;
}

static int measure(const struct mfc_distances *d, size_t i, size_t j, struct mfc_assign *work, struct mfc_error *err)
{
	const struct mfc_shape *x = &d->a[i], *y = d->b ? &d->b[j] : &d->a[j];
	size_t columns = d->b ? d->b_count : d->a_count, at = i * columns + j, mirror = d->b ? at : j * columns + i;
	if (x->dim != y->dim || (d->emd && x->n != y->n))
		return mfc_error_set(err, "clouds of %zu points in %zu dimensions and %zu in %zu", x->n, x->dim, y->n, y->dim);
	if (d->cd)
		d->cd[at] = d->cd[mirror] = mfc_chamfer(x->n, x->x, x->tree, y->n, y->x, y->tree, x->dim);
	if (!d->emd)
		return 0;
	if (mfc_emd(work, x->n, x->dim, x->x, y->x, &d->emd[at], err))
		return -1;
	d->emd[mirror] = d->emd[at];
	return 0;
}

static void work_pairs(void *context, size_t thread)
{
	struct queue *q = context;
	struct mfc_assign work = { 0 };
	struct mfc_error err;
	(void)thread;
	pthread_mutex_lock(&q->lock);
	while (q->next < q->total && !q->failed) {
		size_t i, j, number = q->next++;
		pthread_mutex_unlock(&q->lock);
		pair_of(q->d, number, &i, &j);
		int status = measure(q->d, i, j, &work, &err);
		pthread_mutex_lock(&q->lock);
		if (status && !q->failed) {
			q->failed = true;
			mfc_error_set(q->err, "%s", err.message);
		}
		q->done++;
		if (q->d->progress)
			q->d->progress(q->d->context, q->done, q->total);
	}
	pthread_mutex_unlock(&q->lock);
	mfc_assign_clear(&work);
}

int mfc_sets_distances(const struct mfc_distances *d, struct mfc_error *err)
{
	struct queue q = { .d = d, .lock = PTHREAD_MUTEX_INITIALIZER, .err = err };
	q.total = d->b ? d->a_count * d->b_count : d->a_count * (d->a_count - (d->a_count > 0)) / 2;
	for (size_t i = 0; !d->b && i < d->a_count; i++) {
		if (d->cd)
			d->cd[i * d->a_count + i] = 0;
		if (d->emd)
			d->emd[i * d->a_count + i] = 0;
	}
	mfc_parallel(d->threads < q.total ? d->threads : q.total ? q.total : 1, work_pairs, &q);
	return q.failed ? -1 : 0;
}

/* The first of the nearest to cloud i among [from, to), i itself left out. */
static size_t nearest(size_t total, const double *distance, size_t i, size_t from, size_t to)
{
	size_t best = SIZE_MAX;
	for (size_t j = from; j < to; j++)
		if (j != i && (best == SIZE_MAX || distance[i * total + j] < distance[i * total + best]))
			best = j;
	return best;
}

int mfc_sets_metrics(size_t r, size_t g, const double *distance, struct mfc_set_metrics *out, struct mfc_error *err)
{
	size_t total = r + g, covered = 0, right = 0;
	if (r < 1 || g < 1)
		return mfc_error_set(err, "an empty set: %zu generated and %zu reference clouds", g, r);
	bool *hit = calloc(r, sizeof *hit);
	if (!hit)
		return mfc_error_memory(err);
	*out = (struct mfc_set_metrics){ 0 };
	for (size_t i = 0; i < total; i++) {
		size_t any = nearest(total, distance, i, 0, total);
		right += (any < r) == (i < r);
		if (i < r)
			out->mmd += distance[i * total + nearest(total, distance, i, r, total)] / (double)r;
		else
			hit[nearest(total, distance, i, 0, r)] = true;
	}
	for (size_t i = 0; i < r; i++)
		covered += hit[i];
	free(hit);
	out->cov = (double)covered / (double)r;
	out->nna = (double)right / (double)total;
	return 0;
}
