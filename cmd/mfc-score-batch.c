/* Noised clouds grouped into the examples of a training step. */
#include "mfc-score.h"

#include <math.h>
#include <stdlib.h>

static int reserve(struct score_batch *b, size_t clouds, struct mfc_error *err)
{
	if (clouds <= b->capacity)
		return 0;
	score_batch_clear(b);
	b->cloud = calloc(clouds, sizeof *b->cloud);
	b->example = calloc(clouds, sizeof *b->example);
	b->level = calloc(clouds, sizeof *b->level);
	if (!b->cloud || !b->example || !b->level)
		return mfc_error_memory(err);
	for (size_t i = 0; i < clouds; i++)
		mfc_cloud_init(&b->cloud[i]);
	b->capacity = clouds;
	return 0;
}

size_t score_batch_bytes(size_t clouds, size_t particles, size_t dim)
{
	const struct score_batch *b = NULL;
	return clouds * (sizeof *b->cloud + sizeof *b->example + sizeof *b->level) + 2 * particles * dim * sizeof(float);   /* x and eps */
}

/* The cloud's x becomes x_0 = x_t/α - s ε. */
static int recover(struct mfc_cloud *cloud, size_t dim, double *s, struct mfc_error *err)
{
	if (cloud->dim != dim)
		return mfc_error_set(err, "%zu coordinates, not %zu", cloud->dim, dim);
	if (!cloud->eps)
		return mfc_error_set(err, "no noise (key eps): has it been through mfc-noise?");
	if (sampler_noise_level(cloud, s, err))
		return -1;
	float scale = (float)sqrt(1 + *s * *s), f = (float)*s;   /* 1/α */
	for (size_t i = 0; i < cloud->n * dim; i++)
		cloud->x[i] = cloud->x[i] * scale - f * cloud->eps[i];
	return 0;
}

static int by_size(const void *a, const void *b)
{
	const struct mfc_cloud *p = a, *q = b;
	return (p->n > q->n) - (p->n < q->n);
}

int score_batch_read(struct score_batch *batch, struct mfc_reader *reader, size_t dim, const struct mfc_levels *levels, size_t clouds,
    struct score_labels *labels, struct mfc_error *err)
{
	if (reserve(batch, clouds, err))
		return -1;
	size_t per_level[MFC_MAX_LEVELS] = { 0 };
	batch->count = 0;
	while (batch->count < clouds) {
		struct mfc_cloud *cloud = &batch->cloud[batch->count];
		int event = mfc_reader_next(reader, cloud, err);
		if (event < 0)
			return -1;
		if (event == MFC_END)
			break;
		if (event == MFC_HEADER)
			continue;
		double s;
		if (recover(cloud, dim, &s, err) || (labels && score_labels_meet(labels, cloud, err)))
			return mfc_error_prefix(err, "cloud \"%.100s\"", cloud->id);
		cloud->s = s;
		if (cloud->level < 0 || (size_t)cloud->level >= levels->count)
			cloud->level = (int)mfc_levels_of_s(levels, s);
		per_level[cloud->level]++;
		batch->count++;
	}
	/* Clouds of one size together: they share a pass. */
	qsort(batch->cloud, batch->count, sizeof *batch->cloud, by_size);
	for (size_t i = 0; i < batch->count; i++) {
		const struct mfc_cloud *cloud = &batch->cloud[i];
		size_t k = batch->level[i] = (size_t)cloud->level;
		size_t learnt = levels->level[k].crowd > levels->level[k].points && cloud->n > levels->level[k].points ? levels->level[k].points : cloud->n;
		batch->example[i] = (struct mfc_example){ .n = learnt, .crowd = cloud->n, .x0 = cloud->x, .eps = cloud->eps, .s = cloud->s,
			.weight = mfc_levels_weight(levels, k) / (double)per_level[k] };
	}
	return labels ? score_labels_assign(labels, batch, err) : 0;
}

void score_batch_draw(struct score_batch *batch, uint64_t seed, size_t step, double perturb, double below)
{
	for (size_t i = 0; i < batch->count; i++) {
		struct mfc_example *e = &batch->example[i];
		struct mfc_rng rng = mfc_rng_make(seed, MFC_RNG_PERTURB, batch->cloud[i].key, step);
		e->probe = mfc_rng_make(seed, MFC_RNG_PROBE, batch->cloud[i].key, step);
		e->perturb = e->s < below ? perturb * mfc_rng_uniform(&rng) : 0;
	}
}

double score_batch_level_loss(const struct score_batch *batch, size_t k)
{
	double sum = 0;
	size_t count = 0;
	for (size_t i = 0; i < batch->count; i++)
		if (batch->level[i] == k) {
			sum += batch->example[i].loss;
			count++;
		}
	return count ? sum / (double)count : NAN;
}

void score_batch_clear(struct score_batch *b)
{
	for (size_t i = 0; i < b->capacity; i++)
		mfc_cloud_clear(&b->cloud[i]);
	free(b->cloud);
	free(b->example);
	free(b->level);
	*b = (struct score_batch){ 0 };
}
