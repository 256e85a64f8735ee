/* Branching: multiplicities, order, uniform choice of the rest; and the kernels that part copies, on data N(0, SD²) with their exact denoiser, where
 * every law is Gaussian and known. */
#include "check.h"
#include "diffusion/branch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void copies(size_t n, size_t m)
{
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_BRANCH, 7, m);
	size_t *index = malloc(m * sizeof *index), *times = calloc(n, sizeof *times);
	int ok = mfc_branch_copies(n, m, &rng, index) == 0;
	for (size_t i = 0; ok && i < m; i++) {
		ok = index[i] < n && (i >= n || index[i] == i);
		if (ok)
			times[index[i]]++;
	}
	for (size_t i = 0; ok && i < n; i++)
		ok = times[i] == m / n || times[i] == m / n + 1;
	check(ok, "%zu to %zu: parents first, each %zu or %zu times", n, m, m / n, m / n + (m % n != 0));
	free(index);
	free(times);
}

#define SD 0.7
#define PARENTS 20000
#define COPIES (3 * PARENTS)   /* with the parents */
#define DIM 2
#define SPREAD 0.5
#define SHARE ((double)DIM * PARENTS)

static size_t calls;
static double lowest, highest;

static int gaussian(void *context, size_t n, const float *y, double s, float *D, struct mfc_error *err)
{
	(void)err;
	calls++;
	lowest = fmin(lowest, s);
	highest = fmax(highest, s);
	for (size_t i = 0; i < n * *(size_t *)context; i++)
		D[i] = (float)(y[i] * (SD * SD / (SD * SD + s * s)));
	return 0;
}

static float before[COPIES * DIM], y[COPIES * DIM], again[COPIES * DIM];

/* Parents of the law at s, each copied twice, before; and after the kernel, in `to`. */
static int part(enum mfc_kernel kernel, double s, size_t steps, size_t threads, float *to)
{
	struct mfc_error err = { 0 };
	struct mfc_branching b = { .kernel = kernel, .s = s, .spread = SPREAD, .steps = steps, .parents = PARENTS, .threads = threads };
	struct mfc_rng draw = mfc_rng_make(1, MFC_RNG_TEST, 0, 0), rng = mfc_rng_make(1, MFC_RNG_KERNEL, 0, COPIES);
	size_t dim = DIM, block = (size_t)PARENTS * DIM;
	mfc_rng_normals(&draw, 0, block, before);
	for (size_t i = 0; i < block; i++)
		before[i] *= (float)sqrt(SD * SD + s * s);
	memcpy(before + block, before, block * sizeof *before);
	memcpy(before + 2 * block, before, block * sizeof *before);
	memcpy(to, before, sizeof before);
	calls = 0;
	lowest = INFINITY;
	highest = 0;
	return mfc_branch_part(&b, &rng, COPIES, DIM, to, gaussian, &dim, &err);
}

/* The mean product of block a of `p` and block b of `q`: a variance, or a covariance. */
static double product(const float *p, size_t a, const float *q, size_t b)
{
	double sum = 0;
	for (size_t i = 0; i < (size_t)PARENTS * DIM; i++)
		sum += (double)p[a * PARENTS * DIM + i] * q[b * PARENTS * DIM + i];
	return sum / SHARE;
}

/* A copy after the kernel is c times the parent before it, and noise, with variance `want` altogether. */
static void check_law(const char *name, double s, size_t steps, double want, double c)
{
	double law = SD * SD + s * s, error = 5 * want * sqrt(2 / SHARE);
	for (size_t k = 1; k < 3; k++) {
		double v = product(y, k, y, k), with = product(y, k, before, 0) / product(before, 0, before, 0);
		check(fabs(v - want) < error, "%s at s = %g, %zu steps: copies have variance %.4f of %.4f, in the law %.4f", name, s, steps, v, want, law);
		check(fabs(with - c) < 5 * sqrt(want / law / SHARE), "and remember %.4f of %.4f of their parent", with, c);
	}
	double each = product(y, 1, y, 2), shared = c * c * product(before, 0, before, 0);
	check(fabs(each - shared) < 5 * want / sqrt(SHARE), "two copies of a parent share that, and no noise: %.4f of %.4f", each, shared);
}

static void langevin(double s, size_t steps)
{
	const double a = 0.125, law = SD * SD + s * s, keep = 1 - a * s * s / law;
	double v = law, c = 1;
	for (size_t i = 0; i < steps; i++) {
		v = keep * keep * v + 2 * a * s * s;
		c *= keep;
	}
	check(part(MFC_KERNEL_LANGEVIN, s, steps, 1, y) == 0 && calls == steps && lowest == s && highest == s,
	    "langevin: %zu evaluations at s = %g", steps, s);
	check(memcmp(y, before, SHARE * sizeof *y) == 0, "which leave the parents where they are, bit for bit");
	check_law("langevin", s, steps, v, c);
	check(fabs(product(y, 1, y, 1) / law - 1) < 0.08, "the step is short enough to keep the law");
}

static void tweedie(double s)
{
	double law = SD * SD + s * s, keep = SD * SD / law;
	check(part(MFC_KERNEL_TWEEDIE, s, 5, 1, y) == 0 && calls == 1 && highest == s, "tweedie: one evaluation, whatever the steps");
	check(memcmp(y, before, SHARE * sizeof *y) == 0, "which leaves the parents where they are, bit for bit");
	check_law("tweedie", s, 1, keep * keep * law + s * s, keep);
}

static void restart(double s, size_t steps)
{
	double law = SD * SD + s * s, high = SD * SD + 4 * s * s;
	check(part(MFC_KERNEL_RESTART, s, steps, 2, y) == 0 && calls == steps && fabs(highest - 2 * s) < 1e-12 && lowest > s,
	    "restart: %zu evaluations below 2s = %g", steps, 2 * s);
	for (size_t k = 0; k < 3; k++) {
		double v = product(y, k, y, k), with = product(y, k, before, 0) / product(before, 0, before, 0);
		check(fabs(v / law - 1) < 0.02, "restart at s = %g: %s have variance %.4f, in the law %.4f", s, k ? "copies" : "parents", v, law);
		check(fabs(with - law / high) < 0.03, "and remember %.4f of %.4f of where they were", with, law / high);   /* the reverse SDE is a posterior */
	}
	double each = product(y, 1, y, 2), shared = law * pow(law / high, 2);
	check(fabs(each - shared) < 0.03 * law, "two copies of a parent share %.4f of %.4f", each, shared);
	check(part(MFC_KERNEL_RESTART, s, steps, 3, again) == 0 && memcmp(y, again, sizeof y) == 0, "the same on three threads");
}

/* The ODE contracts what was spread to the law again. */
static void restart_data(void)
{
	double law = SD * SD, contracted = sqrt(law / (law + SPREAD * SPREAD));
	check(part(MFC_KERNEL_RESTART, 0, 60, 1, y) == 0 && calls == 60 && highest == SPREAD, "restart of data: from the spread");
	check(memcmp(y, before, SHARE * sizeof *y) == 0, "which leaves the parents where they are, bit for bit");
	for (size_t k = 1; k < 3; k++) {
		double v = product(y, k, y, k), with = product(y, k, before, 0) / product(before, 0, before, 0);
		check(fabs(v / law - 1) < 0.02, "copies of data have variance %.4f, in the law %.4f", v, law);
		check(fabs(with - contracted) < 0.02, "and are %.4f of %.4f of their parents", with, contracted);
	}
	double each = product(y, 1, y, 2), shared = contracted * contracted * law;
	check(fabs(each - shared) < 0.02 * law, "two copies of a datum share %.4f of %.4f", each, shared);
	check(part(MFC_KERNEL_RESTART, 0, 60, 3, again) == 0 && memcmp(y, again, sizeof y) == 0, "the same on three threads");
}

static void errors(void)
{
	struct mfc_error err = { 0 };
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_KERNEL, 0, 0);
	size_t dim = 1;
	float z[2] = { 1, 1 };
	struct mfc_branching b = { .kernel = MFC_KERNEL_LANGEVIN, .s = 0, .steps = 1, .parents = 1 };
	enum mfc_kernel kernel;
	check(mfc_branch_part(&b, &rng, 2, 1, z, gaussian, &dim, &err) == -1, "%s", err.message);
	b.s = 1, b.steps = 0;
	check(mfc_branch_part(&b, &rng, 2, 1, z, gaussian, &dim, &err) == -1, "%s", err.message);
	b.kernel = MFC_KERNEL_SDE, b.steps = 1, calls = 0;
	check(mfc_branch_part(&b, &rng, 2, 1, z, gaussian, &dim, &err) == 0 && calls == 0 && z[0] == 1 && z[1] == 1, "sde does nothing");
	for (size_t k = 0; k < MFC_KERNELS; k++)
		check(mfc_kernel_named(mfc_kernel_name[k], &kernel) && kernel == k, "%s", mfc_kernel_name[k]);
	check(!mfc_kernel_named("ode", &kernel), "and no other");
}

int main(void)
{
	copies(1, 1);
	copies(1, 9);
	copies(5, 5);
	copies(5, 7);
	copies(5, 10);
	copies(100, 399);
	copies(128, 512);
	copies(1000, 1001);
	size_t index[7], count[5] = { 0 };
	for (uint64_t cloud = 0; cloud < 20000; cloud++) {
		struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_BRANCH, cloud, 7);
		mfc_branch_copies(5, 7, &rng, index);
		count[index[5]]++;
		count[index[6]]++;
	}
	double chi = 0;
	for (int i = 0; i < 5; i++)
		chi += pow((double)count[i] - 8000, 2) / 8000;
	check(chi < 4 + 5 * sqrt(8), "who is copied once more is uniform: chi square %.1f at 4 degrees", chi);
	langevin(0.5, 1);
	langevin(0.5, 8);
	langevin(3, 30);
	tweedie(0.1);
	tweedie(1);
	restart(0.1, 8);
	restart(1, 20);
	restart_data();
	errors();
	return done();
}
