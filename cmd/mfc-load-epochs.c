/* Shapes that are kept in memory and written again and again: for epochs and for shuffling. */
#include "mfc-load.h"

#include "ordered.h"
#include "rng.h"

#include <stdlib.h>
#include <string.h>

static int keep(struct load *l, struct mfc_shape *shape, struct mfc_cloud *cloud, struct mfc_error *err)
{
	l->bytes += mfc_shape_bytes(shape);
	if (l->bytes > l->cache)
		return mfc_error_set(err, "the shapes need more than --cache %zu bytes: load them once into a .mfc file with fewer points, and that", l->cache);
	if (l->normalize == MFC_NORMALIZE_SET && !l->center && mfc_statistics_add(&l->statistics, cloud, err))
		return -1;
	if (l->shapes == l->capacity) {
		size_t capacity = l->capacity ? 2 * l->capacity : 256;
		struct mfc_shape *more = realloc(l->shape, capacity * sizeof *more);
		if (!more)
			return mfc_error_memory(err);
		l->shape = more;
		l->capacity = capacity;
	}
	l->shape[l->shapes++] = *shape;
	*shape = (struct mfc_shape){ 0 };
	return 0;
}

struct epochs {
	struct load *load;
	size_t epoch, next;   /* the next cloud to be made */
	size_t *order;        /* (shapes), of the epoch */
	struct mfc_error err;
};

struct item {
	struct mfc_cloud cloud;
	size_t shape, epoch;
	bool last;            /* of its epoch */
	int status;
	struct mfc_error err;
};

static void begin_epoch(struct epochs *e)
{
	const struct load *l = e->load;
	struct mfc_rng rng = mfc_rng_make(l->seed, MFC_RNG_ORDER, 0, e->epoch);
	for (size_t i = 0; i < l->shapes; i++)
		e->order[i] = i;
	if (l->shuffle)
		mfc_rng_shuffle(&rng, l->shapes, e->order);
	e->next = 0;
}

static int next_item(void *context, struct mfc_ordered *run, void *p)
{
	struct epochs *e = context;
	const struct load *l = e->load;
	struct item *item = p;
	size_t count = l->limit && l->limit < l->shapes ? l->limit : l->shapes;
	(void)run;
	if (l->epochs && e->epoch == l->epochs)
		return 0;
	if (e->next == 0)
		begin_epoch(e);
	mfc_cloud_init(&item->cloud);
	item->shape = e->order[e->next++];
	item->epoch = e->epoch;
	item->last = e->next == count;
	if (item->last) {
		e->next = 0;
		e->epoch++;
	}
	return 1;
}

static void make_cloud(void *context, size_t thread, void *p)
{
	const struct load *l = ((struct epochs *)context)->load;
	struct item *item = p;
	(void)thread;
	item->status = load_cloud(l, &l->shape[item->shape], item->epoch, &item->cloud, &item->err);
}

static void clear_item(void *context, void *p)
{
	(void)context;
	mfc_cloud_clear(&((struct item *)p)->cloud);
}

static int write_item(void *context, void *p)
{
	struct epochs *e = context;
	struct load *l = e->load;
	struct item *item = p;
	int status = item->status;
	if (status)
		e->err = item->err;
	else
		status = load_write(l, &item->cloud, &e->err);
	if (status == 0 && item->last) {
		fflush(l->writer->out);   /* nobody should wait for a full buffer */
		if (l->epochs)
			cli_progress(&l->cli, (double)(item->epoch + 1), (double)l->epochs, "epochs", NULL);
	}
	clear_item(NULL, item);
	return status;
}

void load_epochs(struct load *l)
{
	load_pass(l, true, keep);
	if (l->shapes == 0)
		return;
	if (l->normalize == MFC_NORMALIZE_SET && !l->like)
		load_statistics(l);
	struct epochs e = { .load = l, .order = malloc(l->shapes * sizeof *e.order) };
	const struct mfc_ordered_steps steps = { sizeof(struct item), next_item, make_cloud, write_item, clear_item, &e, 0 };
	mfc_error_memory(&e.err);
	l->writer = cli_output(&l->cli);
	if (!e.order || mfc_ordered_run(&steps, l->cli.threads))
		cli_die("%s", e.err.message);
	free(e.order);
}
