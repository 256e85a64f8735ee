/* mfc-score denoise: the reverse SDE or the probability-flow ODE, from a cloud's noise level to a lower one. */
#include "mfc-score.h"

#include "diffusion/sde.h"
#include "diffusion/solver.h"
#include "diffusion/stratify.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RHO 7.0   /* of Karras et al.'s grid */

struct denoise {
	struct cli cli;
	struct sampler sampler;
	uint64_t seed;
	const char *solver_text, *grid_text, *level_text;
	size_t level, steps;
	double from, to, last;   /* from, last: NAN where not given */
	enum mfc_solver solver;
	bool stratify;
	struct mfc_grid grid;
};

static int header(void *context, struct mfc_value *map, struct mfc_error *err)
{
	struct denoise *d = context;
	d->seed = cli_stage_seed(&d->cli, map);
	return cli_model_units(map, &d->sampler.model.header, err);
}

/* What is wanted of this cloud: from its noise level, or from --from, down to --to or the end of its level. */
static int range(const struct denoise *d, const struct mfc_cloud *cloud, double *from, double *to, struct mfc_error *err)
{
	if (!isnan(d->from))
		*from = d->from;
	else if (sampler_noise_level(cloud, from, err))
		return -1;
	if (*from > MFC_S_START * (1 + 1e-6) && *from < mfc_sde_s_of_t(1) * (1 - 1e-6))
		return mfc_error_set(err, "s = %g is above %g, where sampling begins: only clouds of the prior may be", *from, MFC_S_START);
	*from = fmin(*from, MFC_S_START);
	*to = d->to;
	if (!d->level_text && *from <= *to)
		return mfc_error_set(err, "at s = %g, from where there is no way down to %g", *from, *to);
	if (!d->level_text)
		return 0;
	double low = d->sampler.levels.level[d->level].s_low, high = mfc_levels_s_high(&d->sampler.levels, d->level);
	if (*from <= low * (1 + 1e-6) || *from > high * (1 + 1e-3))
		return mfc_error_set(err, "at s = %g, not within level %zu (s from %g to %g)", *from, d->level, fmin(high, MFC_S_START), low);
	*to = low;
	return 0;
}

/* Data again: no noise level, and the way back to the units of the training set. */
static int finish(const struct denoise *d, struct mfc_cloud *cloud, struct mfc_error *err)
{
	cloud->t = cloud->s = NAN;
	cloud->level = -1;
	const struct mfc_value *normalize = mfc_value_get(&d->sampler.model.header, "normalize"), *center = mfc_value_get(normalize, "center");
	if (!isnan(cloud->scale) || !mfc_value_as_real(mfc_value_get(normalize, "scale"), &cloud->scale))
		return 0;
	if (cloud->center || !center || center->type != MFC_LIST || center->size != cloud->dim)
		return 0;
	cloud->center = malloc(cloud->dim * sizeof *cloud->center);
	if (!cloud->center)
		return mfc_error_memory(err);
	for (size_t i = 0; i < cloud->dim; i++)
		if (!mfc_value_as_real(&center->items[i], &cloud->center[i]))
			return mfc_error_set(err, "the model's normalize has a center that is no number");
	return 0;
}

/* By default what comes from the prior follows the ODE, and what may have been branched the SDE, which parts copies. */
static enum mfc_solver solver_of(const struct denoise *d, double from)
{
	if (d->solver_text)
		return d->solver;
	return mfc_levels_of_s(&d->sampler.levels, from) > 0 || from < MFC_S_START ? MFC_SDE_DPMPP2M : MFC_DPMPP2M;
}

/* x to s = `to`, in place. */
static int solve(struct denoise *d, size_t worker, struct mfc_cloud *cloud, double from, double to, struct mfc_error *err)
{
	double last = isnan(d->last) ? mfc_levels_last(cloud->n, fmin(2, (double)cloud->dim)) : d->last;   /* surfaces */
	struct sampler_field field;
	struct mfc_solve solve = { .solver = solver_of(d, from), .grid = d->grid, .s_from = from, .s_to = to, .s_last = fmin(last, from),
		.steps = mfc_solver_share(d->steps, d->grid, MFC_S_START, last, from, to), .stratify = d->stratify };
	uint64_t bits;
	memcpy(&bits, &from, sizeof bits);
	struct mfc_rng rng = mfc_rng_make(d->seed, MFC_RNG_SOLVER, cloud->key, bits);
	if (sampler_enter(&d->sampler, worker, d->seed, cloud, &field, err))
		return -1;
	float up = (float)sqrt(1 + from * from), down = (float)mfc_sde_alpha_of_s(to);
	for (size_t i = 0; i < cloud->n * cloud->dim; i++)
		cloud->x[i] *= up;
	solve.threads = field.threads;
	int status = mfc_solver_run(&solve, &rng, cloud->n, cloud->dim, cloud->x, sampler_denoise, &field, err);
	sampler_leave(&field);
	for (size_t i = 0; to > 0 && i < cloud->n * cloud->dim; i++)
		cloud->x[i] *= down;
	return status;
}

static int denoise(void *context, size_t worker, struct mfc_cloud *cloud, struct mfc_error *err)
{
	struct denoise *d = context;
	double from = 0, to = 0;
	free(cloud->eps);
	cloud->eps = NULL;
	if (range(d, cloud, &from, &to, err) || solve(d, worker, cloud, from, to, err))
		return -1;
	if (to == 0)
		return finish(d, cloud, err) ? -1 : 1;
	cloud->s = to;
	cloud->t = mfc_sde_t_of_s(to);
	return 1;
}

static void check_grid(struct denoise *d)
{
	const char *text = d->grid_text;
	char *end = NULL;
	if (strcmp(text, "log-snr") == 0)
		return;
	d->grid.rho = strncmp(text, "edm", 3) ? 0 : text[3] == 0 ? RHO : text[3] == ':' ? strtod(text + 4, &end) : 0;
	if (!(d->grid.rho > 0 && isfinite(d->grid.rho)) || (end && *end))
		cli_usage("--grid %s: not log-snr, edm or edm:RHO", text);
}

static void check(struct denoise *d)
{
	if (d->solver_text && !mfc_solver_named(d->solver_text, &d->solver))
		cli_usage("--solver %s: not dpmpp2m, sde-dpmpp2m, heun or euler-maruyama", d->solver_text);
	if (d->stratify && d->solver_text && (d->solver == MFC_DPMPP2M || d->solver == MFC_HEUN))
		cli_usage("--stratify is of the stochastic solvers: %s has no noise", d->solver_text);
	check_grid(d);
	if (d->sampler.oracle_path && (d->level_text || d->sampler.leads))
		cli_usage("--oracle has no levels and sees all particles: without --level and --leads");
	if (d->level_text && (!isnan(d->from) || d->to > 0))
		cli_usage("--level and --from or --to exclude each other");
	if (d->from <= 0 || d->to < 0 || d->from <= d->to)
		cli_usage("noise levels must fall: --from %g --to %g", d->from, d->to);
	if (d->to >= MFC_S_START)
		cli_usage("--to %g: not below %g, where sampling starts", d->to, MFC_S_START);
	if (d->last <= 0 || d->last >= MFC_S_START)
		cli_usage("--last %g: not above 0 and below %g", d->last, MFC_S_START);
}

static void check_dim(struct denoise *d)
{
	size_t dim = d->sampler.oracle_path ? mfc_oracle_dim(d->sampler.oracle.law) : d->sampler.model.net.config.dim;
	if (d->stratify && dim > MFC_STRATIFY_DIM)
		cli_usage("--stratify is for up to %d coordinates: the %s has %zu", MFC_STRATIFY_DIM, d->sampler.oracle_path ? "oracle" : "model", dim);
}

static void check_level(struct denoise *d)
{
	char *end;
	if (!d->level_text)
		return;
	d->level = strtoul(d->level_text, &end, 10);
	if (*end || end == d->level_text || d->level >= d->sampler.levels.count)
		cli_usage("--level %s: the model has levels 0 to %zu", d->level_text, d->sampler.levels.count - 1);
}

int score_denoise(int argc, char **argv)
{
	static struct denoise d = { .sampler = SAMPLER_DEFAULTS, .grid_text = "log-snr", .steps = 30, .from = NAN, .last = NAN };
	const struct cli_option table[] = {
		SAMPLER_OPTIONS(d.sampler),
		{ "oracle", 0, "FILE", "instead of a model: the exact score of a mixture of Gaussians or of shapes", CLI_STRING, &d.sampler.oracle_path },
		{ "leads", 0, NULL, "of the context: the first particles, not a random choice at every evaluation", CLI_FLAG, &d.sampler.leads },
		{ "level", 'k', "K", "take clouds through level K of the model", CLI_STRING, &d.level_text },
		{ "from", 0, "S", "noise level to start at, whatever the record says", CLI_REAL, &d.from },
		{ "to", 0, "S", "noise level to stop at (0: data)", CLI_REAL, &d.to },
		{ "solver", 0, "NAME", "dpmpp2m (default from the prior), sde-dpmpp2m (default below), heun or\n                               euler-maruyama",
			CLI_STRING, &d.solver_text },
		{ "stratify", 0, NULL, "the noise of the stochastic solvers, so that neighbours spread evenly", CLI_FLAG, &d.stratify },
		{ "grid", 0, "NAME", "of the noise levels: log-snr (default), edm or edm:RHO", CLI_STRING, &d.grid_text },
		{ "steps", 0, "COUNT", "evaluations on the whole way from the prior to data (30)", CLI_COUNT, &d.steps },
		{ "last", 0, "S", "noise level of the last evaluation (0.01, less above 8,192 particles)", CLI_REAL, &d.last },
		{ 0 }
	};
	d.cli = (struct cli){ .program = "mfc-score denoise", .synopsis = "{-m MODEL | --oracle FILE} [--level K | --from S --to S] [option ...] [file ...]",
		.purpose = "Take clouds from their noise level to a lower one along the learned score." };
	cli_parse(&d.cli, argc, argv, table);
	check(&d);
	score_note_kernels();
	sampler_open(&d.sampler, &d.cli);
	check_dim(&d);
	check_level(&d);
	struct cli_filter filter = { header, denoise, &d, .parallel = true, .draws = true, .unit = "clouds" };
	cli_run(&d.cli, &filter);
	sampler_close(&d.sampler);
	return 0;
}
