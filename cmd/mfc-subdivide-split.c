/* mfc-subdivide split: the levels of training. */
#include "mfc-subdivide.h"

#include "cli.h"
#include "diffusion/levels.h"
#include "rng.h"

#include <math.h>
#include <stdlib.h>

struct split {
	struct cli cli;
	const char *text;
	struct mfc_levels levels;
	size_t *rotation;       /* level of each of the Σ B_k positions of a batch */
	size_t batch, position;
	uint64_t seed;
};

/* A batch in which every level is spread evenly: position after position, the level that is furthest behind its share. */
static void make_rotation(struct split *s)
{
	size_t given[MFC_MAX_LEVELS] = { 0 };
	s->batch = mfc_levels_batch(&s->levels);
	s->rotation = malloc(s->batch * sizeof *s->rotation);
	if (!s->rotation)
		cli_die("out of memory");
	for (size_t i = 0; i < s->batch; i++) {
		size_t best = 0;
		double worst = -1e9;
		for (size_t k = 0; k < s->levels.count; k++) {
			double share = (double)s->levels.level[k].batch / (double)s->batch;
			double behind = share * (double)(i + 1) - (double)given[k];
			if (given[k] < s->levels.level[k].batch && behind > worst) {
				worst = behind;
				best = k;
			}
		}
		s->rotation[i] = best;
		given[best]++;
	}
}

static int header(void *context, struct mfc_value *map, struct mfc_error *err)
{
	struct split *s = context;
	struct mfc_value levels;
	s->seed = cli_stage_seed(&s->cli, map);
	s->position = 0;
	return mfc_levels_to_value(&s->levels, &levels, err) || mfc_value_put(map, "levels", levels, err) ? -1 : 0;
}

static int split(void *context, size_t worker, struct mfc_cloud *cloud, struct mfc_error *err)
{
	struct split *s = context;
	size_t k = s->rotation[s->position++ % s->batch];
	const struct mfc_level *level = &s->levels.level[k];
	(void)worker;
	if (cloud->n < level->crowd)
		return mfc_error_set(err, "%zu particles, level %zu needs %zu", cloud->n, k, level->crowd);
	size_t *index = malloc(cloud->n * sizeof *index);
	if (!index)
		return mfc_error_memory(err);
	struct mfc_rng rng = mfc_rng_make(s->seed, MFC_RNG_LEVEL, cloud->key, 0);
	/* Crowds of all sizes, as clouds will have: uniform in the logarithm. */
	size_t want = level->points;
	if (level->crowd > level->points)
		want = (size_t)round((double)want * pow((double)level->crowd / (double)want, mfc_rng_uniform(&rng)));
	mfc_rng_choose(&rng, cloud->n, want, index);
	int status = mfc_cloud_select(cloud, index, want, err);
	free(index);
	cloud->level = (int)k;
	return status ? -1 : 1;
}

int subdivide_split(int argc, char **argv)
{
	static struct split s;
	const char *model = NULL;
	const struct cli_option table[] = {
		{ "levels", 0, "S:N:B,...", "lower noise level, particles and clouds a step of each level\n                               (2:128:16,0.5:256:8,0:512:8)",
			CLI_STRING, &s.text },
		{ "model", 'm', "MODEL", "or the levels of this model", CLI_STRING, &model },
		{ 0 }
	};
	struct mfc_error err;
	s.cli = (struct cli){ .program = "mfc-subdivide split", .synopsis = "[--levels S:N:B,...] [option ...] [file ...]",
		.purpose = "Give each data cloud a level, in a fixed rotation, and a random subset of the level's number of particles." };
	cli_parse(&s.cli, argc, argv, table);
	if (s.text && model)
		cli_usage("--levels and -m exclude each other");
	if (model)
		subdivide_levels(&s.levels, model, NULL);
	else if (mfc_levels_parse(&s.levels, s.text ? s.text : mfc_levels_default, &err))
		cli_usage("--levels: %s", err.message);
	make_rotation(&s);
	/* The rotation follows the order of the stream: one thread. */
	struct cli_filter filter = { header, split, &s, .draws = true, .unit = "clouds" };
	cli_run(&s.cli, &filter);
	free(s.rotation);
	return 0;
}
