#include "diffusion/branch.h"
#include "diffusion/levels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEP 0.125   /* a of Langevin dynamics: a length of √(2a) s = s/2 */
#define CHUNK 1024
#define NEAR 12.0    /* points within the noise that carries them over their gaps */

const char *const mfc_kernel_name[MFC_KERNELS] = {
	[MFC_KERNEL_SDE] = "sde", [MFC_KERNEL_LANGEVIN] = "langevin", [MFC_KERNEL_TWEEDIE] = "tweedie", [MFC_KERNEL_RESTART] = "restart"
};

bool mfc_kernel_named(const char *name, enum mfc_kernel *kernel)
{
	for (size_t i = 0; i < MFC_KERNELS; i++)
		if (strcmp(name, mfc_kernel_name[i]) == 0) {
			*kernel = (enum mfc_kernel)i;
			return true;
		}
	return false;
}

int mfc_branch_copies(size_t n, size_t m, struct mfc_rng *rng, size_t *index)
{
	size_t whole = m - m % n;
	for (size_t i = 0; i < whole; i++)
		index[i] = i % n;
	if (m == whole)
		return 0;
	size_t *chosen = malloc(n * sizeof *chosen);
	if (!chosen)
		return -1;
	mfc_rng_choose(rng, n, m - whole, chosen);
	memcpy(index + whole, chosen, (m - whole) * sizeof *index);
	free(chosen);
	return 0;
}

/* y = keep y + gain D + d z for the numbers from `from` to `to`, z normals from `first` on. */
static void move(const struct mfc_rng *rng, uint64_t first, size_t from, size_t to, float keep, float gain, const float *D, float d, float *y)
{
	float noise[CHUNK];
	for (size_t i = from; i < to;) {
		size_t end = i + CHUNK < to ? i + CHUNK : to, begin = i;
		mfc_rng_normals(rng, first + (i - from), end - i, noise);
		for (; i < end; i++)
			y[i] = keep * y[i] + (D ? gain * D[i] : 0) + d * noise[i - begin];
	}
}

/* With one step and a = 1 Langevin's drift goes all the way to D: that is Tweedie's, but for the noise. */
static int langevin(const struct mfc_branching *b, const struct mfc_rng *rng, size_t n, size_t dim, float *y, mfc_denoise *denoise, void *context,
    struct mfc_error *err)
{
	bool tweedie = b->kernel == MFC_KERNEL_TWEEDIE;
	size_t steps = tweedie ? 1 : b->steps, from = b->parents * dim, to = n * dim;
	double a = tweedie ? 1 : STEP, noise = tweedie ? b->s : sqrt(2 * a) * b->s;
	float *D = malloc(n * dim * sizeof *D);
	int status = D ? 0 : mfc_error_memory(err);
	for (size_t i = 0; status == 0 && i < steps; i++) {
		status = denoise(context, n, y, b->s, D, err);
		if (status == 0)
			move(rng, (uint64_t)i * (to - from), from, to, (float)(1 - a), (float)a, D, (float)noise, y);
	}
	free(D);
	return status;
}

/* The noise that is added is of rng, the solver's of a stream beside it. */
static int restart(const struct mfc_branching *b, const struct mfc_rng *rng, size_t n, size_t dim, float *y, mfc_denoise *denoise, void *context,
    struct mfc_error *err)
{
	struct mfc_solve solve = { .solver = MFC_SDE_DPMPP2M, .s_from = 2 * b->s, .s_to = b->s, .steps = b->steps, .threads = b->threads };
	struct mfc_rng back = *rng;
	back.stream ^= 1;
	move(rng, 0, 0, n * dim, 1, 0, NULL, (float)(sqrt(3) * b->s), y);
	return mfc_solver_run(&solve, &back, n, dim, y, denoise, context, err);
}

/* The field of data whose measure is known at every noise level. */
struct known {
	mfc_denoise *denoise;
	void *context;
	const struct mfc_rng *rng;
	const float *given;    /* (n, dim) */
	float *both, *D;       /* (2n, dim): the given ones noised, those that move */
	size_t dim;
	uint64_t evaluation;
};

/* The given points are noised anew each time, so that nothing those that move get wrong comes back to them by the measure. */
static int denoise_known(void *context, size_t n, const float *y, double s, float *D, struct mfc_error *err)
{
	struct known *k = context;
	size_t count = n * k->dim;
	memcpy(k->both, k->given, count * sizeof *y);
	memcpy(k->both + count, y, count * sizeof *y);
	move(k->rng, ++k->evaluation * count, 0, count, 1, 0, NULL, (float)s, k->both);
	if (k->denoise(k->context, 2 * n, k->both, s, k->D, err))
		return -1;
	memcpy(D, k->D + count, count * sizeof *D);
	return 0;
}

static int restart_data(const struct mfc_branching *b, const struct mfc_rng *rng, size_t n, size_t dim, float *y, mfc_denoise *denoise, void *context,
    struct mfc_error *err)
{
	size_t count = n * dim;
	struct mfc_solve solve = { .solver = MFC_DPMPP2M, .s_from = b->spread, .steps = b->steps, .threads = b->threads,
		.s_last = fmin(mfc_levels_last(n, fmin(2, (double)dim)), b->spread / 2) };
	float *buffer = malloc(5 * count * sizeof *buffer);
	if (!buffer)
		return mfc_error_memory(err);
	struct known known = { denoise, context, rng, buffer, buffer + count, buffer + 3 * count, dim, 0 };
	memcpy(buffer, y, count * sizeof *y);
	move(rng, 0, 0, count, 1, 0, NULL, (float)b->spread, y);
	int status = mfc_solver_run(&solve, rng, n, dim, y, denoise_known, &known, err);
	for (size_t i = 0; status == 0 && i < b->parents * dim; i++)
		y[i] = buffer[i];
	free(buffer);
	return status;
}

double mfc_branch_spread(size_t n, double dimension)
{
	return pow(NEAR / (double)n, 1 / dimension);
}

int mfc_branch_part(const struct mfc_branching *b, const struct mfc_rng *rng, size_t n, size_t dim, float *y, mfc_denoise *denoise, void *context,
    struct mfc_error *err)
{
	bool data = b->s == 0 && b->kernel == MFC_KERNEL_RESTART && b->spread > 0;
	if (!(b->s > 0 || data) || b->steps < 1)
		return mfc_error_set(err, "cannot part copies at s = %g in %zu steps", b->s, b->steps);
	switch (b->kernel) {
	case MFC_KERNEL_LANGEVIN:
	case MFC_KERNEL_TWEEDIE:
		return langevin(b, rng, n, dim, y, denoise, context, err);
	case MFC_KERNEL_RESTART:
		return (b->s > 0 ? restart : restart_data)(b, rng, n, dim, y, denoise, context, err);
	default:
		return 0;
	}
}
