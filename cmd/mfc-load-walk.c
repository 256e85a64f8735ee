/* What mfc-load does with the shapes as they come: list them, pass them on, or keep them for epochs. */
#include "mfc-load.h"

#include "rng.h"

#include <stdlib.h>
#include <string.h>

int load_keep_header(void *context, const struct mfc_value *header, struct mfc_error *err)
{
	struct load *l = context;
	if (l->header.size)
		return 0;
	l->seed = cli_stage_seed(&l->cli, header);
	mfc_value_clear(&l->header);
	return mfc_value_copy(&l->header, header, err);
}

int load_broken(void *context, const struct mfc_error *why, struct mfc_error *err)
{
	struct load *l = context;
	l->broken++;
	if (l->strict)
		return mfc_error_set(err, "%s", why->message);
	cli_warn("%s (skipped)", why->message);
	return 0;
}

int load_list(void *context, struct mfc_shape *shape, struct mfc_error *err)
{
	struct load *l = context;
	(void)err;
	l->loaded++;
	fprintf(l->listing, "%s\t%s\t%s\t%s\n", shape->id, shape->label, shape->split, shape->path);
	return 0;
}

/* Whether a cloud can be made of the shape: if not it is broken like a file that cannot be read. 1, 0, or -1 under --strict. */
static int usable(struct load *l, const struct mfc_shape *shape, struct mfc_cloud *cloud, struct mfc_error *err)
{
	struct mfc_error why;
	if (load_cloud(l, shape, 0, cloud, &why)) {
		mfc_error_prefix(&why, "%s", shape->path);
		return load_broken(l, &why, err) ? -1 : 0;
	}
	l->loaded++;
	cli_progress(&l->cli, (double)l->loaded, 0, "shapes", NULL);
	return 1;
}

/* A single pass in order needs nothing kept. */
int load_pass(void *context, struct mfc_shape *shape, struct mfc_error *err)
{
	struct load *l = context;
	struct mfc_cloud cloud;
	mfc_cloud_init(&cloud);
	int status = usable(l, shape, &cloud, err);
	status = status == 1 ? load_write(l, &cloud, err) : status;
	mfc_cloud_clear(&cloud);
	return status;
}

int load_keep(void *context, struct mfc_shape *shape, struct mfc_error *err)
{
	struct load *l = context;
	struct mfc_cloud cloud;
	mfc_cloud_init(&cloud);
	int status = usable(l, shape, &cloud, err);
	mfc_cloud_clear(&cloud);
	if (status != 1)
		return status;
	l->bytes += mfc_shape_bytes(shape);
	if (l->bytes > l->cache)
		return mfc_error_set(err, "the shapes need more than --cache %zu bytes: load them once into a .mfc file with fewer points, and that", l->cache);
	if (l->shapes == l->capacity) {
		size_t capacity = l->capacity ? 2 * l->capacity : 256;
		struct mfc_shape *more = realloc(l->shape, capacity * sizeof *more);
		if (!more)
			return mfc_error_memory(err);
		l->shape = more;
		l->capacity = capacity;
	}
	l->shape[l->shapes++] = *shape;
	memset(shape, 0, sizeof *shape);
	return 0;
}

static void emit_epoch(struct load *l, size_t epoch, const size_t *order)
{
	struct mfc_error err;
	struct mfc_cloud cloud;
	mfc_cloud_init(&cloud);
	for (size_t i = 0; i < l->shapes && (l->limit == 0 || i < l->limit); i++) {
		if (load_cloud(l, &l->shape[order[i]], epoch, &cloud, &err) || load_write(l, &cloud, &err))
			cli_die("%s", err.message);
		mfc_cloud_clear(&cloud);
	}
	fflush(cli_output(&l->cli)->out);   /* nobody should wait for a full buffer */
}

void load_epochs(struct load *l)
{
	size_t *order = malloc((l->shapes + 1) * sizeof *order);
	if (!order)
		cli_die("out of memory");
	for (size_t e = 0; l->epochs == 0 || e < l->epochs; e++) {
		for (size_t i = 0; i < l->shapes; i++)
			order[i] = i;
		struct mfc_rng rng = mfc_rng_make(l->seed, MFC_RNG_ORDER, 0, e);
		if (l->shuffle)
			mfc_rng_shuffle(&rng, l->shapes, order);
		emit_epoch(l, e, order);
		if (l->epochs)
			cli_progress(&l->cli, (double)(e + 1), (double)l->epochs, "epochs", NULL);
	}
	free(order);
}
