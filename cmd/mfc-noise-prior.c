/* mfc-noise prior: clouds of pure noise, where generation starts; or of a known law, where experiments end. */
#include "mfc-noise.h"

#include "cli.h"
#include "diffusion/levels.h"
#include "diffusion/sde.h"
#include "net/labels.h"
#include "oracle.h"
#include "rng.h"

#include <stdio.h>

/* The keys that the stages of sampling want of the model's header: what mfc-score denoise needs not be told again. */
static void take_from_model(struct mfc_value *header, const struct mfc_value *model, const char *path, size_t *points, size_t *dim)
{
	struct mfc_error err;
	struct mfc_levels levels;
	if (mfc_levels_from_value(&levels, mfc_value_get(model, "levels"), &err))
		cli_die("%s: %s", path, err.message);
	if (!mfc_value_as_size(mfc_value_get(model, "dim"), dim))
		cli_die("%s: the header has no dim", path);
	if (*points == 0)
		*points = levels.level[0].points;
	if (cli_model_units(header, model, &err))
		cli_die("%s", err.message);
}

/* The model's header, whose labels the names must be; without a model any names will do, under the key "label". */
static void take_labels(struct mfc_value *model, const char *path, const struct cli_list *names)
{
	struct mfc_error err;
	size_t row;
	if (path)
		cli_read_model(model, path);
	else if (mfc_labels_begin(model, "label", &err))
		cli_die("%s", err.message);
	if (path && names->count && (!mfc_value_get(mfc_value_get(model, "model"), "labels") || mfc_labels_check(model, &err)))
		cli_usage("--label: %s was trained without labels", path);
	for (size_t i = 0; path && i < names->count; i++)
		if (*names->item[i] && mfc_labels_find(model, names->item[i], &row, &err))
			cli_usage("--label: %s", err.message);
}

/* Noise at t = 1, or data of a known law. */
static void draw(struct mfc_cloud *cloud, uint64_t seed, const struct mfc_mixture *law)
{
	struct mfc_error err;
	uint64_t key = mfc_cloud_key(cloud->id, 0);
	struct mfc_rng rng = mfc_rng_make(seed, MFC_RNG_PRIOR, key, 0);
	if (law->count) {
		if (mfc_mixture_draw(law, seed, key, cloud->n, cloud->x, &err))
			cli_die("%s", err.message);
		return;
	}
	mfc_rng_normals(&rng, 0, cloud->n * cloud->dim, cloud->x);
	cloud->t = 1;
	cloud->s = mfc_sde_s_of_t(1);
	cloud->level = 0;
}

static void make(struct cli *cli, size_t number, size_t points, size_t dim, const struct mfc_mixture *law, const struct mfc_value *model,
    const struct cli_list *names)
{
	struct mfc_error err;
	struct mfc_cloud cloud;
	char id[40];
	snprintf(id, sizeof id, "sample-%06zu", number);
	mfc_cloud_init(&cloud);
	if (mfc_cloud_set_id(&cloud, id, &err) || mfc_cloud_resize(&cloud, points, dim, &err))
		cli_die("%s", err.message);
	draw(&cloud, cli->seed, law);
	const char *name = names->count ? names->item[(number + names->count - 1) % names->count] : "";
	if (*name && mfc_labels_set(model, &cloud, name, &err))
		cli_die("%s", err.message);
	if (mfc_writer_cloud(cli_output(cli), &cloud, &err))
		cli_die("%s", err.message);
	mfc_cloud_clear(&cloud);
}

int noise_prior(int argc, char **argv)
{
	static struct cli cli;
	static struct cli_list names;
	struct mfc_error err;
	struct mfc_mixture law = { 0 };
	const char *path = NULL, *oracle = NULL;
	size_t count = 0, points = 0, dim = 0, first = 1;
	const struct cli_option table[] = {
		{ "count", 'c', "COUNT", "clouds", CLI_COUNT, &count },
		{ "points", 'n', "POINTS", "particles of each (with -m: those of its first level)", CLI_COUNT, &points },
		{ "dim", 'd', "DIM", "coordinates of each (3, or the model's)", CLI_COUNT, &dim },
		{ "model", 'm', "MODEL", "take dimension, particles and normalisation from a model", CLI_STRING, &path },
		{ "label", 0, "NAME", "what the clouds are to be; may be repeated: they take turns", CLI_LIST, &names },
		{ "oracle", 0, "FILE", "data of this mixture of Gaussians instead of noise", CLI_STRING, &oracle },
		{ "first", 0, "K", "number of the first cloud (1): jobs with one seed and other numbers", CLI_NATURAL, &first },
		{ 0 }
	};
	cli = (struct cli){ .program = "mfc-noise prior", .synopsis = "-c COUNT {-n POINTS [-d DIM] | -m MODEL} [option ...]",
		.purpose = "Write clouds of standard normal particles, the law of the forward SDE at t = 1." };
	cli_parse(&cli, argc, argv, table);
	if (cli.operands)
		cli_usage("takes no file: \"%s\"", cli.operand[0]);
	if (path && oracle)
		cli_usage("-m and --oracle exclude each other");
	struct mfc_value header = mfc_value_map(), model = mfc_value_map();
	size_t model_dim = 3;
	take_labels(&model, path, &names);
	if (path)
		take_from_model(&header, &model, path, &points, &model_dim);
	if (oracle) {
		oracle_mixture(&law, oracle);
		path = oracle;
		model_dim = law.dim;
	}
	if (path && dim && dim != model_dim)
		cli_usage("-d %zu: %s has %zu coordinates", dim, path, model_dim);
	dim = dim ? dim : model_dim;
	if (count < 1 || points < 1)
		cli_usage("how many? -c COUNT and -n POINTS");
	if (dim > 1024)
		cli_usage("--dim %zu: more than 1024", dim);
	cli_hold(&cli, points, 2 * dim * sizeof(float), "a cloud and its record");
	if (mfc_value_put(&header, "dim", mfc_value_uint(dim), &err))
		cli_die("%s", err.message);
	cli_output_header(&cli, &header, true);
	for (size_t i = 0; i < count; i++) {
		make(&cli, first + i, points, dim, &law, &model, &names);
		cli_progress(&cli, (double)(i + 1), (double)count, "clouds", NULL);
	}
	cli_progress_end(&cli);
	cli_output_end(&cli);
	mfc_value_clear(&header);
	mfc_value_clear(&model);
	mfc_mixture_clear(&law);
	return 0;
}
