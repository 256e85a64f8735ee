/* Solvers on data N(0, sd²), whose exact denoiser is D(y, s) = y sd²/(sd² + s²): the ODE then multiplies y by a known number, and the SDE ends
 * with the variance sd². */
#include "check.h"
#include "diffusion/solver.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SD 0.7

static const struct mfc_grid log_snr = { 0 };
static size_t calls;

static int gaussian(void *context, size_t n, const float *y, double s, float *D, struct mfc_error *err)
{
	(void)err;
	size_t dim = *(size_t *)context;
	calls++;
	for (size_t i = 0; i < n * dim; i++)
		D[i] = (float)(y[i] * (SD * SD / (SD * SD + s * s)));
	return 0;
}

/* The error of the ODE from s = 3 to 0.1 for one particle at y = 1. */
static double ode_error(enum mfc_solver solver, size_t steps)
{
	struct mfc_error err;
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_SOLVER, 0, 0);
	struct mfc_solve solve = { .solver = solver, .s_from = 3, .s_to = 0.1, .s_last = 0.01, .steps = steps };
	size_t dim = 1;
	float y = 1;
	if (mfc_solver_run(&solve, &rng, 1, 1, &y, gaussian, &dim, &err))
		return NAN;
	return fabs(y - sqrt((SD * SD + 0.01) / (SD * SD + 9)));
}

static void order(enum mfc_solver solver, const char *name, double low, double high)
{
	double coarse = ode_error(solver, 16), fine = ode_error(solver, 64), rate = log(coarse / fine) / log(4);
	check(rate > low && rate < high, "%s: error %.1e at 16 steps, %.1e at 64: order %.2f", name, coarse, fine, rate);
}

static double variance(struct mfc_solve solve, size_t n, double s_start)
{
	struct mfc_error err;
	size_t dim = 2;
	float *y = malloc(n * dim * sizeof *y);
	struct mfc_rng rng = mfc_rng_make(3, MFC_RNG_PRIOR, 0, 0), noise = mfc_rng_make(3, MFC_RNG_SOLVER, 0, 0);
	mfc_rng_normals(&rng, 0, n * dim, y);
	for (size_t i = 0; i < n * dim; i++)
		y[i] *= (float)sqrt(SD * SD + s_start * s_start);
	double sum = mfc_solver_run(&solve, &noise, n, dim, y, gaussian, &dim, &err) ? NAN : 0;
	for (size_t i = 0; i < n * dim; i++)
		sum += (double)y[i] * y[i];
	free(y);
	return sum / (double)(n * dim);
}

/* The same noise whatever the threads. */
static void threads(void)
{
	for (int stratify = 0; stratify < 2; stratify++) {
		double v[2];
		for (size_t i = 0; i < 2; i++)
			v[i] = variance((struct mfc_solve){ .solver = MFC_SDE_DPMPP2M, .s_from = 3, .s_to = 0.1, .steps = 7, .threads = 1 + 2 * i, .stratify = stratify }, 3333, 3);
		check(v[0] == v[1], "one thread and three make the same clouds%s: %.9f", stratify ? ", by stratified noise" : "", v[0]);
	}
}

static void laws(void)
{
	static const struct { enum mfc_solver solver; double rho; } form[] = {
		{ MFC_DPMPP2M, 0 }, { MFC_SDE_DPMPP2M, 0 }, { MFC_HEUN, 0 }, { MFC_EULER_MARUYAMA, 0 }, { MFC_DPMPP2M, 7 }, { MFC_SDE_DPMPP2M, 7 }, { MFC_HEUN, 3 },
	};
	for (size_t i = 0; i < sizeof form / sizeof *form; i++) {
		struct mfc_solve solve = { .solver = form[i].solver, .s_from = 20, .s_to = 0, .s_last = 0.01, .steps = 150,
			.grid = { form[i].rho }, .threads = 2 };
		const char *name = mfc_solver_name[form[i].solver];
		double v = variance(solve, 20000, 20);
		check(fabs(sqrt(v) / SD - 1) < (form[i].solver == MFC_EULER_MARUYAMA ? 0.06 : 0.02), "%s, rho %g: ends with standard deviation %.4f of %.1f", name, form[i].rho, sqrt(v), SD);
		solve.s_to = 0.5;
		v = variance(solve, 20000, 20);
		double want = sqrt(SD * SD + 0.25);
		check(fabs(sqrt(v) / want - 1) < (form[i].solver == MFC_EULER_MARUYAMA ? 0.06 : 0.02), "and on the way, at s = 0.5, with %.4f of %.4f", sqrt(v), want);
	}
}

/* Stratified noise: the same law, and sums over the cloud that miss it by less. */
static void stratified(void)
{
	double worst[2] = { 0, 0 }, want = sqrt(SD * SD + 0.01);
	for (size_t n = 500; n <= 4000; n += 500)
		for (int stratify = 0; stratify < 2; stratify++) {
			struct mfc_solve solve = { .solver = MFC_SDE_DPMPP2M, .s_from = 20, .s_to = 0.1, .steps = 150, .threads = 2, .stratify = stratify };
			worst[stratify] = fmax(worst[stratify], fabs(sqrt(variance(solve, n, 20)) / want - 1));
		}
	check(worst[1] < 0.02 && worst[1] < worst[0] / 2, "standard deviations of 500 to 4,000 particles are off by %.4f at most, by stratified noise %.4f", worst[0], worst[1]);
}

static void evaluations(void)
{
	static const struct { enum mfc_solver solver; double to; size_t steps, want; } table[] = {
		{ MFC_DPMPP2M, 0, 10, 10 }, { MFC_DPMPP2M, 0.5, 10, 10 }, { MFC_EULER_MARUYAMA, 0, 1, 1 }, { MFC_HEUN, 0, 10, 19 }, { MFC_HEUN, 0.5, 10, 20 }
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct mfc_error err;
		struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_SOLVER, 0, 0);
		struct mfc_solve solve = { .solver = table[i].solver, .s_from = 3, .s_to = table[i].to, .s_last = 0.01, .steps = table[i].steps };
		size_t dim = 1;
		float y = 1;
		calls = 0;
		int got = mfc_solver_run(&solve, &rng, 1, 1, &y, gaussian, &dim, &err);
		check(got == 0 && calls == table[i].want, "solver %d to %g in %zu steps: %zu evaluations", (int)table[i].solver, table[i].to, table[i].steps, calls);
	}
	/* 30 evaluations shared among the stages of a chain are 30 again, or nearly */
	size_t sum = mfc_solver_share(30, log_snr, 20, 0.01, 20, 2) + mfc_solver_share(30, log_snr, 20, 0.01, 2, 0.5) + mfc_solver_share(30, log_snr, 20, 0.01, 0.5, 0);
	check(sum >= 29 && sum <= 31 && mfc_solver_share(30, log_snr, 20, 0.01, 0.011, 0) == 1, "shares of 30 add up to %zu, and are at least 1", sum);
}

static int broken(void *context, size_t n, const float *y, double s, float *D, struct mfc_error *err)
{
	(void)context; (void)n; (void)y; (void)s; (void)D;
	return mfc_error_set(err, "no network");
}

static int infinite(void *context, size_t n, const float *y, double s, float *D, struct mfc_error *err)
{
	(void)context; (void)y; (void)s; (void)err;
	for (size_t i = 0; i < n; i++)
		D[i] = INFINITY;
	return 0;
}

static void errors(void)
{
	struct mfc_error err = { 0 };
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_SOLVER, 0, 0);
	struct mfc_solve good = { .solver = MFC_DPMPP2M, .s_from = 3, .s_to = 0, .s_last = 0.01, .steps = 4 }, bad;
	size_t dim = 1;
	float y = 1;
	check(mfc_solver_run(&good, &rng, 1, 1, &y, broken, &dim, &err) == -1 && strcmp(err.message, "no network") == 0, "the denoiser's error comes through");
	y = 1;
	check(mfc_solver_run(&good, &rng, 1, 1, &y, infinite, &dim, &err) == -1, "infinities are an error: %s", err.message);
	bad = good, bad.s_to = 3;
	check(mfc_solver_run(&bad, &rng, 1, 1, &y, gaussian, &dim, &err) == -1, "%s", err.message);
	bad = good, bad.steps = 0;
	check(mfc_solver_run(&bad, &rng, 1, 1, &y, gaussian, &dim, &err) == -1, "%s", err.message);
	bad = good, bad.s_last = 4;
	check(mfc_solver_run(&bad, &rng, 1, 1, &y, gaussian, &dim, &err) == -1, "%s", err.message);
	enum mfc_solver named;
	check(mfc_solver_named("heun", &named) && named == MFC_HEUN && mfc_solver_named("dpmpp2m", &named) && named == MFC_DPMPP2M && !mfc_solver_named("rk4", &named), "names");
}

int main(void)
{
	order(MFC_DPMPP2M, "dpmpp2m", 1.6, 2.6);
	order(MFC_HEUN, "heun", 1.7, 2.6);
	check(ode_error(MFC_DPMPP2M, 20) < ode_error(MFC_EULER_MARUYAMA, 20) / 4, "dpm++ is at least four times closer than euler in 20 steps");
	laws();
	threads();
	stratified();
	evaluations();
	errors();
	return done();
}
