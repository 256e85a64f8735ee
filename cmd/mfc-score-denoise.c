/* mfc-score denoise: the reverse SDE or the probability-flow ODE, from a cloud's noise level to a lower one. */
#include "mfc-score.h"

#include "diffusion/sde.h"
#include "diffusion/solver.h"
#include "net/labels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT_FACTOR 4   /* by default the latents read at most this many times the particles of training */
#define UNSET (-1.0)

struct denoise {
	struct cli cli;
	struct mfc_model model;
	struct mfc_levels levels;
	struct mfc_weights weights;
	struct mfc_workplace **work;
	uint64_t seed;
	const char *path, *solver_name, *form, *level_text, *label;
	size_t level, steps, context;
	double from, to, last, guidance;   /* guidance NAN: not given */
	enum mfc_solver solver;
};

static int header(void *context, struct mfc_value *map, struct mfc_error *err)
{
	struct denoise *d = context;
	d->seed = cli_stage_seed(&d->cli, map);
	const struct mfc_value *normalize = mfc_value_get(&d->model.header, "normalize");
	if (normalize && !mfc_value_get(map, "normalize")) {
		struct mfc_value copy;
		if (mfc_value_copy(&copy, normalize, err) || mfc_value_put(map, "normalize", copy, err))
			return -1;
	}
	return 0;
}

/* What is wanted of this cloud: from its noise level, or from --from, down to --to or the end of its level. */
static int range(const struct denoise *d, const struct mfc_cloud *cloud, double *from, double *to, struct mfc_error *err)
{
	if (d->from != UNSET)
		*from = d->from;
	else if (score_noise_level(cloud, from, err))
		return -1;
	*from = fmin(*from, MFC_S_START);
	*to = d->to;
	if (!d->level_text)
		return 0;
	double low = d->levels.level[d->level].s_low, high = mfc_levels_s_high(&d->levels, d->level);
	if (*from <= low * (1 + 1e-6) || *from > high * (1 + 1e-3))
		return mfc_error_set(err, "at s = %g, not within level %zu (s from %g to %g)", *from, d->level, fmin(high, MFC_S_START), low);
	*to = low;
	return 0;
}

struct field { const struct denoise *d; struct mfc_workplace *work; size_t context; struct mfc_condition condition; };

static int field(void *context, size_t n, const float *y, double s, float *D, struct mfc_error *err)
{
	const struct field *f = context;
	size_t limit = f->context ? f->context : CONTEXT_FACTOR * f->d->levels.level[mfc_levels_of_s(&f->d->levels, s)].points;
	return mfc_denoiser_apply(f->work, &f->d->weights, &f->d->model.denoiser, n, y, s, limit,
	    f->d->model.net.config.labels ? &f->condition : NULL, D, err);
}

/* Data again: no noise level, and the way back to the units of the training set. */
static int finish(const struct denoise *d, struct mfc_cloud *cloud, struct mfc_error *err)
{
	cloud->t = cloud->s = NAN;
	cloud->level = -1;
	const struct mfc_value *normalize = mfc_value_get(&d->model.header, "normalize"), *center = mfc_value_get(normalize, "center");
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

static int denoise(void *context, size_t worker, struct mfc_cloud *cloud, struct mfc_error *err)
{
	struct denoise *d = context;
	double from, to;
	if (cloud->dim != d->model.net.config.dim)
		return mfc_error_set(err, "%zu coordinates where the model has %zu", cloud->dim, d->model.net.config.dim);
	if (range(d, cloud, &from, &to, err))
		return -1;
	/* The spacing of points falls as N^-1/2, and the last noise level with it. */
	double last = d->last != UNSET ? d->last : 0.01 * sqrt(fmin(1, 2048.0 / (double)cloud->n));
	bool stochastic = d->form ? strcmp(d->form, "sde") == 0 : mfc_levels_of_s(&d->levels, from) > 0 || from < MFC_S_START;
	if (d->solver == MFC_HEUN && !d->form)
		stochastic = false;
	struct mfc_solve solve = { .solver = d->solver, .s_from = from, .s_to = to, .s_last = fmin(last, from),
		.steps = mfc_solver_share(d->steps, MFC_S_START, last, from, to), .eta = stochastic };
	uint64_t bits;
	memcpy(&bits, &from, sizeof bits);
	struct mfc_rng rng = mfc_rng_make(d->seed, MFC_RNG_SOLVER, cloud->key, bits);
	struct field f = { d, d->work[worker], d->context, { .guidance = isnan(d->guidance) ? 1 : d->guidance } };
	if (d->model.net.config.labels && score_labels_condition(&d->model, d->label, cloud, &f.condition, err))
		return -1;
	float up = (float)sqrt(1 + from * from), down = (float)mfc_sde_alpha_of_s(to);
	for (size_t i = 0; i < cloud->n * cloud->dim; i++)
		cloud->x[i] *= up;
	if (mfc_solver_run(&solve, &rng, cloud->n, cloud->dim, cloud->x, field, &f, err))
		return -1;
	free(cloud->eps);
	cloud->eps = NULL;
	if (to == 0)
		return finish(d, cloud, err) ? -1 : 1;
	for (size_t i = 0; i < cloud->n * cloud->dim; i++)
		cloud->x[i] *= down;
	cloud->s = to;
	cloud->t = mfc_sde_t_of_s(to);
	return 1;
}

static void check(struct denoise *d)
{
	if (!mfc_solver_named(d->solver_name, &d->solver))
		cli_usage("--solver %s: not dpm++, heun or euler", d->solver_name);
	if (d->form && strcmp(d->form, "ode") != 0 && strcmp(d->form, "sde") != 0)
		cli_usage("--form %s: not ode or sde", d->form);
	if (d->form && d->solver == MFC_HEUN && strcmp(d->form, "sde") == 0)
		cli_usage("--solver heun solves the ODE only");
	if (d->steps < 1)
		cli_usage("--steps 0: at least 1");
	if (d->level_text && (d->from != UNSET || d->to > 0))
		cli_usage("--level and --from or --to exclude each other");
	if ((d->from != UNSET && !(d->from > 0)) || d->to < 0 || (d->from != UNSET && d->from <= d->to))
		cli_usage("noise levels must fall: --from %g --to %g", d->from, d->to);
	if (d->last != UNSET && !(d->last > 0))
		cli_usage("--last %g: not above 0", d->last);
}

int score_denoise(int argc, char **argv)
{
	static struct denoise d = { .solver_name = "dpm++", .steps = 30, .from = UNSET, .last = UNSET, .guidance = NAN };
	const struct cli_option table[] = {
		{ "model", 'm', "MODEL", "the trained model (mfc-model(5))", CLI_STRING, &d.path },
		{ "level", 'k', "K", "take clouds through level K of the model", CLI_STRING, &d.level_text },
		{ "from", 0, "S", "noise level to start at, whatever the record says", CLI_REAL, &d.from },
		{ "to", 0, "S", "noise level to stop at (0: data)", CLI_REAL, &d.to },
		{ "solver", 0, "NAME", "dpm++ (default), heun or euler", CLI_STRING, &d.solver_name },
		{ "form", 0, "FORM", "ode or sde (default: ode from the prior to the first boundary, sde below)", CLI_STRING, &d.form },
		{ "steps", 0, "COUNT", "evaluations on the whole way from the prior to data (30)", CLI_NATURAL, &d.steps },
		{ "last", 0, "S", "noise level of the last evaluation (0.01, less above 2,048 particles)", CLI_REAL, &d.last },
		{ "context", 0, "COUNT", "particles that the latents read, the first ones (4 times training's)", CLI_NATURAL, &d.context },
		{ "label", 0, "NAME", "what every cloud is to be, instead of what its record says; '' for anything", CLI_STRING, &d.label },
		{ "guidance", 0, "W", "weight of the label: 0 none of it, 1 as learnt, above more so (1)", CLI_REAL, &d.guidance },
		{ 0 }
	};
	d.cli = (struct cli){ .program = "mfc-score denoise", .synopsis = "-m MODEL [--level K | --from S --to S] [option ...] [file ...]",
		.purpose = "Take clouds from their noise level to a lower one along the learned score." };
	cli_parse(&d.cli, argc, argv, table);
	check(&d);
	score_note_kernels();
	score_model(&d.model, &d.levels, d.path);
	if (d.level_text) {
		char *end;
		d.level = strtoul(d.level_text, &end, 10);
		if (*end || end == d.level_text || d.level >= d.levels.count)
			cli_usage("--level %s: the model has levels 0 to %zu", d.level_text, d.levels.count - 1);
	}
	struct mfc_error err;
	size_t row;
	if (!d.model.net.config.labels && (d.label || !isnan(d.guidance)))
		cli_usage("--label and --guidance are for a model that was trained with --label-key: %s was not", d.path);
	if (d.label && *d.label && mfc_labels_find(&d.model.header, d.label, &row, &err))
		cli_usage("--label: %s", err.message);
	if (mfc_weights_create(&d.weights, &d.model.net, d.model.state.ema, &err))
		cli_die("%s", err.message);
	d.work = calloc(d.cli.threads, sizeof *d.work);
	for (size_t i = 0; i < d.cli.threads; i++)
		if (!d.work || mfc_workplace_create(&d.work[i], &d.model.net, false, &err))
			cli_die("out of memory");
	struct cli_filter filter = { header, denoise, &d, .parallel = true, .draws = true, .unit = "clouds" };
	cli_run(&d.cli, &filter);
	for (size_t i = 0; i < d.cli.threads; i++)
		mfc_workplace_free(d.work[i]);
	free(d.work);
	mfc_weights_free(&d.weights);
	mfc_model_clear(&d.model);
	return 0;
}
