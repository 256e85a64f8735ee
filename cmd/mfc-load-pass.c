/* A pass over the data set. Reading goes on in order; unpacking, parsing and sampling on all threads; what comes of it leaves in order. */
#include "mfc-load.h"

#include "ordered.h"

#include <stdlib.h>
#include <string.h>

typedef int taker(struct load *l, struct mfc_shape *shape, struct mfc_cloud *cloud, struct mfc_error *err);

struct pass {
	struct load *load;
	taker *give;
	bool keeps;             /* give takes meshes */
	struct mfc_error err, unread;   /* why it ended early: in writing, or in reading */
	bool wrote;             /* err says */
};

struct item {
	struct mfc_shape shape;
	struct mfc_cloud cloud;
	bool broken, fatal;
	double gone, total;     /* bytes of the data set, up to this one and of all */
	struct mfc_error err;
};

/* What was met that is no shape. 1 when it was one, or one that is broken; want of memory is no fault of the shape's. */
static int look(struct load *l, int event, struct mfc_error *err)
{
	if (event == MFC_DATASET_OTHER) {
		l->other++;
		cli_note("%s: no shape (passed over)", err->message);
	}
	/* The first stream's header is the output's, unless shapes come before it. */
	bool first = !l->begun;
	l->begun = l->begun || event == MFC_DATASET_HEADER || event == MFC_DATASET_SHAPE;
	if (event == MFC_DATASET_HEADER && load_onehot(l, mfc_dataset_header(l->dataset), err))
		return -1;
	if (event == MFC_DATASET_HEADER && first) {
		l->seed = cli_stage_seed(&l->cli, mfc_dataset_header(l->dataset));
		mfc_value_clear(&l->header);
		if (mfc_value_copy(&l->header, mfc_dataset_header(l->dataset), err))
			return -1;
	}
	if (event == MFC_DATASET_TROUBLE && err->scarce)
		return -1;
	return event < 0 ? -1 : event == MFC_DATASET_SHAPE || event == MFC_DATASET_TROUBLE;
}

static void clear_item(void *context, void *p)
{
	struct item *item = p;
	(void)context;
	mfc_shape_clear(&item->shape);
	mfc_cloud_clear(&item->cloud);
}

static int read_item(void *context, struct mfc_ordered *run, void *p)
{
	struct pass *pass = context;
	struct load *l = pass->load;
	struct item *item = p;
	int event, got = 0;
	mfc_cloud_init(&item->cloud);
	do {
		event = mfc_dataset_next(l->dataset, &item->shape, &item->err);
		if (event == MFC_DATASET_HEADER)
			mfc_ordered_drain(run);   /* what is under way draws by the header before */
		if (event != MFC_DATASET_END)
			got = look(l, event, &item->err);
	} while (event != MFC_DATASET_END && (got == 0 || (event == MFC_DATASET_SHAPE && load_done_before(l, &item->shape)) ||
	    (event == MFC_DATASET_TROUBLE && l->next < l->dones)));
	if (event == MFC_DATASET_END || got < 0) {
		pass->unread = item->err;
		clear_item(NULL, item);   /* one that was passed over */
		return event == MFC_DATASET_END ? 0 : -1;
	}
	mfc_dataset_progress(l->dataset, &item->gone, &item->total);
	item->broken = event == MFC_DATASET_TROUBLE;
	if (item->broken)
		return 1;
	if (item->shape.size != MFC_SIZE_UNKNOWN)
		mfc_ordered_reserve(run, item->shape.size < MFC_MAX_MEMBER ? (size_t)item->shape.size : MFC_MAX_MEMBER);
	int taken = mfc_dataset_take(l->dataset, &item->shape, &item->err);
	if (item->shape.size == MFC_SIZE_UNKNOWN)
		mfc_ordered_reserve(run, item->shape.member.size);
	item->broken = taken < 0;
	item->fatal = taken < -1;
	return 1;
}

static void work_on(void *context, size_t thread, void *p)
{
	const struct pass *pass = context;
	const struct load *l = pass->load;
	struct item *item = p;
	if (item->broken)
		return;
	int status = mfc_shape_decode(&item->shape, &l->fetcher[thread], &item->err);
	if (status == 0 && load_cloud(l, &item->shape, 0, &item->cloud, &item->err)) {
		mfc_error_prefix(&item->err, "%s", item->shape.path);
		status = -1;
	}
	item->broken = status < 0;
	item->fatal = status < -1;
	if (!pass->keeps)
		mfc_mesh_clear(&item->shape.mesh);   /* it may be large, and wait for others to be written */
}

static void progress(struct load *l, double gone, double total)
{
	char note[64];
	snprintf(note, sizeof note, "%zu shapes", l->loaded);
	cli_progress(&l->cli, gone / 1e6, total / 1e6, "MB", note);
}

static int write_item(void *context, void *p)
{
	struct pass *pass = context;
	struct load *l = pass->load;
	struct item *item = p;
	int status = 0;
	if (!item->broken && load_check_dim(l, &item->cloud, &item->err)) {
		mfc_error_prefix(&item->err, "%s", item->shape.path);
		item->broken = true;
	}
	if (!item->broken) {
		l->loaded++;
		status = pass->give(l, &item->shape, &item->cloud, &pass->err);
		progress(l, item->gone, item->total);
	} else if (item->fatal || item->err.scarce || l->strict) {
		pass->err = item->err;
		status = -1;
	} else {
		l->broken++;
		cli_warn("%s (skipped)", item->err.message);
	}
	pass->wrote = status != 0;
	clear_item(NULL, item);
	return status;
}

void load_pass(struct load *l, bool keeps, taker *give)
{
	struct pass pass = { .load = l, .give = give, .keeps = keeps };
	const struct mfc_ordered_steps steps = { sizeof(struct item), read_item, work_on, write_item, clear_item, &pass, 0 };
	mfc_error_memory(&pass.unread);   /* unless another reason is given */
	l->fetcher = calloc(l->cli.threads, sizeof *l->fetcher);
	int status = l->fetcher ? mfc_ordered_run(&steps, l->cli.threads) : -1;
	for (size_t i = 0; l->fetcher && i < l->cli.threads; i++)
		mfc_fetcher_clear(&l->fetcher[i]);
	free(l->fetcher);
	if (status == 0 && l->loaded) {
		double gone, total;
		mfc_dataset_progress(l->dataset, &gone, &total);
		progress(l, gone, total);
	}
	cli_progress_end(&l->cli);
	if (status && l->writer)
		fflush(l->writer->out);
	if (status)
		cli_die("%s", pass.wrote ? pass.err.message : pass.unread.message);
	if (l->next < l->dones)
		cli_die("%s.part: \"%s\" is not among the shapes: they are not those it was begun with", l->resume, l->done[l->next]);
}

void load_list(struct load *l, FILE *listing)
{
	struct mfc_shape shape = { 0 };
	struct mfc_error err;
	int event, got = 0;
	while (got >= 0 && (event = mfc_dataset_next(l->dataset, &shape, &err)) != MFC_DATASET_END) {
		got = look(l, event, &err);
		if (got == 1 && event == MFC_DATASET_TROUBLE) {
			l->broken++;
			cli_warn("%s (skipped)", err.message);
		} else if (got == 1) {
			l->loaded++;
			fprintf(listing, "%s\t%s\t%s\t%s\n", shape.id, shape.label, shape.split, shape.path);
		}
	}
	mfc_shape_clear(&shape);
	if (got < 0)
		cli_die("%s", err.message);
}
