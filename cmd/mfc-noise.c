/* mfc-noise: the forward SDE, x_t = α_t x_0 + σ_t ε, by its closed marginal. */
#include "mfc-noise.h"

#include "cli.h"
#include "diffusion/levels.h"
#include "diffusion/sde.h"
#include "rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct noise {
	struct cli cli;
	struct mfc_levels levels;
	double t, from, to;             /* NAN when not given */
	uint64_t seed;
	size_t position[MFC_MAX_LEVELS]; /* clouds of each level so far */
};

static int header(void *context, struct mfc_value *map, struct mfc_error *err)
{
	struct noise *n = context;
	const struct mfc_value *levels = mfc_value_get(map, "levels");
	n->seed = cli_stage_seed(&n->cli, map);
	memset(n->position, 0, sizeof n->position);
	if (levels)
		return mfc_levels_from_value(&n->levels, levels, err);
	return mfc_levels_parse(&n->levels, mfc_levels_default, err);
}

/* The noise level of a cloud: given, or uniform in t, or by its level: stratified over the clouds of that level in a batch, so that each
 * batch covers the level's range; or from the whole law. */
static double draw_level(struct noise *n, const struct mfc_cloud *cloud)
{
	struct mfc_rng rng = mfc_rng_make(n->seed, MFC_RNG_TIME, cloud->key, 0);
	double u = mfc_rng_uniform(&rng);
	if (!isnan(n->t))
		return mfc_sde_s_of_t(n->t);
	if (!isnan(n->from))
		return mfc_sde_s_of_t(n->from + u * (n->to - n->from));
	size_t k = (size_t)cloud->level;
	if (cloud->level < 0) {
		double low = 0;
		for (k = n->levels.count; --k > 0 && u >= low + mfc_levels_weight(&n->levels, k);)
			low += mfc_levels_weight(&n->levels, k);
		return mfc_levels_quantile(&n->levels, k, fmin(1 - 1e-9, (u - low) / mfc_levels_weight(&n->levels, k)));
	}
	size_t batch = n->levels.level[k].batch, position = n->position[k]++ % batch;
	return mfc_levels_quantile(&n->levels, k, ((double)position + u) / (double)batch);
}

static int add_noise(void *context, size_t worker, struct mfc_cloud *cloud, struct mfc_error *err)
{
	struct noise *n = context;
	(void)worker;
	if (cloud->t > 0 || cloud->s > 0)
		return mfc_error_set(err, "is noised already (t = %g)", cloud->t);
	if (cloud->level >= (int)n->levels.count)
		return mfc_error_set(err, "level %d, but the stream has levels 0 to %zu", cloud->level, n->levels.count - 1);
	size_t count = cloud->n * cloud->dim;
	free(cloud->eps);
	cloud->eps = malloc(count * sizeof *cloud->eps);
	if (!cloud->eps)
		return mfc_error_memory(err);
	double s = draw_level(n, cloud);
	struct mfc_rng rng = mfc_rng_make(n->seed, MFC_RNG_NOISE, cloud->key, 0);
	mfc_rng_normals(&rng, 0, count, cloud->eps);
	double alpha = mfc_sde_alpha_of_s(s), sigma = s * alpha;
	for (size_t i = 0; i < count; i++)
		cloud->x[i] = (float)(alpha * cloud->x[i] + sigma * cloud->eps[i]);
	cloud->s = s;
	cloud->t = mfc_sde_t_of_s(s);
	return 1;
}

int main(int argc, char **argv)
{
	static struct noise n = { .t = NAN, .from = NAN, .to = NAN };
	const struct cli_option table[] = {
		{ "t", 0, "T", "diffusion time in [0, 1] of every cloud", CLI_REAL, &n.t },
		{ "t-from", 0, "A", "draw the time uniformly between A", CLI_REAL, &n.from },
		{ "t-to", 0, "B", "and B", CLI_REAL, &n.to },
		{ 0 }
	};
	if (argc > 1 && strcmp(argv[1], "prior") == 0)
		return noise_prior(argc - 1, argv + 1);
	n.cli = (struct cli){ .program = "mfc-noise", .synopsis = "[--t T | --t-from A --t-to B] [option ...] [file ...]\n       mfc-noise prior -c COUNT -n POINTS [option ...]",
		.purpose = "Add forward noise to clouds, by default of the level each was given by mfc-subdivide split." };
	cli_parse(&n.cli, argc, argv, table);
	if (!isnan(n.t) && !(n.t > 0 && n.t <= 1))
		cli_usage("--t %g: not above 0 and at most 1", n.t);
	if (isnan(n.from) != isnan(n.to) || (!isnan(n.from) && !(n.from > 0 && n.from <= n.to && n.to <= 1)))
		cli_usage("--t-from and --t-to go together, 0 < A <= B <= 1");
	if (!isnan(n.t) && !isnan(n.from))
		cli_usage("--t and --t-from exclude each other");
	/* The position in the batch is counted in the order of the stream: one thread. */
	struct cli_filter filter = { header, add_noise, &n, .draws = true, .unit = "clouds" };
	cli_run(&n.cli, &filter);
	return 0;
}
