/* mfc-subdivide plan: the chain of stages for a number of particles, for scripts that build it. */
#include "mfc-subdivide.h"

#include "cli.h"
#include "diffusion/levels.h"
#include "metric/intrinsic.h"

#include <math.h>

#define COARSE 1.5   /* measured on aircraft of standard deviation 1 */

struct plan {
	struct cli cli;
	struct mfc_rule rule;
	const char *model, *levels, *like;
	size_t dim;   /* of the model's coordinates; 0: not known */
};

/* The mean over the clouds of a stream. */
struct estimate { double sum; size_t clouds, noised; };

static void estimate_cloud(void *context, struct mfc_cloud *cloud)
{
	struct estimate *e = context;
	struct mfc_error err;
	double m;
	if (mfc_intrinsic_dimension(cloud->n, cloud->dim, cloud->x, &m, &err))
		cli_die("cloud \"%s\": %s", cloud->id, err.message);
	e->noised += cloud->t > 0 || cloud->s > 0;
	e->sum += m;
	e->clouds++;
}

static double dimension(struct plan *p)
{
	struct estimate e = { 0 };
	if (p->like) {
		cli_read(&p->cli, p->like, &(struct cli_visitor){ NULL, estimate_cloud, &e });
		if (e.clouds == 0)
			cli_die("%s: no clouds to estimate the dimension of", p->like);
		if (e.noised)
			cli_warn("warning: %s: %zu of %zu clouds are noised, which fills the space that they lie in", p->like, e.noised, e.clouds);
		cli_note("dimension of the clouds in %s: %.3g", p->like, e.sum / (double)e.clouds);
		return e.sum / (double)e.clouds;
	}
	return isnan(p->rule.dimension) ? p->dim == 1 ? 1 : 2 : p->rule.dimension;
}

static void check(const struct plan *p)
{
	if (p->rule.n < 1)
		cli_usage("how many particles? -n POINTS");
	if (p->cli.operands)
		cli_usage("takes no file: \"%s\"", p->cli.operand[0]);
	if (!(p->rule.density > 0))
		cli_usage("--density %g: not above 0", p->rule.density);
	if (!(p->rule.ratio > 1))
		cli_usage("--ratio %g: not above 1", p->rule.ratio);
	if (p->model && p->levels)
		cli_usage("--levels and -m exclude each other");
	if (p->like && !isnan(p->rule.dimension))
		cli_usage("--dimension and --like exclude each other");
	if (p->rule.dimension <= 0)
		cli_usage("--dimension %g: not above 0", p->rule.dimension);
}

int subdivide_plan(int argc, char **argv)
{
	static struct plan p = { .rule = MFC_RULE_DEFAULTS };
	const struct cli_option table[] = {
		{ "points", 'n', "POINTS", "particles of the finished clouds", CLI_COUNT, &p.rule.n },
		{ "model", 'm', "MODEL", "the levels of this model", CLI_STRING, &p.model },
		{ "levels", 0, "S:N:B,...", "or these (default: those of mfc-subdivide split)", CLI_STRING, &p.levels },
		{ "density", 0, "C", "particles within s of each other at a boundary s, N s^M (64)", CLI_REAL, &p.rule.density },
		{ "dimension", 0, "M", "of what the clouds lie on (2: surfaces; 1 where there is one coordinate)", CLI_REAL, &p.rule.dimension },
		{ "like", 0, "FILE", "or estimate it from these clouds", CLI_STRING, &p.like },
		{ "start", 0, "COUNT", "particles to begin with, at least (2048)", CLI_COUNT, &p.rule.start },
		{ "ratio", 0, "B", "particles multiply at a boundary by at most B (4)", CLI_REAL, &p.rule.ratio },
		{ 0 }
	};
	struct mfc_error err;
	struct mfc_levels levels;
	struct mfc_stage stage[MFC_MAX_STAGES];
	p.cli = (struct cli){ .program = "mfc-subdivide plan", .synopsis = "-n POINTS [-m MODEL | --levels S:N:B,...] [option ...]",
		.purpose = "Print the stages of sampling as TSV: noise levels from and to, particles, level of the model, last noise level." };
	p.rule.dimension = NAN;
	cli_parse(&p.cli, argc, argv, table);
	check(&p);
	if (p.model)
		subdivide_levels(&levels, p.model, &p.dim);
	else if (mfc_levels_parse(&levels, p.levels ? p.levels : mfc_levels_default, &err))
		cli_usage("--levels: %s", err.message);
	p.rule.dimension = dimension(&p);
	size_t count = mfc_levels_plan(&levels, &p.rule, stage);
	if (count > 1 && stage[0].s_to > COARSE && !p.cli.quiet)
		cli_warn("warning: a boundary at s = %.3g, where the shape is still being decided: clouds come out better with a smaller --density", stage[0].s_to);
	double last = mfc_levels_last(p.rule.n, p.rule.dimension);
	FILE *out = cli_output_file(&p.cli, false);
	fputs("stage\tfrom\tto\tpoints\tlevel\tlast\n", out);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%zu\t%.6g\t%.6g\t%zu\t%zu\t%.6g\n", i, stage[i].s_from, stage[i].s_to, stage[i].points, stage[i].level, last);
	cli_output_file_end(&p.cli);
	return 0;
}
