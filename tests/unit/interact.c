/* The interacting system: against the plain Euler–Maruyama of its equation, its laws against the equations of its moments, and its draws against its
 * laws. */
#include "check.h"
#include "diffusion/interact.h"
#include "diffusion/sde.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct mfc_interact system0 = { .kappa = 1.5, .clock = 0.8, .steps = 1 };

/* The naive twin: each particle by the equation, with the same normals. */
static void twin(void)
{
	enum { N = 7, D = 2, STEPS = 5 };
	struct mfc_interact system = system0;
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_TEST, 0, 0);
	struct mfc_error err = { 0 };
	float start[N * D], x[N * D], z[N * D * STEPS];
	double y[N * D], worst = 0, h = system.clock / STEPS;
	mfc_rng_normals(&rng, 1000, N * D, start);
	mfc_rng_normals(&rng, 0, N * D * STEPS, z);
	memcpy(x, start, sizeof x);
	for (size_t i = 0; i < N * D; i++)
		y[i] = start[i];
	for (size_t step = 0; step < STEPS; step++)
		for (size_t j = 0; j < D; j++) {
			double m = 0;
			for (size_t i = 0; i < N; i++)
				m += y[i * D + j] / N;
			for (size_t i = 0; i < N; i++) {
				double *p = y + i * D + j;
				*p += -0.5 * *p * h - system.kappa * (*p - m) * h + sqrt(h) * z[(step * N + i) * D + j];
			}
		}
	system.scheme = MFC_EULER;
	system.steps = STEPS;
	check(mfc_interact_run(&system, &rng, N, D, x, &err) == 0, "runs");
	for (size_t i = 0; i < N * D; i++)
		worst = fmax(worst, fabs(x[i] - y[i]));
	check(worst < 2e-6, "Euler-Maruyama is the equation, particle by particle: %.1e", worst);
}

/* d/dτ of the mean, of Var(x_1) = v and of Cov(x_1, x_2) = c of n particles:
 * μ' = -½ μ,  v' = -(1 + 2κ) v + 2κ (v + (n-1) c)/n + 1,  c' = -(1 + 2κ) c + 2κ (v + (n-1) c)/n. */
static void moments(const double y[3], double kappa, double n, double out[3])
{
	double with_mean = 2 * kappa * (y[1] + (n - 1) * y[2]) / n;
	out[0] = -0.5 * y[0];
	out[1] = -(1 + 2 * kappa) * y[1] + with_mean + 1;
	out[2] = -(1 + 2 * kappa) * y[2] + with_mean;
}

static void law(double kappa, double clock, size_t n)
{
	double y[3] = { 1.7, 0.3, 0 }, a[3], b[3], middle[3], h = clock / 20000;
	for (size_t step = 0; step < 20000; step++) {
		moments(y, kappa, (double)n, a);
		for (size_t k = 0; k < 3; k++)
			middle[k] = y[k] + 0.5 * h * a[k];
		moments(middle, kappa, (double)n, b);
		for (size_t k = 0; k < 3; k++)
			y[k] += h * b[k];
	}
	struct mfc_interact system = { .kappa = kappa, .clock = clock, .steps = 1 };
	struct mfc_interact_law l = mfc_interact_law(&system, 1.7, 0.3, n);
	double mean_variance = (y[1] + ((double)n - 1) * y[2]) / (double)n;
	check(fabs(l.mean - y[0]) < 1e-8 && fabs(l.variance - y[1]) < 1e-7 && fabs(l.correlation * l.variance - y[2]) < 1e-7 &&
	    fabs(l.mean_variance - mean_variance) < 1e-7,
	    "kappa %g, %zu particles: the moments solve their equations: mean %.6f, variance %.6f, correlation %.6f", kappa, n, l.mean, l.variance,
	    l.correlation);
	system.steps = 7;
	struct mfc_interact_law more = mfc_interact_law(&system, 1.7, 0.3, n);
	check(fabs(more.variance - l.variance) < 1e-12 && fabs(more.correlation - l.correlation) < 1e-12, "and do not depend on the number of steps");
}

static void limits(void)
{
	struct mfc_interact system = { .kappa = 2, .clock = mfc_sde_clock(0, 1), .steps = 1 };
	struct mfc_interact_law l = mfc_interact_law(&system, 3, 9, 1000000), small = mfc_interact_law(&system, 3, 9, 1000);
	check(fabs(l.limit - 0.2) < 1e-12, "stationary: 1/(1 + 2 kappa) = %.6f", l.limit);
	check(fabs(l.correlation * 1e6 - 4) < 5e-3 && fabs(small.correlation * 1e3 - 4) < 0.05,
	    "n times the correlation goes to 2 kappa: %.5f", l.correlation * 1e6);
	system.kappa = 0;
	system.clock = mfc_sde_clock(0, 0.3);
	l = mfc_interact_law(&system, 1, 0.5, 100);
	double alpha = mfc_sde_alpha(0.3);
	check(fabs(l.mean - alpha) < 1e-14 && fabs(l.limit - (1 - 0.5 * alpha * alpha)) < 1e-14 && l.correlation == 0,
	    "without attraction it is the SDE");
}

static void euler_order(void)
{
	struct mfc_interact system = system0;
	double want = mfc_interact_law(&system, 1, 1, 10).limit, error[2];
	system.scheme = MFC_EULER;
	for (size_t i = 0; i < 2; i++) {
		system.steps = i ? 400 : 100;
		error[i] = fabs(mfc_interact_law(&system, 1, 1, 10).limit - want);
	}
	check(fabs(log(error[0] / error[1]) / log(4) - 1) < 0.03,
	    "Euler-Maruyama's variance is off by %.1e in 100 steps, %.1e in 400: order 1", error[0], error[1]);
}

/* Three particles, many clouds: each moment within 5 of its standard errors. */
static void draws(struct mfc_interact system, const char *name)
{
	enum { CLOUDS = 40000, N = 3 };
	struct mfc_error err;
	double sum = 0, square = 0, product = 0;
	for (size_t c = 0; c < CLOUDS; c++) {
		struct mfc_rng start = mfc_rng_make(2, MFC_RNG_TEST, c, 0), rng = mfc_rng_make(2, MFC_RNG_INTERACT, c, 0);
		float x[N];
		mfc_rng_normals(&start, 0, N, x);
		for (size_t i = 0; i < N; i++)
			x[i] = 1 + 0.5f * x[i];
		if (mfc_interact_run(&system, &rng, N, 1, x, &err))
			check(0, "%s", err.message);
		sum += x[0] + x[1] + x[2];
		square += x[0] * x[0] + x[1] * x[1] + x[2] * x[2];
		product += x[0] * x[1] + x[1] * x[2] + x[2] * x[0];
	}
	struct mfc_interact_law l = mfc_interact_law(&system, 1, 0.25, N);
	double mean = sum / (N * CLOUDS), variance = square / (N * CLOUDS) - mean * mean, covariance = product / (N * CLOUDS) - mean * mean;
	check(fabs(mean - l.mean) < 5 * sqrt(l.mean_variance / CLOUDS), "%s: mean %.4f of %.4f", name, mean, l.mean);
	check(fabs(variance / l.variance - 1) < 5 * sqrt(2.0 / CLOUDS), "variance %.4f of %.4f", variance, l.variance);
	check(fabs(covariance - l.correlation * l.variance) < 5 * l.variance / sqrt(CLOUDS),
	    "covariance %.4f of %.4f", covariance, l.correlation * l.variance);
}

int main(void)
{
	struct mfc_error err = { 0 };
	struct mfc_interact system = system0;
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_TEST, 0, 0);
	float x[2] = { 1, 2 };
	enum mfc_scheme scheme;
	twin();
	law(1.5, 0.8, 3);
	law(-0.4, 1.3, 50);
	law(0, 0.5, 2);
	law(10, 0.4, 1000);
	limits();
	euler_order();
	draws(system, "one exact step");
	system.steps = 4;
	draws(system, "four exact steps");
	system.scheme = MFC_EULER;
	draws(system, "four of Euler-Maruyama");
	check(fabs(mfc_sde_clock(0.2, 0.7) + 2 * log(mfc_sde_alpha(0.7) / mfc_sde_alpha(0.2))) < 1e-14, "the clock is the integral of beta");
	system.kappa = -0.5;
	check(mfc_interact_run(&system, &rng, 2, 1, x, &err) == -1, "%s", err.message);
	system = (struct mfc_interact){ .kappa = 1e30, .clock = 10, .scheme = MFC_EULER, .steps = 4 };
	check(mfc_interact_run(&system, &rng, 2, 1, x, &err) == -1, "%s", err.message);
	check(mfc_scheme_named("euler-maruyama", &scheme) && scheme == MFC_EULER && !mfc_scheme_named("heun", &scheme), "names");
	return done();
}
