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
	double t, t_from, t_to;         /* NAN when not given */
	double from, to;                /* noise levels; NAN when not given */
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
	if (!isnan(n->t_from))
		return mfc_sde_s_of_t(n->t_from + u * (n->t_to - n->t_from));
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

/* y = x_0 + s ε of the cloud, whose x is the VP state, or what it is by --from. Returns s: the noise that y has. */
static double noise_to_signal(const struct noise *n, struct mfc_cloud *cloud)
{
	double s = !isnan(cloud->s) ? cloud->s : !isnan(cloud->t) ? mfc_sde_s_of_t(cloud->t) : 0;
	float up = (float)sqrt(1 + s * s);
	for (size_t i = 0; s > 0 && i < cloud->n * cloud->dim; i++)
		cloud->x[i] *= up;
	return isnan(n->from) ? s : n->from;
}

/* x becomes the VP state at `s` of y, which has noise of `has`, with that of eps added. */
static void noise(struct mfc_cloud *cloud, double has, double s, const struct mfc_rng *rng)
{
	size_t count = cloud->n * cloud->dim;
	mfc_rng_normals(rng, 0, count, cloud->eps);
	double alpha = mfc_sde_alpha_of_s(s), sigma = alpha * sqrt(s * s - has * has);
	for (size_t i = 0; i < count; i++)
		cloud->x[i] = (float)(alpha * cloud->x[i] + sigma * cloud->eps[i]);
	cloud->s = s;
	cloud->t = mfc_sde_t_of_s(s);
}

static int add_noise(void *context, size_t worker, struct mfc_cloud *cloud, struct mfc_error *err)
{
	struct noise *n = context;
	(void)worker;
	if (isnan(n->to) && (cloud->t > 0 || cloud->s > 0))
		return mfc_error_set(err, "is noised already (t = %g): --to S adds what is missing", cloud->t);
	if (cloud->level >= (int)n->levels.count)
		return mfc_error_set(err, "level %d, but the stream has levels 0 to %zu", cloud->level, n->levels.count - 1);
	free(cloud->eps);
	cloud->eps = malloc(cloud->n * cloud->dim * sizeof *cloud->eps);
	if (!cloud->eps)
		return mfc_error_memory(err);
	double has = noise_to_signal(n, cloud), s = isnan(n->to) ? draw_level(n, cloud) : n->to;
	if (has > s)
		return mfc_error_set(err, "has noise of s = %g, more than %g", has, s);
	struct mfc_rng rng = mfc_rng_make(n->seed, MFC_RNG_NOISE, cloud->key, 0);
	noise(cloud, has, s, &rng);
	if (has > 0) {   /* not all of it is known */
		free(cloud->eps);
		cloud->eps = NULL;
	}
	return 1;
}

static void check(const struct noise *n)
{
	if (!isnan(n->t) && !(n->t > 0 && n->t <= 1))
		cli_usage("--t %g: not above 0 and at most 1", n->t);
	if (isnan(n->t_from) != isnan(n->t_to) || (!isnan(n->t_from) && !(n->t_from > 0 && n->t_from <= n->t_to && n->t_to <= 1)))
		cli_usage("--t-from and --t-to go together, 0 < A <= B <= 1");
	if (!isnan(n->t) + !isnan(n->t_from) + !isnan(n->to) > 1)
		cli_usage("--t, --t-from and --to exclude each other");
	if (!isnan(n->from) && isnan(n->to))
		cli_usage("--from goes with --to");
	if (!isnan(n->to) && !(n->to > 0))
		cli_usage("--to %g: not above 0", n->to);
	if (!isnan(n->from) && !(n->from >= 0 && n->from <= n->to))
		cli_usage("noise levels must rise: --from %g --to %g", n->from, n->to);
}

int main(int argc, char **argv)
{
	static struct noise n = { .t = NAN, .t_from = NAN, .t_to = NAN, .from = NAN, .to = NAN };
	const struct cli_option table[] = {
		{ "t", 0, "T", "diffusion time in [0, 1] of every cloud", CLI_REAL, &n.t },
		{ "t-from", 0, "A", "draw the time uniformly between A", CLI_REAL, &n.t_from },
		{ "t-to", 0, "B", "and B", CLI_REAL, &n.t_to },
		{ "to", 0, "S", "or: noise to signal of every cloud, which may have less of it already", CLI_REAL, &n.to },
		{ "from", 0, "S", "what they have, whatever the record says: the noise of a scan", CLI_REAL, &n.from },
		{ 0 }
	};
	if (argc > 1 && strcmp(argv[1], "prior") == 0)
		return noise_prior(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "interact") == 0)
		return noise_interact(argc - 1, argv + 1);
	n.cli = (struct cli){ .program = "mfc-noise",
		.synopsis = "[--t T | --t-from A --t-to B | [--from S] --to S] [option ...] [file ...]\n"
			"       mfc-noise prior -c COUNT -n POINTS [option ...]\n       mfc-noise interact [--kappa K] [--t-from A] [--t-to B] [option ...] [file ...]",
		.purpose = "Add forward noise to clouds, by default of the level each was given by mfc-subdivide split." };
	cli_parse(&n.cli, argc, argv, table);
	check(&n);
	/* The position in the batch is counted in the order of the stream: one thread. */
	struct cli_filter filter = { header, add_noise, &n, .draws = true, .unit = "clouds" };
	cli_run(&n.cli, &filter);
	return 0;
}
