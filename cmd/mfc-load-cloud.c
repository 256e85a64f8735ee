/* From the shapes of a data set to the clouds of a stream. */
#include "mfc-load.h"

#include "rng.h"

#define FAR 10   /* standard deviations of the set: no shape of it is so large, or so small */

#include <math.h>
#include <stdlib.h>
#include <string.h>

int load_cloud(const struct load *l, const struct mfc_shape *shape, size_t epoch, struct mfc_cloud *cloud, struct mfc_error *err)
{
	cloud->key = mfc_cloud_key(shape->id, epoch);
	struct mfc_rng rng = mfc_rng_make(l->seed, MFC_RNG_SAMPLE, cloud->key, 0);
	if (mfc_sample(cloud, &shape->mesh, l->sample, l->points, l->normals, &rng, err) || mfc_cloud_set_id(cloud, shape->id, err) ||
	    (shape->label[0] && mfc_cloud_set_label(cloud, shape->label, err)) ||
	    (shape->split[0] && mfc_value_put(&cloud->extra, "split", mfc_value_str(shape->split), err)))
		return -1;
	bool encodes = l->onehot.count && !l->is_onehot;
	if (encodes && (shape->center || !isnan(shape->scale)))
		return mfc_error_set(err, "was normalised before its kinds became coordinates (--one-hot)");
	if (encodes && mfc_onehot_encode(&l->onehot, cloud, err))
		return -1;
	if (shape->center) {
		cloud->center = malloc(cloud->dim * sizeof *cloud->center);
		if (!cloud->center)
			return mfc_error_memory(err);
		memcpy(cloud->center, shape->center, cloud->dim * sizeof *cloud->center);
	}
	cloud->scale = shape->scale;
	if (l->centers && mfc_transform_center(cloud, cloud->dim - (l->onehot.count < cloud->dim ? l->onehot.count : 0), err))
		return -1;
	return l->normalize == MFC_NORMALIZE_SET ? 0 : mfc_transform_normalize(cloud, l->normalize, err);
}

int load_check_dim(struct load *l, const struct mfc_cloud *cloud, struct mfc_error *err)
{
	if (l->dim && cloud->dim != l->dim && l->like && l->loaded == 0)
		return mfc_error_set(err, "%zu coordinates where %s has %zu", cloud->dim, l->like, l->dim);
	if (l->dim && cloud->dim != l->dim)
		return mfc_error_set(err, "%zu coordinates where the shapes before have %zu", cloud->dim, l->dim);
	l->dim = cloud->dim;
	return 0;
}

/* The set's normalisation that a header tells of: raw = x scale + center, center borrowed. False where it tells of none. */
static bool set_of(const struct mfc_value *header, size_t dim, const struct mfc_value **center, double *scale)
{
	const struct mfc_value *n = mfc_value_get(header, "normalize");
	const char *kind = mfc_value_as_string(mfc_value_get(n, "kind"));
	*center = mfc_value_get(n, "center");
	bool ok = kind && strcmp(kind, mfc_normalize_name(MFC_NORMALIZE_SET)) == 0 && *center && (*center)->type == MFC_LIST && (*center)->size == dim &&
	    mfc_value_as_real(mfc_value_get(n, "scale"), scale) && *scale > 0;
	double x;
	for (size_t i = 0; ok && i < dim; i++)
		ok = mfc_value_as_real(&(*center)->items[i], &x);
	return ok;
}

/* A stream that was normalised as a set already: --like is for the raw coordinates, so what it takes away here is less by what is gone; and the
 * header tells of both together. */
static int compose(struct load *l, struct mfc_error *err)
{
	const struct mfc_value *center;
	double before = 1, x = 0;
	bool twice = set_of(&l->header, l->dim, &center, &before);
	l->told = calloc(l->dim, sizeof *l->told);
	if (!l->told)
		return mfc_error_memory(err);
	for (size_t i = 0; i < l->dim; i++) {
		if (twice)
			mfc_value_as_real(&center->items[i], &x);
		if (l->like)
			l->center[i] = (l->center[i] - x) / before;
		l->told[i] = l->center[i] * before + x;
	}
	l->scale /= l->like ? before : 1;
	l->told_scale = l->scale * before;
	return 0;
}

/* What the header says of the normalisation. */
static int describe(struct load *l, struct mfc_error *err)
{
	if (l->normalize == MFC_NORMALIZE_NONE || (l->normalize == MFC_NORMALIZE_SET && !l->center))   /* not yet */
		return 0;
	struct mfc_value map = mfc_value_map(), list = mfc_value_list();
	if (mfc_value_put(&map, "kind", mfc_value_str(mfc_normalize_name(l->normalize)), err))
		return -1;
	for (size_t i = 0; l->center && i < l->dim; i++)
		if (mfc_value_push(&list, mfc_value_real(l->told[i]), err))
			return -1;
	if (l->center && (mfc_value_put(&map, "center", list, err) || mfc_value_put(&map, "scale", mfc_value_real(l->told_scale), err)))
		return -1;
	return mfc_value_put(&l->header, "normalize", map, err);
}

/* In other units than those of --like coordinates are far from 1. */
static void check_units(struct load *l, const struct mfc_cloud *cloud)
{
	double square = 0;
	size_t numbers = cloud->n * cloud->dim;
	for (size_t i = 0; i < numbers; i++)
		square += (double)cloud->x[i] * (double)cloud->x[i];
	double size = sqrt(square / (double)numbers);
	if (size > 1.0 / FAR && size < FAR)
		return;
	cli_warn("warning: %s: coordinates of about %.2g where those of %s are about 1: is it in other units? --normalize cloud-std takes each cloud by itself",
	    cloud->id, size, l->like);
	l->warned = true;
}

int load_onehot(struct load *l, const struct mfc_value *header, struct mfc_error *err)
{
	struct mfc_onehot had;
	if (mfc_onehot_from_value(&had, mfc_value_get(header, "one_hot"), err))
		return -1;
	l->is_onehot = had.count > 0;
	if (had.count && l->onehot.count && !mfc_onehot_same(&had, &l->onehot))
		return mfc_error_set(err, "the stream has another one-hot than --one-hot, --like or the streams before");
	if (had.count)
		l->onehot = had;   /* what --center leaves alone */
	return 0;
}

int load_write(struct load *l, struct mfc_cloud *cloud, struct mfc_error *err)
{
	struct mfc_rng rng = mfc_rng_make(l->seed, MFC_RNG_AUGMENT, cloud->key, 0);
	if (l->center && !l->told && compose(l, err))
		return -1;
	if ((l->center && mfc_transform_apply(cloud, l->center, l->scale, err)) ||
	    (l->augments && mfc_augment_apply(&l->augment, cloud, &rng, err)))
		return mfc_error_prefix(err, "%s", cloud->id);
	if (l->like && !l->warned)
		check_units(l, cloud);
	if (!l->started) {
		mfc_value_drop(&l->header, "dim");   /* so that it comes last whether or not the clouds waited in a file */
		struct mfc_value onehot;
		mfc_value_drop(&l->header, "one_hot");
		if (l->onehot.count && (mfc_onehot_to_value(&l->onehot, &onehot, err) || mfc_value_put(&l->header, "one_hot", onehot, err)))
			return -1;
		if (describe(l, err) || mfc_value_put(&l->header, "dim", mfc_value_uint(l->dim), err))
			return -1;
		cli_write_header(&l->cli, l->writer, &l->header, true);
		l->started = true;
	}
	return mfc_writer_cloud(l->writer, cloud, err);
}

void load_like(struct load *l)
{
	struct mfc_value header;
	struct mfc_onehot onehot;
	struct mfc_error err;
	cli_read_header(&header, l->like);
	if (mfc_onehot_from_value(&onehot, mfc_value_get(&header, "one_hot"), &err))
		cli_die("%s: %s", l->like, err.message);
	if (l->onehot.count && !mfc_onehot_same(&onehot, &l->onehot))
		cli_die("%s: has another one-hot than --one-hot", l->like);
	l->onehot = onehot;
	const struct mfc_value *n = mfc_value_get(&header, "normalize"), *center = mfc_value_get(n, "center");
	if (!center || center->type != MFC_LIST || center->size == 0 || !mfc_value_as_real(mfc_value_get(n, "scale"), &l->scale))
		cli_die("%s: its header has no normalisation of a set", l->like);
	l->dim = center->size;
	l->center = calloc(l->dim, sizeof *l->center);
	if (!l->center)
		cli_die("out of memory");
	for (size_t i = 0; i < l->dim; i++)
		if (!mfc_value_as_real(&center->items[i], &l->center[i]))
			cli_die("%s: the center of its normalisation is no list of numbers", l->like);
	mfc_value_clear(&header);
}

void load_statistics(struct load *l)
{
	struct mfc_error err;
	double *center = calloc(l->dim, sizeof *center);
	if (!center || mfc_statistics_finish(&l->statistics, center, &l->scale, &err))
		cli_die("%s", center ? err.message : "out of memory");
	l->center = center;
}
