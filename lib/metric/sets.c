#include "metric/sets.h"

#include "metric/bound.h"
#include "metric/chamfer.h"
#include "metric/emd.h"
#include "metric/pairs.h"
#include "parallel.h"

#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

struct prepare { struct mfc_points *shape; size_t count, threads; struct mfc_error *err; pthread_mutex_t lock; bool failed; };

static void prepare_share(void *context, size_t thread)
{
	struct prepare *p = context;
	struct mfc_error err;
	size_t from, to;
	mfc_parallel_share(p->count, p->threads, thread, &from, &to);
	for (size_t i = from; i < to; i++) {
		struct mfc_points *s = &p->shape[i];
		if (mfc_neighbors_build(&s->tree, s->n, s->dim, s->x, &err) == 0)
			continue;
		pthread_mutex_lock(&p->lock);
		p->failed = true;
		mfc_error_set(p->err, "%s", err.message);
		pthread_mutex_unlock(&p->lock);
	}
}

int mfc_points_prepare(struct mfc_points *shape, size_t count, size_t threads, struct mfc_error *err)
{
	struct prepare p = { shape, count, threads, err, PTHREAD_MUTEX_INITIALIZER, false };
	mfc_parallel(threads, prepare_share, &p);
	if (p.failed)
		mfc_points_release(shape, count);
	return p.failed ? -1 : 0;
}

void mfc_points_release(struct mfc_points *shape, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		mfc_neighbors_free(shape[i].tree);
		shape[i].tree = NULL;
	}
}

/* Pairs are handed out one after another, for their costs differ; where a bound tells which are promising, those first. */
struct queue {
	const struct mfc_distances *d;
	struct mfc_pair *pair;
	size_t next, done, total;
	/* Where emd is wanted for the nearest only: the slices of each cloud, what each pair's EMD is at least, and each cloud's
	 * least EMD so far to any cloud and to one of the other set. d->emd is infinite where it is not known. */
	double **slices, *lower, *least, *least_other;
	struct mfc_pruning pruning;
	pthread_mutex_t lock;
	bool failed;
	struct mfc_error *err;
};

static void fail(struct queue *q, const char *message)
{
	pthread_mutex_lock(&q->lock);
	if (!q->failed)
		mfc_error_set(q->err, "%s", message);
	q->failed = true;
	pthread_mutex_unlock(&q->lock);
}

static bool across(const struct queue *q, const struct mfc_pair *p)
{
	return (p->i < q->d->reference) != (p->j < q->d->reference);
}

/* An EMD above this cannot matter, by what is known so far, which only falls. */
static double limit_of(const struct queue *q, const struct mfc_pair *p)
{
	const double *least = q->slices && across(q, p) ? q->least_other : q->least;
	return q->slices ? fmax(least[p->i], least[p->j]) : INFINITY;
}

/* What the triangle inequality is of: that of squared distances is the square of a distance. */
static double metric(const struct queue *q, double emd)
{
	return q->d->squared ? sqrt(emd) : emd;
}

/* What the EMD of a pair is at least, by its bound and by the triangle inequality over what is known of other pairs. */
static double lower_of(const struct queue *q, const struct mfc_pair *p)
{
	size_t count = q->d->a_count;
	const double *low_i = q->lower + p->i * count, *low_j = q->lower + p->j * count;
	const double *emd_i = q->d->emd + p->i * count, *emd_j = q->d->emd + p->j * count;
	double most = metric(q, p->bound);
	for (size_t k = 0; k < count; k++) {
		double a = metric(q, low_i[k]) * (1 - 1e-9) - metric(q, emd_j[k]), b = metric(q, low_j[k]) * (1 - 1e-9) - metric(q, emd_i[k]);
		double larger = a > b ? a : b;
		most = larger > most ? larger : most;
	}
	return q->d->squared ? most * most : most;
}

static void learn(struct queue *q, const struct mfc_pair *p, double lower, double emd)
{
	size_t count = q->d->a_count;
	q->lower[p->i * count + p->j] = q->lower[p->j * count + p->i] = lower;
	q->least[p->i] = fmin(q->least[p->i], emd);
	q->least[p->j] = fmin(q->least[p->j], emd);
	if (!across(q, p))
		return;
	q->least_other[p->i] = fmin(q->least_other[p->i], emd);
	q->least_other[p->j] = fmin(q->least_other[p->j], emd);
}

/* One pair, its EMD unless `skip`; that may be given up above limit. */
static int measure(const struct mfc_distances *d, const struct mfc_pair *p, bool skip, double limit, struct mfc_emd_work *work,
    struct mfc_emd_result *out, struct mfc_error *err)
{
	const struct mfc_points *x = &d->a[p->i], *y = d->b ? &d->b[p->j] : &d->a[p->j];
	if (x->dim != y->dim)
		return mfc_error_set(err, "a cloud of %zu dimensions and one of %zu", x->dim, y->dim);
	size_t columns = d->b ? d->b_count : d->a_count, at = p->i * columns + p->j, mirror = d->b ? at : p->j * columns + p->i;
	if (d->cd)
		d->cd[at] = d->cd[mirror] = mfc_chamfer(x->tree, y->tree);
	if (d->emd && !skip)
		return mfc_emd(work, x->n, x->x, y->n, y->x, x->dim, d->squared, limit, out, err);
	return 0;
}

/* Note the EMD of a pair, under the lock: others look at it there. */
static void note(struct queue *q, const struct mfc_pair *p, bool skip, const struct mfc_emd_result *r)
{
	const struct mfc_distances *d = q->d;
	size_t columns = d->b ? d->b_count : d->a_count, at = p->i * columns + p->j, mirror = d->b ? at : p->j * columns + p->i;
	if (!d->emd)
		return;
	d->emd[at] = d->emd[mirror] = r->emd;
	if (d->gap)
		d->gap[at] = d->gap[mirror] = r->emd - r->bound;
	q->pruning.pairs++;
	q->pruning.solved += r->emd < INFINITY;
	q->pruning.begun += !skip;
	if (q->slices)
		learn(q, p, r->emd < INFINITY ? r->emd : r->bound, r->emd);
}

static void work_pairs(void *context, size_t thread)
{
	struct queue *q = context;
	struct mfc_emd_work *work;
	struct mfc_error err;
	(void)thread;
	if (mfc_emd_work_create(&work, &err)) {
		fail(q, err.message);
		return;
	}
	pthread_mutex_lock(&q->lock);
	while (q->next < q->total && !q->failed) {
		const struct mfc_pair *p = &q->pair[q->next++];
		double limit = limit_of(q, p);
		struct mfc_emd_result r = { INFINITY, q->slices ? lower_of(q, p) : 0 };
		bool skip = r.bound * (1 - 1e-5) > limit;   /* the margin is wider than all rounding */
		pthread_mutex_unlock(&q->lock);
		if (measure(q->d, p, skip, limit, work, &r, &err))
			fail(q, err.message);
		pthread_mutex_lock(&q->lock);
		if (!q->failed)
			note(q, p, skip, &r);
		if (!q->failed && q->d->measured)
			q->d->measured(q->d->context, p->i, p->j);
		q->done++;
		if (q->d->progress)
			q->d->progress(q->d->context, q->done, q->total);
	}
	pthread_mutex_unlock(&q->lock);
	mfc_emd_work_free(work);
}

static void slice_share(void *context, size_t thread)
{
	struct queue *q = context;
	size_t from, to;
	mfc_parallel_share(q->d->a_count, q->d->threads, thread, &from, &to);
	for (size_t i = from; i < to; i++) {
		q->slices[i] = mfc_bound_slices(q->d->a[i].n, q->d->a[i].dim, q->d->a[i].x);
		if (!q->slices[i])
			fail(q, "out of memory");
	}
}

static void bound_share(void *context, size_t thread)
{
	struct queue *q = context;
	size_t from, to;
	mfc_parallel_share(q->total, q->d->threads, thread, &from, &to);
	for (size_t k = from; k < to; k++) {
		struct mfc_pair *p = &q->pair[k];
		const struct mfc_points *x = &q->d->a[p->i], *y = &q->d->a[p->j];
		if (x->dim == y->dim)   /* otherwise an error later */
			p->bound = mfc_bound_emd(x->n, q->slices[p->i], y->n, q->slices[p->j], x->dim, q->d->squared);
	}
}

/* In an order that does not depend on the sort. */
static int nearer_first(const void *a, const void *b)
{
	const struct mfc_pair *p = a, *q = b;
	if (p->bound != q->bound)
		return p->bound < q->bound ? -1 : 1;
	return p->i != q->i ? (p->i > q->i) - (p->i < q->i) : (p->j > q->j) - (p->j < q->j);
}

static int prepare_bounds(struct queue *q)
{
	size_t count = q->d->a_count;
	size_t cells = count * count;   /* which list_pairs has checked */
	q->slices = calloc(count, sizeof *q->slices);
	q->lower = calloc(cells, sizeof *q->lower);
	q->least = malloc(count * sizeof *q->least);
	q->least_other = malloc(count * sizeof *q->least_other);
	if (!q->slices || !q->lower || !q->least || !q->least_other)
		return mfc_error_memory(q->err);
	for (size_t i = 0; i < count; i++)
		q->least[i] = q->least_other[i] = INFINITY;
	for (size_t i = 0; i < cells; i++)
		q->d->emd[i] = i % (count + 1) ? INFINITY : 0;
	mfc_parallel(q->d->threads, slice_share, q);
	if (q->failed)
		return -1;
	mfc_parallel(q->d->threads, bound_share, q);
	qsort(q->pair, q->total, sizeof *q->pair, nearer_first);
	return 0;
}

static int list_pairs(struct queue *q)
{
	const struct mfc_distances *d = q->d;
	size_t columns = d->a_count;
	if (mfc_pairs_list(d, &q->pair, &q->total, q->err))
		return -1;
	for (size_t i = 0; !d->b && i < columns; i++) {
		if (d->cd)
			d->cd[i * columns + i] = 0;
		if (d->emd)
			d->emd[i * columns + i] = 0;
		if (d->gap)
			d->gap[i * columns + i] = 0;
	}
	return 0;
}

int mfc_sets_distances(const struct mfc_distances *d, struct mfc_error *err)
{
	struct queue q = { .d = d, .lock = PTHREAD_MUTEX_INITIALIZER, .err = err };
	bool bounded = d->emd && !d->b && d->reference > 0;
	int status = list_pairs(&q) || (bounded && prepare_bounds(&q)) ? -1 : 0;
	if (status == 0) {
		mfc_parallel(d->threads < q.total ? d->threads : q.total ? q.total : 1, work_pairs, &q);
		status = q.failed ? -1 : 0;
	}
	if (d->pruning)
		*d->pruning = q.pruning;
	for (size_t i = 0; q.slices && i < d->a_count; i++)
		free(q.slices[i]);
	free(q.slices);
	free(q.lower);
	free(q.least);
	free(q.least_other);
	free(q.pair);
	return status;
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

size_t mfc_sets_nearest(size_t total, const double *distance, size_t i)
{
	return nearest(total, distance, i, 0, total);
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
		size_t any = mfc_sets_nearest(total, distance, i);
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
