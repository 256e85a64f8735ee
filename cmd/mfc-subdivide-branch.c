/* mfc-subdivide branch: more particles at the same noise level. */
#include "mfc-subdivide.h"

#include "cli.h"
#include "diffusion/branch.h"

#include <stdlib.h>
#include <string.h>

struct branch {
	struct cli cli;
	size_t to, factor;
	uint64_t seed;
};

static int header(void *context, struct mfc_value *map, struct mfc_error *err)
{
	struct branch *b = context;
	(void)err;
	b->seed = cli_stage_seed(&b->cli, map);
	return 0;
}

static int branch(void *context, size_t worker, struct mfc_cloud *cloud, struct mfc_error *err)
{
	const struct branch *b = context;
	size_t m = b->to;
	(void)worker;
	if (b->factor && __builtin_mul_overflow(cloud->n, b->factor, &m))
		return mfc_error_set(err, "%zu times %zu particles are too many", b->factor, cloud->n);
	if (m < cloud->n)
		return mfc_error_set(err, "has %zu particles already, more than %zu", cloud->n, m);
	if (m > SIZE_MAX / sizeof(size_t))
		return mfc_error_set(err, "%zu particles are too many", m);
	size_t *index = malloc(m * sizeof *index);
	struct mfc_rng rng = mfc_rng_make(b->seed, MFC_RNG_BRANCH, cloud->key, m);
	if (!index || mfc_branch_copies(cloud->n, m, &rng, index)) {
		free(index);
		return mfc_error_memory(err);
	}
	int status = mfc_cloud_select(cloud, index, m, err);
	free(index);
	return status ? -1 : 1;
}

int subdivide_branch(int argc, char **argv)
{
	static struct branch b;
	const struct cli_option table[] = {
		{ "to", 0, "POINTS", "particles of each cloud afterwards, exactly", CLI_NATURAL, &b.to },
		{ "factor", 0, "B", "or: copies of each particle, itself included", CLI_NATURAL, &b.factor },
		{ 0 }
	};
	b.cli = (struct cli){ .program = "mfc-subdivide branch", .synopsis = "{--to POINTS | --factor B} [option ...] [file ...]",
		.purpose = "Copy the particles of clouds; the stochastic solver of mfc-score denoise parts the copies." };
	cli_parse(&b.cli, argc, argv, table);
	if ((b.to > 0) == (b.factor > 0))
		cli_usage("give either --to POINTS or --factor B");
	struct cli_filter filter = { header, branch, &b, .parallel = true, .draws = true, .unit = "clouds" };
	cli_run(&b.cli, &filter);
	return 0;
}
