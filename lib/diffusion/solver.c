#include "diffusion/solver.h"
#include "diffusion/stratify.h"
#include "parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 1024   /* normals drawn at a time; a multiple of those of a block */

const char *const mfc_solver_name[MFC_SOLVERS] = {
	[MFC_DPMPP2M] = "dpmpp2m", [MFC_SDE_DPMPP2M] = "sde-dpmpp2m", [MFC_HEUN] = "heun", [MFC_EULER_MARUYAMA] = "euler-maruyama"
};

bool mfc_solver_named(const char *name, enum mfc_solver *solver)
{
	for (size_t i = 0; i < MFC_SOLVERS; i++)
		if (strcmp(name, mfc_solver_name[i]) == 0) {
			*solver = (enum mfc_solver)i;
			return true;
		}
	return false;
}

/* The coordinate that the grid is uniform in, and back. */
static double grid_of(struct mfc_grid grid, double s)
{
	return grid.rho > 0 ? pow(s, 1 / grid.rho) : log(s);
}

static double grid_level(struct mfc_grid grid, double g)
{
	return grid.rho > 0 ? pow(g, grid.rho) : exp(g);
}

/* Everything a step needs: y and the denoised clouds now and one step before (Heun: the predicted point), (n·dim) each. */
struct state {
	const struct mfc_solve *solve;
	const struct mfc_rng *rng;
	size_t n, dim, count;
	float *y, *D, *before;
	mfc_denoise *denoise;
	void *context;
};

/* A step of all numbers: y' = a y + b D + c before + d z, z normals from `first` on; d = 0: none. */
struct step {
	struct state *st;
	float a, b, c, d;
	uint64_t first;
};

static void advance(void *context, size_t thread)
{
	const struct step *p = context;
	const struct state *st = p->st;
	float noise[CHUNK], *y = st->y;
	const float *D = st->D, *before = st->before;
	size_t from, to;
	mfc_parallel_share((st->count + CHUNK - 1) / CHUNK, st->solve->threads, thread, &from, &to);
	for (size_t chunk = from; chunk < to; chunk++) {
		size_t i = chunk * CHUNK, end = i + CHUNK < st->count ? i + CHUNK : st->count;
		if (p->d > 0)
			mfc_rng_normals(st->rng, p->first + i, end - i, noise);
		for (size_t j = 0; i < end; i++, j++) {
			float next = p->a * y[i] + p->b * D[i];
			if (p->c != 0)
				next += p->c * before[i];
			if (p->d > 0)
				next += p->d * noise[j];
			y[i] = next;
		}
	}
}

/* From s to r < s, where h = ln(s/r) and a = e^(-h(1+η)). With η = 0 it is DPM-Solver++(2M), with η = 1 its SDE form (midpoint rule), and without
 * h_before their first-order forms. */
static int exponential_step(struct state *st, double s, double r, double h_before, size_t step, struct mfc_error *err)
{
	double h = log(s / r), eta = st->solve->solver == MFC_DPMPP2M ? 0 : 1, gain = -expm1(-h * (1 + eta));
	double extra = h_before > 0 ? 0.5 * gain * h / h_before : 0;   /* linear extrapolation of D in ln s */
	double noise = eta > 0 ? r * sqrt(-expm1(-2 * h)) : 0;
	bool stratify = noise > 0 && st->solve->stratify;
	struct step p = { st, (float)exp(-h * (1 + eta)), (float)(gain + extra), (float)-extra, stratify ? 0 : (float)noise, (uint64_t)step * st->count };
	mfc_parallel(st->solve->threads, advance, &p);
	return stratify ? mfc_stratify(st->rng, step, st->solve->threads, st->n, st->dim, noise, st->y, err) : 0;
}

/* dy/ds = (y - D)/s by the trapezoid. With q = (r - s)/s: the predicted point is p = y + q (y - D), and y' = y + ½ q (y - D) + ½ (r - s)/r (p - D_p). */
static int heun_step(struct state *st, double s, double r, struct mfc_error *err)
{
	float q = (float)((r - s) / s), half = (float)(0.5 * (r - s) / r);
	float *predicted = st->before;
	for (size_t i = 0; i < st->count; i++) {
		float slope = q * (st->y[i] - st->D[i]);
		predicted[i] = st->y[i] + slope;
		st->y[i] += 0.5f * slope + half * predicted[i];
	}
	if (st->denoise(st->context, st->n, predicted, r, st->D, err))
		return -1;
	for (size_t i = 0; i < st->count; i++)
		st->y[i] -= half * st->D[i];
	return 0;
}

static int run(struct state *st, struct mfc_error *err)
{
	const struct mfc_solve *o = st->solve;
	bool to_data = o->s_to == 0;
	double end = to_data ? o->s_last : o->s_to, g_from = grid_of(o->grid, o->s_from), g_end = grid_of(o->grid, end);
	/* To data the last evaluation is spent on x = D, so one interval fewer. */
	size_t intervals = to_data ? o->steps - 1 : o->steps;
	double h_before = 0, s = o->s_from;
	for (size_t i = 0; i < intervals; i++) {
		double r = i + 1 == intervals ? end : grid_level(o->grid, g_from + (g_end - g_from) * (double)(i + 1) / (double)intervals);
		if (st->denoise(st->context, st->n, st->y, s, st->D, err))
			return -1;
		if (o->solver == MFC_HEUN) {
			if (heun_step(st, s, r, err))
				return -1;
		} else {
			if (exponential_step(st, s, r, o->solver == MFC_EULER_MARUYAMA ? 0 : h_before, i, err))
				return -1;
			float *swap = st->before;
			st->before = st->D;
			st->D = swap;
			h_before = log(s / r);
		}
		s = r;
	}
	if (to_data) {
		if (st->denoise(st->context, st->n, st->y, s, st->D, err))
			return -1;
		memcpy(st->y, st->D, st->count * sizeof(float));
	}
	for (size_t i = 0; i < st->count; i++)
		if (!isfinite(st->y[i]))
			return mfc_error_set(err, "the solver left the finite numbers between s = %g and %g", o->s_from, o->s_to);
	return 0;
}

int mfc_solver_run(const struct mfc_solve *given, const struct mfc_rng *rng, size_t n, size_t dim, float *y, mfc_denoise *denoise, void *context,
    struct mfc_error *err)
{
	struct mfc_solve solve = *given;
	if (!(solve.s_from > solve.s_to) || solve.s_to < 0 || solve.steps < 1)
		return mfc_error_set(err, "cannot go from s = %g to %g in %zu steps", solve.s_from, solve.s_to, solve.steps);
	if (solve.s_to == 0 && !(solve.s_last > 0 && solve.s_last <= solve.s_from))
		return mfc_error_set(err, "the last noise level %g is not between 0 and %g", solve.s_last, solve.s_from);
	solve.threads = solve.threads > 1 ? solve.threads : 1;
	size_t count = n * dim;
	float *buffer = calloc(count, 2 * sizeof *buffer);
	if (!buffer)
		return mfc_error_memory(err);
	struct state st = { &solve, rng, n, dim, count, y, buffer, buffer + count, denoise, context };
	int status = run(&st, err);
	free(buffer);
	return status;
}

size_t mfc_solver_share(size_t total, struct mfc_grid grid, double s_top, double s_last, double s_from, double s_to)
{
	double top = grid_of(grid, s_top), last = grid_of(grid, s_last);
	double part = grid_of(grid, fmin(s_from, s_top)) - grid_of(grid, fmax(s_to, s_last));
	double steps = round((double)total * part / (top - last));
	return steps >= 1 ? (size_t)steps : 1;
}
