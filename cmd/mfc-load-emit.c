/* From the shapes of a data set to the clouds of a stream. */
#include "mfc-load.h"

#include "rng.h"

#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int load_cloud(struct load *l, const struct mfc_shape *shape, size_t epoch, struct mfc_cloud *cloud, struct mfc_error *err)
{
	cloud->key = mfc_cloud_key(shape->id, epoch);
	struct mfc_rng rng = mfc_rng_make(l->seed, MFC_RNG_SAMPLE, cloud->key, 0);
	if (mfc_sample(cloud, &shape->mesh, l->sample, l->points, false, &rng, err) || mfc_cloud_set_id(cloud, shape->id, err) ||
	    (shape->label[0] && mfc_cloud_set_label(cloud, shape->label, err)) ||
	    (shape->split[0] && mfc_value_put(&cloud->extra, "split", mfc_value_str(shape->split), err)))
		return -1;
	if (l->dim && cloud->dim != l->dim)
		return mfc_error_set(err, "%zu coordinates where the shapes before have %zu", cloud->dim, l->dim);
	l->dim = cloud->dim;
	if (shape->center) {
		cloud->center = malloc(cloud->dim * sizeof *cloud->center);
		if (!cloud->center)
			return mfc_error_memory(err);
		memcpy(cloud->center, shape->center, cloud->dim * sizeof *cloud->center);
	}
	cloud->scale = shape->scale;
	if (l->normalize == MFC_NORMALIZE_SET)
		return l->center ? mfc_transform_apply(cloud, l->center, l->scale, err) : 0;
	return mfc_transform_normalize(cloud, l->normalize, err);
}

/* What the header says of the normalisation. */
static int describe(struct load *l, struct mfc_error *err)
{
	if (l->normalize == MFC_NORMALIZE_NONE)
		return 0;
	struct mfc_value map = mfc_value_map(), list = mfc_value_list();
	if (mfc_value_put(&map, "kind", mfc_value_str(mfc_normalize_name(l->normalize)), err))
		return -1;
	for (size_t i = 0; l->center && i < l->dim; i++)
		if (mfc_value_push(&list, mfc_value_real(l->center[i]), err))
			return -1;
	if (l->center && (mfc_value_put(&map, "center", list, err) || mfc_value_put(&map, "scale", mfc_value_real(l->scale), err)))
		return -1;
	return mfc_value_put(&l->header, "normalize", map, err);
}

int load_write(struct load *l, struct mfc_cloud *cloud, struct mfc_error *err)
{
	struct mfc_rng rng = mfc_rng_make(l->seed, MFC_RNG_AUGMENT, cloud->key, 0);
	if (l->augments && mfc_augment_apply(&l->augment, cloud, &rng, err))
		return mfc_error_prefix(err, "%s", cloud->id);
	if (!l->started) {
		if (describe(l, err) || mfc_value_put(&l->header, "dim", mfc_value_uint(l->dim), err))
			return -1;
		cli_output_header(&l->cli, &l->header, true);
		l->started = true;
	}
	return mfc_writer_cloud(cli_output(&l->cli), cloud, err);
}

/* The normalisation that another stream's or model's header holds. */
static void statistics_like(struct load *l)
{
	struct mfc_value header;
	cli_read_header(&header, l->like);
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
	struct mfc_statistics s = { 0 };
	struct mfc_cloud cloud;
	if (l->like) {
		statistics_like(l);
		return;
	}
	mfc_cloud_init(&cloud);
	for (size_t i = 0; i < l->shapes; i++) {
		if (load_cloud(l, &l->shape[i], 0, &cloud, &err) || mfc_statistics_add(&s, &cloud, &err))
			cli_die("%s: %s: %s", l->shape[i].path, l->shape[i].id, err.message);
		mfc_cloud_clear(&cloud);
	}
	double *center = calloc(l->dim, sizeof *center);
	if (!center || mfc_statistics_finish(&s, center, &l->scale, &err))
		cli_die("%s", center ? err.message : "out of memory");
	l->center = center;
}

void load_check_stdin(int wait)
{
	struct stat st;
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	char head[16] = { 0 };
	int copy[2];
	if (fstat(STDIN_FILENO, &st) || !S_ISFIFO(st.st_mode) || poll(&p, 1, wait) <= 0 || !(p.revents & POLLIN) || pipe(copy))
		return;
	/* tee(2) looks without taking: other input on the pipe is none of our business. */
	ssize_t got = tee(STDIN_FILENO, copy[1], sizeof head, SPLICE_F_NONBLOCK);
	got = got > 0 ? read(copy[0], head, sizeof head) : 0;
	close(copy[0]);
	close(copy[1]);
	if (got >= 5 && ((unsigned char)head[0] & 0xf0) == 0x80 && memcmp(head + 1, "\xa3" "mfc", 4) == 0)
		cli_die("a stream waits on standard input, which is not read when paths are given: give \"-\" for it, or end the pipe before");
}
