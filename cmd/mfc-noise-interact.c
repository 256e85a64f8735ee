/* mfc-noise interact: the interacting forward system, and the closed law that it is to be compared with. */
#include "mfc-noise.h"

#include "cli.h"
#include "diffusion/interact.h"
#include "diffusion/sde.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct interact {
	struct cli cli;
	struct mfc_interact system;   /* but for the clock, which each cloud has its own */
	const char *scheme_text, *law_text;
	double t_from, t_to;          /* t_from NAN: where the record says that the cloud is */
	uint64_t seed;
};

static int header(void *context, struct mfc_value *map, struct mfc_error *err)
{
	struct interact *in = context;
	(void)err;
	in->seed = cli_stage_seed(&in->cli, map);
	return 0;
}

static int interact(void *context, size_t worker, struct mfc_cloud *cloud, struct mfc_error *err)
{
	const struct interact *in = context;
	struct mfc_interact system = in->system;
	(void)worker;
	double from = !isnan(in->t_from) ? in->t_from : !isnan(cloud->t) ? cloud->t : cloud->s > 0 ? mfc_sde_t_of_s(cloud->s) : 0;
	if (from > in->t_to * (1 + 1e-9))
		return mfc_error_set(err, "is at t = %g, later than %g", from, in->t_to);
	system.clock = mfc_sde_clock(fmin(from, in->t_to), in->t_to);
	struct mfc_rng rng = mfc_rng_make(in->seed, MFC_RNG_INTERACT, cloud->key, 0);
	free(cloud->eps);
	cloud->eps = NULL;
	cloud->t = in->t_to;
	cloud->s = NAN;   /* signal falls faster in the deviations than in the mean: there is no one ratio */
	return mfc_interact_run(&system, &rng, cloud->n, cloud->dim, cloud->x, err) ? -1 : 1;
}

/* --law MEAN:VARIANCE:N */
static void print_law(struct interact *in)
{
	double mean, variance, count;
	int used = 0;
	if (sscanf(in->law_text, "%lf:%lf:%lf%n", &mean, &variance, &count, &used) != 3 || in->law_text[used] || !isfinite(mean) ||
	    !(variance >= 0 && isfinite(variance)) || !(count >= 1 && count <= 1e15 && count == floor(count)))
		cli_usage("--law %s: not MEAN:VARIANCE:N", in->law_text);
	if (in->cli.operands)
		cli_usage("--law reads no clouds: \"%s\"", in->cli.operand[0]);
	in->system.clock = mfc_sde_clock(isnan(in->t_from) ? 0 : in->t_from, in->t_to);
	struct mfc_interact_law law = mfc_interact_law(&in->system, mean, variance, (size_t)count);
	FILE *out = cli_output_file(&in->cli, false);
	fprintf(out, "clock\tmean\tlimit\tvariance\tmean-variance\tcorrelation\n%.10g\t%.10g\t%.10g\t%.10g\t%.10g\t%.10g\n", in->system.clock, law.mean,
	    law.limit, law.variance, law.mean_variance, law.correlation);
	cli_output_file_end(&in->cli);
}

static void check(struct interact *in)
{
	if (!(in->system.kappa > -0.5))
		cli_usage("--kappa %g: not above -0.5", in->system.kappa);
	if (!(in->t_to > 0 && in->t_to <= 1) || in->t_from < 0 || in->t_from > in->t_to)
		cli_usage("0 <= A <= B <= 1 and B > 0: --t-from A --t-to B");
	if (!mfc_scheme_named(in->scheme_text, &in->system.scheme))
		cli_usage("--scheme %s: not exact or euler-maruyama", in->scheme_text);
}

int noise_interact(int argc, char **argv)
{
	static struct interact in = { .system = { .steps = 1, .kappa = 1 }, .scheme_text = "exact", .t_from = NAN, .t_to = 1 };
	const struct cli_option table[] = {
		{ "kappa", 'k', "K", "attraction to the cloud's mean (1)", CLI_REAL, &in.system.kappa },
		{ "t-from", 0, "A", "diffusion time at the start (what the record says, or 0)", CLI_REAL, &in.t_from },
		{ "t-to", 0, "B", "diffusion time at the end (1)", CLI_REAL, &in.t_to },
		{ "scheme", 0, "NAME", "exact (default) or euler-maruyama", CLI_STRING, &in.scheme_text },
		{ "steps", 0, "COUNT", "steps (1)", CLI_COUNT, &in.system.steps },
		{ "law", 0, "M:V:N", "print the law at B of N particles that began with mean M and variance V", CLI_STRING, &in.law_text },
		{ 0 }
	};
	in.cli = (struct cli){ .program = "mfc-noise interact", .synopsis = "[--kappa K] [--t-from A] [--t-to B] [option ...] [file ...]",
		.purpose = "Take clouds along a forward diffusion in which particles are drawn to their mean." };
	cli_parse(&in.cli, argc, argv, table);
	check(&in);
	if (in.law_text) {
		print_law(&in);
		return 0;
	}
	struct cli_filter filter = { header, interact, &in, .parallel = true, .draws = true, .unit = "clouds" };
	cli_run(&in.cli, &filter);
	return 0;
}
