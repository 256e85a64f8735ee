#include "sampler.h"

#include "diffusion/sde.h"
#include "net/labels.h"

#include <math.h>
#include <stdlib.h>

#define LARGE 8192   /* particles of a cloud that is worth all threads */

void sampler_model(struct mfc_model *model, struct mfc_levels *levels, const char *path)
{
	struct mfc_error err;
	if (!path)
		cli_usage("a model is needed: -m MODEL");
	cli_apart(path);
	if (mfc_model_read(model, path, &err))
		cli_die("%s", err.message);
	if (mfc_levels_from_value(levels, mfc_value_get(&model->header, "levels"), &err))
		cli_die("%s: %s", path, err.message);
}

static void check(const struct sampler *s)
{
	struct mfc_error err;
	size_t row;
	if (!s->model.net.config.labels && (s->label || !isnan(s->guidance)))
		cli_usage("--label and --guidance are for a model that was trained with --label-key: %s was not", s->path);
	if (s->label && *s->label && mfc_labels_find(&s->model.header, s->label, &row, &err))
		cli_usage("--label: %s", err.message);
}

/* The levels that decide on the solver are the default ones, and the way to the units of the data is that of the shapes. */
static void open_oracle(struct sampler *s, struct cli *cli)
{
	struct mfc_error err;
	if (s->path || s->label || s->context || !isnan(s->guidance))
		cli_usage("--oracle excludes -m, --context, --label and --guidance");
	oracle_open(&s->oracle, cli, s->oracle_path);
	if (mfc_levels_parse(&s->levels, mfc_levels_default, &err) || mfc_value_copy(&s->model.header, &s->oracle.header, &err))
		cli_die("%s", err.message);
}

void sampler_open(struct sampler *s, struct cli *cli)
{
	struct mfc_error err;
	s->threads = cli->threads;
	if (s->oracle_path) {
		open_oracle(s, cli);
		return;
	}
	sampler_model(&s->model, &s->levels, s->path);
	check(s);
	s->field = calloc(s->threads, sizeof *s->field);
	if (!s->field)
		cli_die("out of memory");
	const struct mfc_score *net = &s->model.net;
	int bad = mfc_weights_create(&s->weights, net, s->model.state.ema, &err) ||
	    mfc_field_create(&s->team, net, &s->weights, &s->model.denoiser, s->threads, &err);
	for (size_t i = 0; !bad && i < s->threads; i++)
		bad = mfc_field_create(&s->field[i], net, &s->weights, &s->model.denoiser, 1, &err);
	if (bad)
		cli_die("%s", err.message);
}

void sampler_close(struct sampler *s)
{
	if (s->oracle_path) {
		oracle_close(&s->oracle);
		mfc_value_clear(&s->model.header);
		return;
	}
	for (size_t i = 0; i < s->threads; i++)
		mfc_field_free(s->field[i]);
	free(s->field);
	mfc_field_free(s->team);
	mfc_weights_free(&s->weights);
	mfc_model_clear(&s->model);
}

/* The label a cloud is denoised under: its own, or the wanted one, which it gets. */
static int condition(const struct sampler *s, struct mfc_cloud *cloud, struct mfc_condition *condition, struct mfc_error *err)
{
	const struct mfc_value *header = &s->model.header;
	const char *name;
	condition->guidance = isnan(s->guidance) ? 1 : s->guidance;
	if (s->label && mfc_labels_set(header, cloud, *s->label ? s->label : NULL, err))
		return -1;
	if (mfc_labels_get(header, cloud, &name, err) || mfc_labels_find(header, name, &condition->label, err))
		return -1;
	if (!name)   /* from the null label to itself is no way */
		condition->guidance = 0;
	return 0;
}

int sampler_enter(struct sampler *s, size_t worker, uint64_t seed, struct mfc_cloud *cloud, struct sampler_field *f, struct mfc_error *err)
{
	*f = (struct sampler_field){ .of = s, .field = s->oracle_path ? NULL : s->field[worker], .large = cloud->n >= LARGE, .threads = 1, .seed = seed,
		.cloud = cloud->key };
	size_t dim = s->oracle_path ? mfc_oracle_dim(s->oracle.law) : s->model.net.config.dim;
	if (cloud->dim != dim)
		return mfc_error_set(err, "%zu coordinates where the %s has %zu", cloud->dim,
		    s->oracle_path ? "oracle" : "model", dim);
	if (s->model.net.config.labels && condition(s, cloud, &f->condition, err))
		return -1;
	if (f->large) {
		pthread_mutex_lock(&s->turn);
		f->field = s->team;
		f->threads = s->threads;
	}
	return 0;
}

void sampler_leave(struct sampler_field *f)
{
	if (f->large)
		pthread_mutex_unlock(&f->of->turn);
	free(f->index);
}

/* A random choice, spread over the cloud: one whose particles are sorted is seen as a whole. */
static int draw(struct sampler_field *f, size_t n, size_t count, struct mfc_rng *rng, struct mfc_error *err)
{
	if (count > f->room) {
		free(f->index);
		f->index = malloc(count * sizeof *f->index);
		f->room = f->index ? count : 0;
		if (!f->index)
			return mfc_error_memory(err);
	}
	mfc_rng_spread(rng, n, count, f->index);
	return 0;
}

int sampler_denoise(void *context, size_t n, const float *y, double s, float *D, struct mfc_error *err)
{
	struct sampler_field *f = context;
	const struct sampler *of = f->of;
	if (of->oracle_path)
		return mfc_oracle_denoise(&(struct mfc_oracle_use){ of->oracle.law, f->threads }, n, y, s, D, err);
	const struct mfc_score *net = &of->model.net;
	size_t among = f->among && f->among < n ? f->among : n, level = mfc_levels_of_s(&of->levels, s);
	size_t count = f->context ? f->context : of->context ? of->context : of->levels.level[level].points;
	struct mfc_context c = { .count = count < among ? count : among, .among = f->crowd_among };
	struct mfc_rng rng = mfc_rng_make(f->seed, MFC_RNG_CONTEXT, f->cloud, f->evaluation);
	if (!of->leads) {
		if (c.count < among && draw(f, among, c.count, &rng, err))
			return -1;
		c.index = c.count < among ? f->index : NULL;
		c.draw = &rng;
	}
	f->evaluation++;
	return mfc_field_denoise(f->field, n, y, s, c, net->config.labels ? &f->condition : NULL, D, err);
}

int sampler_noise_level(const struct mfc_cloud *cloud, double *s, struct mfc_error *err)
{
	*s = !isnan(cloud->s) ? cloud->s : !isnan(cloud->t) ? mfc_sde_s_of_t(cloud->t) : 0;
	if (!(*s > 0))
		return mfc_error_set(err, "no noise level (t or s above 0): has it been through mfc-noise?");
	return 0;
}
