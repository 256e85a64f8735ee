/* mfc-subdivide branch: more particles at the same noise level. */
#include "mfc-subdivide.h"

#include "diffusion/branch.h"
#include "diffusion/sde.h"
#include "sampler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define UNSET SIZE_MAX

struct branch {
	struct cli cli;
	struct sampler sampler;
	size_t to, steps;
	double factor, spread;
	bool parents;
	const char *kernel_text;
	enum mfc_kernel kernel;
	uint64_t seed;
};

static int header(void *context, struct mfc_value *map, struct mfc_error *err)
{
	struct branch *b = context;
	(void)err;
	b->seed = cli_stage_seed(&b->cli, map);
	return 0;
}

/* How many particles there are to be. */
static int wanted(const struct branch *b, size_t n, size_t *m, struct mfc_error *err)
{
	double exact = b->factor > 0 ? round(b->factor * (double)n) : (double)b->to;
	if (exact > (double)(SIZE_MAX / sizeof(size_t) / 2))
		return mfc_error_set(err, "%g particles are too many", exact);
	*m = (size_t)exact;
	if (*m < n)
		return mfc_error_set(err, "has %zu particles already, more than %zu", n, *m);
	return 0;
}

/* Its column of "parents" (N, branchings): what each particle was a copy of, at this branching and, by inheritance, at those before. */
static int record_parents(struct mfc_cloud *cloud, const size_t *index, struct mfc_error *err)
{
	struct mfc_array a = { .dims = 0 };
	struct mfc_value made;
	const struct mfc_value *before = mfc_value_get(&cloud->extra, "parents");
	if (before && (!mfc_array_view(before, &a) || a.dims != 2 || a.shape[0] != cloud->n || strcmp(a.dtype, "<i4")))
		return mfc_error_set(err, "its \"parents\" are not those of a branching");
	size_t shape[2] = { cloud->n, before ? a.shape[1] + 1 : 1 }, row = 4 * (shape[1] - 1);
	if (cloud->n > INT32_MAX || shape[1] > 1000)
		return mfc_error_set(err, "%zu particles in %zu branchings are too many to record their parents", cloud->n, shape[1]);
	char *data = malloc(cloud->n * (row + 4));
	if (!data)
		return mfc_error_memory(err);
	for (size_t i = 0; i < cloud->n; i++) {
		uint32_t parent = (uint32_t)index[i];
		char *to = data + i * (row + 4);
		if (row)
			memcpy(to, a.data + i * row, row);
		for (size_t k = 0; k < 4; k++)
			to[row + k] = (char)(parent >> 8 * k);
	}
	int status = mfc_array_make(&made, "<i4", 2, shape, data, err);
	free(data);
	return status ? -1 : mfc_value_put(&cloud->extra, "parents", made, err);
}

/* Part the copies of `parents` by a kernel that asks the model. */
static int part(struct branch *b, size_t worker, struct mfc_cloud *cloud, size_t parents, struct mfc_error *err)
{
	struct sampler_field field;
	struct mfc_branching branching = { .kernel = b->kernel, .steps = b->steps, .parents = parents, .spread = b->spread };
	bool data = b->kernel == MFC_KERNEL_RESTART && isnan(cloud->s) && isnan(cloud->t);
	if (!data && sampler_noise_level(cloud, &branching.s, err))
		return -1;
	if (!data && b->spread)
		return mfc_error_set(err, "at s = %g: --spread is for clouds without noise", branching.s);
	if (data && !b->spread)
		branching.spread = mfc_branch_spread(parents, fmin(2, (double)cloud->dim));   /* surfaces */
	if (branching.s > MFC_S_MAX / 2)
		return mfc_error_set(err, "at s = %g: the copies of noise are parted by the stochastic solver alone", branching.s);
	float *before = malloc(parents * cloud->dim * sizeof *before);   /* the parents, to the bit */
	if (!before)
		return mfc_error_memory(err);
	memcpy(before, cloud->x, parents * cloud->dim * sizeof *before);
	if (sampler_enter(&b->sampler, worker, b->seed, cloud, &field, err)) {
		free(before);
		return -1;
	}
	/* What moves the copies is the field of the parents. */
	double s = data ? branching.spread : branching.s;
	field.context = b->sampler.context ? b->sampler.context : b->sampler.levels.level[mfc_levels_of_s(&b->sampler.levels, s)].points;
	field.among = parents;
	field.crowd_among = data ? cloud->n : b->kernel == MFC_KERNEL_RESTART ? 0 : parents;
	branching.threads = field.threads;
	struct mfc_rng rng = mfc_rng_make(b->seed, MFC_RNG_KERNEL, cloud->key, cloud->n);
	float up = (float)sqrt(1 + branching.s * branching.s), down = (float)mfc_sde_alpha_of_s(branching.s);
	size_t count = cloud->n * cloud->dim;
	for (size_t i = 0; i < count; i++)
		cloud->x[i] *= up;
	int status = mfc_branch_part(&branching, &rng, cloud->n, cloud->dim, cloud->x, sampler_denoise, &field, err);
	sampler_leave(&field);
	for (size_t i = 0; i < count; i++)
		cloud->x[i] *= down;
	if (b->kernel != MFC_KERNEL_RESTART)
		memcpy(cloud->x, before, parents * cloud->dim * sizeof *before);
	free(before);
	free(cloud->eps);   /* no longer the noise of these */
	cloud->eps = NULL;
	return status;
}

static int branch(void *context, size_t worker, struct mfc_cloud *cloud, struct mfc_error *err)
{
	struct branch *b = context;
	size_t parents = cloud->n, m = 0;
	if (wanted(b, parents, &m, err) || cli_fits(&b->cli, m, sizeof m + 2 * mfc_cloud_row(cloud), err))
		return -1;
	size_t *index = malloc(m * sizeof *index);
	struct mfc_rng rng = mfc_rng_make(b->seed, MFC_RNG_BRANCH, cloud->key, m);
	int status = index && mfc_branch_copies(parents, m, &rng, index) == 0 ? 0 : mfc_error_memory(err);
	if (status == 0)
		status = mfc_cloud_select(cloud, index, m, err);
	if (status == 0 && b->parents)
		status = record_parents(cloud, index, err);
	free(index);
	if (status == 0 && b->kernel != MFC_KERNEL_SDE)
		status = part(b, worker, cloud, parents, err);
	return status ? -1 : 1;
}

static void check(struct branch *b)
{
	if ((b->to > 0) == (b->factor != 0))
		cli_usage("give either --to POINTS or --factor B");
	if (b->factor && !(b->factor >= 1))
		cli_usage("--factor %g: not 1 or more", b->factor);
	if (!mfc_kernel_named(b->kernel_text, &b->kernel))
		cli_usage("--kernel %s: not sde, langevin, tweedie or restart", b->kernel_text);
	if (b->steps != UNSET && b->kernel != MFC_KERNEL_LANGEVIN && b->kernel != MFC_KERNEL_RESTART)
		cli_usage("--kernel-steps is of langevin and restart");
	if (b->steps == UNSET)
		b->steps = MFC_BRANCH_STEPS;
	if (b->spread && b->kernel != MFC_KERNEL_RESTART)
		cli_usage("--spread is of restart");
	if (b->spread && !(b->spread > 0 && b->spread <= MFC_S_START))
		cli_usage("--spread %g: not between 0 and %g", b->spread, MFC_S_START);
	if (b->kernel == MFC_KERNEL_SDE && (b->sampler.path || b->sampler.label || b->sampler.context || !isnan(b->sampler.guidance)))
		cli_usage("--kernel sde asks no model: -m, --context, --label and --guidance are for the others");
}

int subdivide_branch(int argc, char **argv)
{
	static struct branch b = { .sampler = SAMPLER_DEFAULTS, .kernel_text = "sde", .steps = UNSET };
	const struct cli_option table[] = {
		{ "to", 'n', "POINTS", "particles of each cloud afterwards, exactly", CLI_COUNT, &b.to },
		{ "factor", 0, "B", "or: so many times as many, rounded", CLI_REAL, &b.factor },
		{ "parents", 0, NULL, "record which particle each was copied from (key parents)", CLI_FLAG, &b.parents },
		{ "kernel", 0, "NAME", "what parts the copies: sde (default: nothing here), langevin, tweedie or restart", CLI_STRING, &b.kernel_text },
		{ "kernel-steps", 0, "COUNT", "of langevin or restart (8)", CLI_COUNT, &b.steps },
		{ "spread", 0, "S", "of restart, for clouds without noise: noise that the copies come back from (√(12/N))", CLI_REAL, &b.spread },
		SAMPLER_OPTIONS(b.sampler),
		{ 0 }
	};
	b.cli = (struct cli){ .program = "mfc-subdivide branch", .synopsis = "{--to POINTS | --factor B} [option ...] [file ...]",
		.purpose = "Copy the particles of clouds; the stochastic solver of mfc-score denoise parts the copies." };
	cli_parse(&b.cli, argc, argv, table);
	check(&b);
	if (b.kernel != MFC_KERNEL_SDE)
		sampler_open(&b.sampler, &b.cli);
	struct cli_filter filter = { header, branch, &b, .parallel = true, .draws = true, .unit = "clouds" };
	cli_run(&b.cli, &filter);
	if (b.kernel != MFC_KERNEL_SDE)
		sampler_close(&b.sampler);
	return 0;
}
