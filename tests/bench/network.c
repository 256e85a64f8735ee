/* Usage: network [SECONDS] -- the default network on one thread: microseconds a particle in training (gradient and optimiser) at 16 clouds of
 * 2,048 and on a mixed-level batch, and in inference, beside the rate of a large product measured in the same run. TSV. */
#include "linalg.h"
#include "net/model.h"
#include "rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define D 3
#define MAX_CLOUDS 64

static double seconds = 3;

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The best rate of a 1,024³ product, in FLOP/s. */
static double peak(void)
{
	enum { N = 1024 };
	float *a = calloc(3 * N * N, sizeof *a);
	double best = 0, end = now() + seconds;
	for (size_t i = 0; i < 2 * N * N; i++)
		a[i] = (float)(i % 17) / 17;
	while (now() < end) {
		double t = now();
		mfc_sgemm(false, false, N, N, N, 1, a, N, a + N * N, N, 0, a + 2 * N * N, N);
		best = fmax(best, 2.0 * N * N * N / (now() - t));
	}
	free(a);
	return best;
}

/* Multiplications and additions of the dense products of one forward pass, twice each: a particle's, and a cloud's latents. */
static void flop(const struct mfc_score_config *c, double *particle, double *cloud)
{
	double w = (double)c->width, z = (double)c->latent_width, m = (double)c->latents, e = (double)c->embed;
	*particle = 2 * w * (D * 11 + D) + (double)c->blocks * 2 * (2 * w * w + 2 * m * w + w * w + 2 * m * w + w * w + 4 * w * w);
	*cloud = 2 * e * (32 + e + z + 2 * w) + (double)c->blocks * 2 * (e * (4 * w + 2 * z) + m * (z * w + w * z + 3 * z * z + 2 * m * z + z * z + 4 * z * z + 2 * z * w));
}

struct level { size_t clouds, points; double s; };

static size_t fill(const struct level *level, size_t levels, struct mfc_example *example, const float *x, size_t *particles)
{
	size_t count = 0;
	*particles = 0;
	for (size_t k = 0; k < levels; k++)
		for (size_t i = 0; i < level[k].clouds; i++) {
			example[count++] = (struct mfc_example){ .n = level[k].points, .x0 = x + *particles * D, .eps = x + (*particles + 1) * D,
				.s = level[k].s, .weight = 1.0 / 32 };
			*particles += level[k].points;
		}
	return count;
}

/* The least seconds of a call within the time. */
static double train(struct mfc_model *model, size_t threads, struct mfc_example *example, size_t count)
{
	struct mfc_error err;
	struct mfc_trainer *trainer;
	struct mfc_adamw optimizer = MFC_ADAMW_DEFAULTS;
	double best = INFINITY, loss, norm, end;
	if (mfc_trainer_create(&trainer, &model->net, 1, &optimizer, model->state, threads, &err))
		return NAN;
	end = now() + seconds;
	for (size_t step = 0; step < 3 || now() < end; step++) {
		double t = now();
		if (mfc_trainer_step(trainer, example, count, step, 1e-4, &loss, &norm, &err))
			return NAN;
		best = fmin(best, now() - t);
	}
	mfc_trainer_free(trainer);
	return best;
}

static double infer(const struct mfc_model *model, size_t n, const float *x, float *out)
{
	struct mfc_error err;
	struct mfc_workplace *work;
	double best = INFINITY, end = now() + seconds;
	if (mfc_workplace_create(&work, &model->net, false, &err))
		return NAN;
	for (int i = 0; i < 3 || now() < end; i++) {
		double t = now();
		if (mfc_denoiser_apply(work, model->state.ema, 1, n, x, 0.3, 0, NULL, out, &err))
			return NAN;
		best = fmin(best, now() - t);
	}
	mfc_workplace_free(work);
	return best;
}

int main(int argc, char **argv)
{
	const char *from;
	mfc_linalg_heal(argv, &from);
	mfc_linalg_single_thread();
	if (argc > 1)
		seconds = atof(argv[1]);
	enum { LARGEST = 16 * 2048 + 1 };
	static const struct level batch[] = { { 16, 2048, 0.3 } }, mixed[] = { { 16, 128, 4 }, { 8, 256, 1 }, { 8, 512, 0.2 } };
	struct mfc_score_config config = MFC_SCORE_DEFAULTS;
	struct mfc_model model;
	struct mfc_error err;
	struct mfc_example example[MAX_CLOUDS];
	float *x = malloc(LARGEST * D * sizeof *x), *out = malloc(LARGEST * D * sizeof *out);
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_TEST, 0, 0);
	mfc_rng_normals(&rng, 0, LARGEST * D, x);
	if (!x || !out || mfc_model_create(&model, &config, 1, 1, NULL, &err))
		return 1;
	double particle, cloud, top = peak();
	flop(&config, &particle, &cloud);
	printf("what\tthreads\tus_per_particle\tgflops\tshare_of_peak\n");
	printf("sgemm 1024\t1\t\t%.1f\t1\n", top / 1e9);
	for (size_t threads = 1; threads <= 2; threads++)
		for (int k = 0; k < 2; k++) {
			size_t particles, count = fill(k ? mixed : batch, k ? 3 : 1, example, x, &particles);
			double t = train(&model, threads, example, count), work = 3 * (particle * (double)particles + cloud * (double)count);
			printf("train %s\t%zu\t%.2f\t%.1f\t%.3f\n", k ? "mixed" : "16x2048", threads, 1e6 * t / (double)particles, work / t / 1e9,
			    work / t / top / (double)threads);
		}
	for (size_t n = 2048; n <= 16 * 2048; n *= 16) {
		double t = infer(&model, n, x, out), work = particle * (double)n + cloud;
		printf("infer %zu\t1\t%.2f\t%.1f\t%.3f\n", n, 1e6 * t / (double)n, work / t / 1e9, work / t / top);
	}
	mfc_model_clear(&model);
	free(x);
	free(out);
	return 0;
}
