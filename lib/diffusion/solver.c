#include "diffusion/solver.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool mfc_solver_named(const char *name, enum mfc_solver *solver)
{
	static const char *const known[] = { [MFC_DPM] = "dpm++", [MFC_HEUN] = "heun", [MFC_EULER] = "euler" };
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(name, known[i]) == 0) {
			*solver = (enum mfc_solver)i;
			return true;
		}
	return false;
}

/* Everything a step needs: y and the denoised clouds now and one step before, (n·dim) each. */
struct state {
	const struct mfc_solve *solve;
	const struct mfc_rng *rng;
	size_t n, count;
	float *y, *D, *before, *noise;
	mfc_denoise *denoise;
	void *context;
};

/* From s to r < s: y' = a y + b D + c D_before + d z, where h = ln(s/r) and a = e^(-h(1+η)). With η = 0 it is DPM-Solver++(2M), with η = 1
 * its SDE form (midpoint rule), and without h_before their first-order forms. */
static void exponential_step(struct state *st, double s, double r, double h_before, size_t step)
{
	double h = log(s / r), eta = st->solve->eta;
	double a = exp(-h * (1 + eta)), gain = -expm1(-h * (1 + eta));
	double extra = h_before > 0 ? 0.5 * gain * h / h_before : 0;   /* linear extrapolation of D in ln s */
	double d = eta > 0 ? r * sqrt(-expm1(-2 * eta * h)) : 0;
	float fa = (float)a, fb = (float)(gain + extra), fc = (float)-extra, fd = (float)d;
	if (d > 0)
		mfc_rng_normals(st->rng, (uint64_t)step * st->count, st->count, st->noise);
	for (size_t i = 0; i < st->count; i++) {
		float y = fa * st->y[i] + fb * st->D[i];
		if (h_before > 0)
			y += fc * st->before[i];
		if (d > 0)
			y += fd * st->noise[i];
		st->y[i] = y;
	}
}

/* dy/ds = (y - D)/s by the trapezoid; `before` holds the predicted point, noise its denoised cloud. */
static int heun_step(struct state *st, double s, double r, struct mfc_error *err)
{
	float step = (float)(r - s);
	for (size_t i = 0; i < st->count; i++)
		st->before[i] = st->y[i] + step * (st->y[i] - st->D[i]) / (float)s;
	if (st->denoise(st->context, st->n, st->before, r, st->noise, err))
		return -1;
	for (size_t i = 0; i < st->count; i++) {
		float slope = (st->y[i] - st->D[i]) / (float)s, next = (st->before[i] - st->noise[i]) / (float)r;
		st->y[i] += step * 0.5f * (slope + next);
	}
	return 0;
}

static int run(struct state *st, struct mfc_error *err)
{
	const struct mfc_solve *o = st->solve;
	bool to_data = o->s_to == 0;
	double end = to_data ? o->s_last : o->s_to;
	/* To data the last evaluation is spent on x = D, so one interval fewer. */
	size_t intervals = to_data ? o->steps - 1 : o->steps;
	double h_before = 0, s = o->s_from;
	for (size_t i = 0; i <= intervals; i++) {
		if (i == intervals && !to_data)
			break;
		if (st->denoise(st->context, st->n, st->y, s, st->D, err))
			return -1;
		if (i == intervals) {
			memcpy(st->y, st->D, st->count * sizeof(float));
			break;
		}
		double r = i + 1 == intervals ? end : o->s_from * pow(end / o->s_from, (double)(i + 1) / (double)intervals);
		if (o->solver == MFC_HEUN) {
			if (heun_step(st, s, r, err))
				return -1;
		} else {
			exponential_step(st, s, r, o->solver == MFC_DPM ? h_before : 0, i);
			float *swap = st->before;
			st->before = st->D;
			st->D = swap;
			h_before = log(s / r);
		}
		s = r;
	}
	for (size_t i = 0; i < st->count; i++)
		if (!isfinite(st->y[i]))
			return mfc_error_set(err, "the solver left the finite numbers between s = %g and %g", o->s_from, o->s_to);
	return 0;
}

int mfc_solver_run(const struct mfc_solve *solve, const struct mfc_rng *rng, size_t n, size_t dim, float *y, mfc_denoise *denoise, void *context,
    struct mfc_error *err)
{
	if (!(solve->s_from > solve->s_to) || solve->s_to < 0 || solve->steps < 1)
		return mfc_error_set(err, "cannot go from s = %g to %g in %zu steps", solve->s_from, solve->s_to, solve->steps);
	if (solve->s_to == 0 && !(solve->s_last > 0 && solve->s_last <= solve->s_from))
		return mfc_error_set(err, "the last noise level %g is not between 0 and %g", solve->s_last, solve->s_from);
	if (solve->solver == MFC_HEUN && solve->eta > 0)
		return mfc_error_set(err, "heun solves the ODE only");
	size_t count = n * dim;
	float *buffer = calloc(count, 3 * sizeof *buffer);
	if (!buffer)
		return mfc_error_memory(err);
	struct state st = { solve, rng, n, count, y, buffer, buffer + count, buffer + 2 * count, denoise, context };
	int status = run(&st, err);
	free(buffer);
	return status;
}

size_t mfc_solver_share(size_t total, double s_top, double s_last, double s_from, double s_to)
{
	double whole = log(s_top / s_last), part = log(fmin(s_from, s_top) / fmax(s_to, s_last));
	double steps = round((double)total * part / whole);
	return steps < 1 ? 1 : (size_t)steps;
}
