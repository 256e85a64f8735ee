#include "diffusion/branch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEP 0.125   /* a of Langevin dynamics: a length of √(2a) s = s/2 */
#define CHUNK 1024

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

int mfc_branch_part(const struct mfc_branching *b, const struct mfc_rng *rng, size_t n, size_t dim, float *y, mfc_denoise *denoise, void *context,
    struct mfc_error *err)
{
	if (!(b->s > 0) || b->steps < 1)
		return mfc_error_set(err, "cannot part copies at s = %g in %zu steps", b->s, b->steps);
	switch (b->kernel) {
	case MFC_KERNEL_LANGEVIN:
	case MFC_KERNEL_TWEEDIE:
		return langevin(b, rng, n, dim, y, denoise, context, err);
	case MFC_KERNEL_RESTART:
		return restart(b, rng, n, dim, y, denoise, context, err);
	default:
		return 0;
	}
}
