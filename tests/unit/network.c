/* What the network promises whatever its parameters are: permuted particles give a permuted field, any number of particles will do and more
 * of them converge, tiles and context change nothing that they should not. */
#include "linalg.h"
#include "net/field.h"
#include "net/pass.h"

#include "check.h"
#include "hashed.h"
#include "rng.h"

#include <stdlib.h>
#include <string.h>

#define D 3
#define MANY 65536

static struct mfc_score net;
static float *params;
static struct mfc_weights weights;

static void normals(uint64_t cloud, size_t count, float *out)
{
	struct mfc_rng rng = mfc_rng_make(7, MFC_RNG_TEST, cloud, 0);
	mfc_rng_normals(&rng, 0, count, out);
}

/* A cloud of a shape: a bent sheet, so that its measure is far from normal. */
static void shape(uint64_t cloud, size_t n, float *x)
{
	normals(cloud, n * D, x);
	for (size_t i = 0; i < n; i++) {
		float a = x[3 * i], b = x[3 * i + 1];
		x[3 * i + 2] = 0.5f * a * a - 0.5f + 0.1f * x[3 * i + 2] + 0.3f * b;
	}
}

static void apply_with(size_t threads, size_t n, const float *y, double s, struct mfc_context context, float *out)
{
	struct mfc_error err;
	struct mfc_field *field;
	const struct mfc_denoiser denoiser = { .sd = 1 };
	if (mfc_field_create(&field, &net, &weights, &denoiser, threads, &err) || mfc_field_denoise(field, n, y, s, context, NULL, out, &err))
		memset(out, 0xff, n * D * sizeof *out);   /* NAN: every comparison fails */
	mfc_field_free(field);
}

static void apply(size_t n, const float *y, double s, size_t context, float *out)
{
	apply_with(1, n, y, s, (struct mfc_context){ .count = context }, out);
}

/* The n points at u as a crowd at noise s. */
static int crowd_of(const float *u, size_t n, double s, struct mfc_crowd *crowd)
{
	struct mfc_error err;
	float *copy = malloc(n * D * sizeof *copy);
	return mfc_crowd_make(crowd, &net.config, s, n, memcpy(copy, u, n * D * sizeof *copy), &err);
}

/* All particles in one pass, which is kept. */
static void apply_kept(size_t n, const float *y, double s, float *out)
{
	struct mfc_error err;
	struct mfc_tape *tape;
	const struct mfc_denoiser denoiser = { .sd = 1 };
	const struct mfc_denoiser_frame frame = mfc_denoiser_at(&denoiser, s);
	const size_t start[2] = { 0, n };
	const float c = (float)(log(s) / 4);
	float *u = malloc(2 * n * D * sizeof *u), *f = u + n * D;
	for (size_t i = 0; i < n * D; i++)
		u[i] = (float)(y[i] / frame.r);
	struct mfc_crowd crowd = { 0 };
	size_t size = mfc_crowd_size(&net.config, s, n);
	int bad = size ? crowd_of(u, size, s, &crowd) : 0;
	struct mfc_score_batch batch = { 1, start, &c, u, &crowd, NULL, 1 };
	bad = bad || mfc_tape_create(&tape, &net, true, &err) || mfc_score_forward(&net, &weights, tape, &batch, f, &err);
	for (size_t i = 0; i < n * D; i++)
		out[i] = bad ? NAN : (float)frame.skip * y[i] + (float)frame.out * f[i];
	mfc_tape_free(tape);
	mfc_crowd_clear(&crowd);
	free(u);
}

/* Root mean square of a - b over that of what the network adds, c_out F, which is of size c_out. */
static double distance(size_t n, const float *a, const float *b, double s)
{
	double sum = 0, out = s / sqrt(s * s + 1);
	for (size_t i = 0; i < n * D; i++)
		sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
	return sqrt(sum / (double)(n * D)) / out;
}

static void check_permutation(size_t n, double s)
{
	float *y = malloc(3 * n * D * sizeof *y), *a = y + n * D, *b = a + n * D, *moved = malloc(n * D * sizeof *moved);
	size_t *index = malloc(n * sizeof *index);
	struct mfc_rng rng = mfc_rng_make(5, MFC_RNG_TEST, n, 0);
	shape(n, n, y);
	normals(n + 1, n * D, a);
	for (size_t i = 0; i < n * D; i++)   /* as noisy as the network is told: a thin sheet at high noise is no input to it */
		y[i] += (float)s * a[i];
	for (size_t i = 0; i < n; i++)
		index[i] = i;
	mfc_rng_shuffle(&rng, n, index);
	for (size_t i = 0; i < n; i++)
		memcpy(moved + i * D, y + index[i] * D, D * sizeof *y);
	apply(n, y, s, 0, a);
	apply(n, moved, s, 0, b);
	for (size_t i = 0; i < n; i++)   /* a in the order of b */
		memcpy(moved + i * D, a + index[i] * D, D * sizeof *y);
	double apart = distance(n, b, moved, s), order = distance(n, a, b, s);
	check(apart < 3e-6 && (n == 1 || order > 1e-2), "permuting %zu particles at s = %g permutes the field: %.1e", n, s, apart);
	free(y);
	free(moved);
	free(index);
}

static void check_tiles(size_t n)
{
	float *y = malloc(3 * n * D * sizeof *y), *a = y + n * D, *b = a + n * D;
	shape(n, n, y);
	apply(n, y, 0.4, 0, a);
	apply_kept(n, y, 0.4, b);
	double apart = distance(n, a, b, 0.4);
	check(apart < 3e-6, "%zu particles: in tiles as in one pass: %.1e", n, apart);
	free(y);
}

static int by_number(const void *a, const void *b)
{
	const size_t *p = a, *q = b;
	return (*p > *q) - (*p < *q);
}

static void check_context(size_t n)
{
	float *y = malloc(5 * n * D * sizeof *y), *all = y + n * D, *a = all + n * D, *b = a + n * D, *few = b + n * D;
	size_t half = n / 2;
	shape(n, n, y);
	apply(n, y, 0.4, 0, all);
	apply(n, y, 0.4, n, a);
	check(memcmp(all, a, n * D * sizeof *a) == 0, "%zu particles: a context of all is no context", n);
	apply(n, y, 0.4, 10 * n, a);
	check(memcmp(all, a, n * D * sizeof *a) == 0, "%zu particles: nor is one of more than all", n);
	apply(n, y, 0.4, half, a);
	apply(half, y, 0.4, 0, few);
	check(distance(half, a, few, 0.4) < 3e-6, "%zu particles: those of the context move as in a small cloud", n);
	if (!mfc_score_crowded(&net)) {
		apply_with(3, n, y, 0.4, (struct mfc_context){ .count = half }, b);
		check(memcmp(a, b, n * D * sizeof *a) == 0, "%zu particles: the same bits on three threads", n);
	}
	/* Passengers see the context, the context does not see them. */
	normals(9, (n - half) * D, y + half * D);
	apply(n, y, 0.4, half, b);
	check(distance(half, a, b, 0.4) < 3e-6 && distance(n - half, a + half * D, b + half * D, 0.4) > 1e-2,
	    "%zu particles: moving the passengers does not move the context", n);
	free(y);
}

/* A context of chosen particles moves them and all others as a context of the first does in a cloud that begins with them. */
static void check_chosen(size_t n, size_t count)
{
	float *y = malloc(4 * n * D * sizeof *y), *moved = y + n * D, *a = moved + n * D, *b = a + n * D;
	size_t *index = malloc(n * sizeof *index), *order = malloc(n * sizeof *order), at = 0, rest = count;
	struct mfc_rng rng = mfc_rng_make(6, MFC_RNG_TEST, n, 0);
	shape(n, n, y);
	mfc_rng_choose(&rng, n, count, index);
	qsort(index, count, sizeof *index, by_number);
	for (size_t i = 0; i < n; i++)
		order[at < count && index[at] == i ? at++ : rest++] = i;
	for (size_t i = 0; i < n; i++)
		memcpy(moved + i * D, y + order[i] * D, D * sizeof *y);
	apply_with(2, n, y, 0.4, (struct mfc_context){ .count = count, .index = index }, a);
	apply(n, moved, 0.4, count, b);
	for (size_t i = 0; i < n; i++)
		memcpy(moved + i * D, a + order[i] * D, D * sizeof *y);
	check(distance(n, moved, b, 0.4) < 3e-6, "%zu particles, %zu of them chosen as context: as in a cloud that begins with them", n, count);
	free(y);
	free(index);
	free(order);
}

/* Particles that stay the same in larger and larger clouds of one law, up to a quarter of the largest. */
static void check_cardinality(int sizes)
{
	enum { SAME = 64, DRAWS = 8 };
	static const size_t size[] = { 256, 1024, 4096, 16384 };
	float *y = malloc(MANY * D * sizeof *y), *part = malloc(MANY * D * sizeof *part), *all = malloc(MANY * D * sizeof *all),
	    *out = malloc(MANY * D * sizeof *out);
	double error[4] = { 0 };
	shape(1, MANY, y);
	apply(4 * size[sizes - 1], y, 0.5, 0, all);
	for (int k = 0; k < sizes; k++) {
		for (size_t draw = 0; draw < (k < 3 ? DRAWS : 3); draw++) {
			memcpy(part, y, SAME * D * sizeof *y);
			memcpy(part + SAME * D, y + (SAME + draw * size[k]) * D, (size[k] - SAME) * D * sizeof *y);
			apply(size[k], part, 0.5, 0, out);
			double e = distance(SAME, out, all, 0.5);
			error[k] += e * e / (k < 3 ? DRAWS : 3);
		}
		error[k] = sqrt(error[k]);
	}
	check(error[0] > 1e-4, "64 particles in a cloud of 256 differ from those in %zu by %.1e", 4 * size[sizes - 1], error[0]);
	for (int k = 1; k < sizes; k++)
		check(error[k] < error[k - 1] / 1.4, "and in one of %zu by %.1e: as 1/sqrt(N) or faster", size[k], error[k]);
	double rate = log(error[0] / error[2]) / log((double)size[2] / (double)size[0]);
	check(rate > 0.35 && rate < 0.75, "the error falls as N^-%.2f (1/2 is expected)", rate);
	free(y);
	free(part);
	free(all);
	free(out);
}

/* Clouds of a batch do not see each other. */
static void check_batch(void)
{
	enum { A = 100, B = 37 };
	struct mfc_error err;
	struct mfc_tape *tape;
	float u[(A + B) * D], both[(A + B) * D], alone[A * D], c[] = { -0.3f, 0.4f };
	size_t start[] = { 0, A, A + B };
	struct mfc_crowd crowd[2];
	struct mfc_score_batch batch = { 2, start, c, u, crowd, NULL, 1 };
	shape(3, A + B, u);
	int bad = crowd_of(u, A, exp(4 * c[0]), &crowd[0]) || crowd_of(u + A * D, B, exp(4 * c[1]), &crowd[1]) ||
	    mfc_tape_create(&tape, &net, true, &err) || mfc_score_forward(&net, &weights, tape, &batch, both, &err);
	batch.clouds = 1;
	bad = bad || mfc_score_forward(&net, &weights, tape, &batch, alone, &err);
	check(!bad && distance(A, both, alone, 1) < 3e-6, "the first cloud of a batch is as it is by itself");
	batch.start = (size_t[]){ 0, B };
	batch.c = c + 1;
	batch.u = u + A * D;
	batch.crowd = crowd + 1;
	bad = bad || mfc_score_forward(&net, &weights, tape, &batch, alone, &err);
	check(!bad && distance(B, both + A * D, alone, 1) < 3e-6, "and so is the second");
	mfc_crowd_clear(&crowd[0]);
	mfc_crowd_clear(&crowd[1]);
	mfc_tape_free(tape);
}

static void check_alone(void)
{
	struct mfc_score_config config = net.config;
	struct mfc_score full = net;
	struct mfc_error err;
	float y[50 * D], a[50 * D], b[50 * D];
	config.arch = MFC_ARCH_NONE;
	shape(4, 50, y);
	if (!check(mfc_score_create(&net, &config, &err) == 0, "the network without interaction"))
		return;
	apply(50, y, 0.4, 0, a);
	normals(8, 25 * D, y + 25 * D);
	apply(50, y, 0.4, 0, b);
	check(distance(25, a, b, 0.4) == 0, "half of the particles move, the others' field stays, bit for bit");
	mfc_score_clear(&net);
	net = full;
	apply(50, y, 0.4, 0, a);
	normals(6, 25 * D, y + 25 * D);
	apply(50, y, 0.4, 0, b);
	check(distance(25, a, b, 0.4) > 1e-3, "with it, it does not");
}

static void check_refused(size_t width, size_t heads, size_t blocks, const char *why)
{
	struct mfc_error err;
	struct mfc_score refused;
	struct mfc_score_config config = MFC_SCORE_DEFAULTS;
	config.width = width;
	config.heads = heads;
	config.blocks = blocks;
	check(mfc_score_create(&refused, &config, &err) != 0 && strstr(err.message, why), "refused: %s", why);
}

/* Promises of every architecture, which `what` names before they are checked. Nearest neighbours are the exception: so many of them are nearer, and
 * the field another, the larger the cloud. */
static void check_network(const char *what, struct mfc_score_config config)
{
	struct mfc_error err;
	if (!check(mfc_score_create(&net, &config, &err) == 0, "%s: a network of two blocks", what))
		return;
	params = malloc(net.parameters * sizeof *params);
	hashed_parameters(&net, params);
	if (!check(mfc_weights_create(&weights, &net, params, &err) == 0, "its weights"))
		return;
	check_permutation(1, 0.5);
	check_permutation(100, 0.05);
	check_permutation(500, 5);
	check_tiles(MFC_TILE - 1);
	check_tiles(MFC_TILE);
	check_tiles(MFC_TILE + 1);
	check_tiles(1100);
	check_batch();
	if (!config.windows)
		check_cardinality(config.arch == MFC_ARCH_LATENT ? 4 : 3);
	if (config.arch == MFC_ARCH_POOLED)
		check_context(600);
	if (config.arch == MFC_ARCH_LATENT && !config.windows) {
		check_permutation(3000, 0.5);
		check_context(200);
		check_context(2600);
		check_chosen(1000, 300);
		check_chosen(1000, 999);
		check_chosen(700, 1);
		check_alone();
	}
	mfc_weights_free(&weights);
	free(params);
	mfc_score_clear(&net);
}

int main(void)
{
	struct mfc_score_config config = MFC_SCORE_DEFAULTS;
	config.blocks = 2;
	mfc_linalg_single_thread();
	check_network("latent", config);
	config.arch = MFC_ARCH_POOLED;
	check_network("pooled", config);
	config.arch = MFC_ARCH_PAIRWISE;
	config.radius = 1;
	check_network("pairwise", config);
	config.arch = MFC_ARCH_LATENT;
	config.windows = 2;
	config.window[0] = 1.5;
	config.window[1] = 3;
	config.below = 100;   /* always, */
	config.crowd = 1e6;   /* among all */
	check_network("latent, local", config);
	check_refused(0, 4, 4, "width 0 is not between");
	check_refused(66, 4, 4, "divisible by 4 heads");
	check_refused(64, 4, 65, "65 blocks");
	return done();
}
