/* Usage: network [SECONDS [THREADS]] -- the default network, SECONDS (3) for each measurement, on THREADS (1) threads. Prints TSV: microseconds a
 * particle of the fastest and of the median call; of the fastest, GFLOP/s of useful work and their share of the peak, which is the rate
 * of a 1,024³ sgemm in the same run times the threads. `network --kernels` prints the name of OpenBLAS' kernels instead.
 *
 * A training step is all that mfc-score train does with a batch: the noised clouds and the loss from x0 and ε, the gradient, its norm clipped to
 * 1, AdamW and the moving average. Batches are 16 clouds of 2,048, and a mixture of levels. Inference is the denoised cloud, of all particles,
 * read by all; several clouds are taken one by one, as mfc-score denoise does on a thread. */
#include "bench.h"

#include "../unit/hashed.h"
#include "net/field.h"
#include "net/model.h"
#include "rng.h"

#include <stdio.h>
#include <string.h>

#define MAX_CLOUDS 64
#define MAX_ROWS 5
#define PARTICLES (16 * 2048)
#define S 0.3

static const struct mfc_denoiser denoiser = { .sd = 1 };
static double seconds = 3, top;   /* of each measurement; the peak in FLOP/s */

struct level { size_t clouds, points; double s; };
static const struct batch { const char *name; struct level level[3]; } batches[] = {
	{ "16x2048", { { 16, 2048, S } } }, { "mixed", { { 16, 128, 4 }, { 8, 256, 1 }, { 8, 512, 0.2 } } } };
static const struct { const char *name; size_t clouds, points; } inference[] = {
	{ "2048", 1, 2048 }, { "16x2048", 16, 2048 }, { "32768", 1, 32768 } };

struct row { const char *kind, *name; size_t threads, particles; struct timing time; double work; };

/* Useful work: a multiplication and an addition for each pair of numbers that the products of the formulas pair (layers, and scores and sums of
 * attention). Norms, activations, softmax, the optimiser and whatever is computed twice count nothing, though they take time. */
struct work { double particle, cloud; };

static struct work forward_work(const struct mfc_score_config *c)
{
	double w = (double)c->width, z = (double)c->latent_width, m = (double)c->latents, e = (double)c->embed, d = (double)c->dim;
	double attention = 2 * m * w, f = d * (1 + 2 * c->frequencies);
	double particle = f * w /* embed */ + w * d /* out */ + (double)c->blocks * (2 * w * w /* read.kv */ + attention /* read */ +
	    w * w /* write.q */ + attention /* write */ + w * w /* write.out */ + 4 * w * w /* mlp */);
	double latent = z * w /* read.q */ + w * z /* read.out */ + 3 * z * z /* self.qkv */ + 2 * m * z /* self */ + z * z /* self.out */ +
	    4 * z * z /* latent_mlp */ + 2 * z * w /* write.kv */;
	double cloud = e * (2 * MFC_SCORE_TIME_FREQUENCIES + e) /* time */ + e * z /* latent_time */ + e * 2 * w /* out.film */ +
	    (double)c->blocks * (e * 4 * w /* film */ + e * 2 * z /* latent_film */ + m * latent);
	return (struct work){ 2 * particle, 2 * cloud };
}

/* A product's gradients by both its factors are two products of the same work, but the features of particles and noise level want none. */
static struct work training_work(const struct mfc_score_config *c)
{
	struct work f = forward_work(c);
	double features = 2 * (double)(c->dim * (1 + 2 * c->frequencies) * c->width);
	double times = 2 * (double)(2 * MFC_SCORE_TIME_FREQUENCIES * c->embed);
	return (struct work){ 3 * f.particle - features, 3 * f.cloud - times };
}

struct training { struct mfc_trainer *trainer; struct mfc_example example[MAX_CLOUDS]; size_t count, step; };

static bool train_step(void *context)
{
	struct training *t = context;
	struct mfc_error err;
	double loss, norm;
	return mfc_trainer_add(t->trainer, t->example, t->count, &err) == 0 &&
	    mfc_trainer_step(t->trainer, t->step++, 1e-4, &loss, &norm, &err) == 0;
}

/* Parameters that are nowhere zero, of a formula that the peer in PyTorch computes too. */
static void start(struct mfc_model *model)
{
	size_t bytes = model->net.parameters * sizeof *model->state.params;
	hashed_parameters(&model->net, model->state.params);
	memcpy(model->state.ema, model->state.params, bytes);
	memset(model->state.m, 0, bytes);
	memset(model->state.v, 0, bytes);
}

static struct row train(struct mfc_model *model, const struct batch *batch, size_t threads, const float *x0, const float *eps)
{
	struct mfc_error err;
	struct mfc_adamw optimizer = MFC_ADAMW_DEFAULTS;
	struct training t = { 0 };
	struct row row = { "train", batch->name, threads, 0, { NAN, NAN }, 0 };
	struct work work = training_work(&model->net.config);
	const size_t d = model->net.config.dim;
	for (const struct level *l = batch->level; l < batch->level + 3; l++)
		for (size_t i = 0; i < l->clouds; i++) {
			t.example[t.count++] = (struct mfc_example){ .n = l->points, .x0 = x0 + row.particles * d, .eps = eps + row.particles * d,
				.s = l->s, .weight = 1.0 / 32 };
			row.particles += l->points;
			row.work += work.particle * (double)l->points + work.cloud;
		}
	start(model);
	if (mfc_trainer_create(&t.trainer, &model->net, &model->denoiser, &optimizer, model->state, threads, &err))
		return row;
	row.time = measure(seconds, train_step, &t);
	mfc_trainer_free(t.trainer);
	return row;
}

struct denoising {
	struct mfc_field *field;
	struct mfc_weights weights;
	const struct mfc_score *net;
	size_t clouds, points;
	const float *y;
	float *out;
};

static bool denoise(void *context)
{
	struct denoising *d = context;
	struct mfc_error err;
	const size_t size = d->points * d->net->config.dim;
	for (size_t i = 0; i < d->clouds; i++)
		if (mfc_field_denoise(d->field, d->points, d->y + i * size, S, (struct mfc_context){ 0 }, NULL, d->out + i * size, &err))
			return false;
	return true;
}

static struct row infer(struct mfc_model *model, const char *name, size_t clouds, size_t points, const float *y, float *out)
{
	struct mfc_error err;
	struct denoising d = { NULL, { 0 }, &model->net, clouds, points, y, out };
	struct work work = forward_work(&model->net.config);
	struct row row = { "infer", name, 1, clouds * points, { NAN, NAN }, (work.particle * (double)points + work.cloud) * (double)clouds };
	start(model);
	if (mfc_weights_create(&d.weights, &model->net, model->state.ema, &err) ||
	    mfc_field_create(&d.field, &model->net, &d.weights, &denoiser, 1, &err))
		return row;
	row.time = measure(seconds, denoise, &d);
	mfc_weights_free(&d.weights);
	mfc_field_free(d.field);
	return row;
}

static size_t run(struct mfc_model *model, size_t threads, const float *x0, const float *eps, float *out, struct row *row)
{
	size_t rows = 0;
	for (size_t k = 0; k < sizeof batches / sizeof *batches; k++) {
		peak(seconds / 4, &top);
		row[rows++] = train(model, &batches[k], threads, x0, eps);
	}
	for (size_t k = 0; threads == 1 && k < sizeof inference / sizeof *inference; k++) {
		peak(seconds / 4, &top);
		row[rows++] = infer(model, inference[k].name, inference[k].clouds, inference[k].points, x0, out);
	}
	return rows;
}

static int print(const struct row *row, size_t rows)
{
	int status = 0;
	printf("what\tthreads\tus_best\tus_median\tgflops\tshare_of_peak\nsgemm\t1\t\t\t%.1f\t1\n", top / 1e9);
	for (const struct row *r = row; r < row + rows; r++) {
		double to_us = 1e6 / (double)r->particles, rate = r->work / r->time.best;
		printf("%s %s\t%zu\t%.3f\t%.3f\t%.1f\t%.3f\n", r->kind, r->name, r->threads, to_us * r->time.best, to_us * r->time.median, rate / 1e9,
		    rate / top / (double)r->threads);
		status |= isnan(rate);
	}
	return status;
}

int main(int argc, char **argv)
{
	const char *from;
	mfc_linalg_heal(argv, &from);
	mfc_linalg_single_thread();
	if (argc > 1 && strcmp(argv[1], "--kernels") == 0)
		return puts(mfc_linalg_kernels()) < 0;
	if (argc > 1)
		seconds = atof(argv[1]);
	const size_t threads = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
	struct mfc_score_config config = MFC_SCORE_DEFAULTS;
	struct mfc_model model;
	struct mfc_error err;
	struct row row[MAX_ROWS];
	const size_t count = PARTICLES * config.dim;
	float *x = malloc(3 * count * sizeof *x);
	if (threads < 1 || !x || mfc_model_create(&model, &config, &denoiser, 1, NULL, &err)) {
		free(x);
		return 1;
	}
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_TEST, 0, 0);
	mfc_rng_normals(&rng, 0, 2 * count, x);
	int status = print(row, run(&model, threads, x, x + count, x + 2 * count, row));
	mfc_model_clear(&model);
	free(x);
	return status;
}
