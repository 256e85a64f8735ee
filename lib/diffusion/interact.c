#include "diffusion/interact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const mfc_scheme_name[MFC_SCHEMES] = { [MFC_EXACT] = "exact", [MFC_EULER] = "euler-maruyama" };

bool mfc_scheme_named(const char *name, enum mfc_scheme *scheme)
{
	for (size_t i = 0; i < MFC_SCHEMES; i++)
		if (strcmp(name, mfc_scheme_name[i]) == 0) {
			*scheme = (enum mfc_scheme)i;
			return true;
		}
	return false;
}

/* An Ornstein–Uhlenbeck process of this rate over a time h: what is kept, and the deviation of what is added, ∫e^(-2 rate u) du. */
static void transition(double rate, double h, enum mfc_scheme scheme, double *keep, double *noise)
{
	*keep = scheme == MFC_EXACT ? exp(-rate * h) : 1 - rate * h;
	*noise = scheme == MFC_EXACT ? sqrt(-expm1(-2 * rate * h) / (2 * rate)) : sqrt(h);
}

struct mfc_interact_step mfc_interact_step(const struct mfc_interact *system)
{
	struct mfc_interact_step step;
	double h = system->clock / (double)system->steps;
	transition(0.5, h, system->scheme, &step.mean, &step.mean_noise);
	transition(0.5 + system->kappa, h, system->scheme, &step.deviation, &step.deviation_noise);
	return step;
}

/* The mean of column j. */
static double column_mean(size_t n, size_t dim, const float *x, size_t j)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += x[i * dim + j];
	return sum / (double)n;
}

static void advance(const struct mfc_interact_step *step, size_t n, size_t dim, const float *z, float *x)
{
	for (size_t j = 0; j < dim; j++) {
		double m = column_mean(n, dim, x, j), z_mean = column_mean(n, dim, z, j), next = step->mean * m + step->mean_noise * z_mean;
		for (size_t i = j; i < n * dim; i += dim)
			x[i] = (float)(next + step->deviation * (x[i] - m) + step->deviation_noise * (z[i] - z_mean));
	}
}

int mfc_interact_run(const struct mfc_interact *system, const struct mfc_rng *rng, size_t n, size_t dim, float *x, struct mfc_error *err)
{
	if (!(system->kappa > -0.5 && isfinite(system->kappa) && system->clock >= 0) || system->steps < 1)
		return mfc_error_set(err, "no such system: kappa %g for a time of %g in %zu steps", system->kappa, system->clock, system->steps);
	struct mfc_interact_step step = mfc_interact_step(system);
	float *z = malloc(n * dim * sizeof *z);
	if (!z)
		return mfc_error_memory(err);
	for (size_t i = 0; i < system->steps; i++) {
		mfc_rng_normals(rng, (uint64_t)i * n * dim, n * dim, z);
		advance(&step, n, dim, z, x);
	}
	free(z);
	for (size_t i = 0; i < n * dim; i++)
		if (!isfinite(x[i]))
			return mfc_error_set(err, "left the finite numbers in %zu steps of %s", system->steps, mfc_scheme_name[system->scheme]);
	return 0;
}

/* N Var(m) and the variance of a deviation, times n/(n-1), go by themselves: v' = keep² v + noise² a step. Of these, Var(x_1) = Var(m) +
 * (1 - 1/n) deviation and Cov(x_1, x_2) = Var(m) - deviation/n. */
struct mfc_interact_law mfc_interact_law(const struct mfc_interact *system, double mean, double variance, size_t n)
{
	struct mfc_interact_step step = mfc_interact_step(system);
	double N = (double)n, of_mean = variance, deviation = variance;
	for (size_t i = 0; i < system->steps; i++) {
		mean *= step.mean;
		of_mean = step.mean * step.mean * of_mean + step.mean_noise * step.mean_noise;
		deviation = step.deviation * step.deviation * deviation + step.deviation_noise * step.deviation_noise;
	}
	return (struct mfc_interact_law){ .mean = mean, .limit = deviation, .variance = (of_mean + (N - 1) * deviation) / N, .mean_variance = of_mean / N,
		.correlation = (of_mean - deviation) / (of_mean + (N - 1) * deviation) };
}
