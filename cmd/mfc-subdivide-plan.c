/* mfc-subdivide plan: the chain of stages for a number of particles, for scripts that build it. */
#include "mfc-subdivide.h"

#include "cli.h"
#include "diffusion/levels.h"

static void levels_of_model(struct mfc_levels *levels, const char *path)
{
	struct mfc_error err;
	struct mfc_value header;
	cli_read_header(&header, path);
	if (mfc_levels_from_value(levels, mfc_value_get(&header, "levels"), &err))
		cli_die("%s: %s", path, err.message);
	mfc_value_clear(&header);
}

int subdivide_plan(int argc, char **argv)
{
	static struct cli cli;
	const char *model = NULL, *text = mfc_levels_default;
	size_t points = 0;
	const struct cli_option table[] = {
		{ "points", 'n', "POINTS", "particles of the finished clouds", CLI_NATURAL, &points },
		{ "model", 'm', "MODEL", "the levels of this model", CLI_STRING, &model },
		{ "levels", 0, "S:N:B,...", "or these (default: those of mfc-subdivide split)", CLI_STRING, &text },
		{ 0 }
	};
	struct mfc_error err;
	struct mfc_levels levels;
	struct mfc_stage stage[MFC_MAX_STAGES];
	cli = (struct cli){ .program = "mfc-subdivide plan", .synopsis = "-n POINTS [-m MODEL | --levels S:N:B,...]",
		.purpose = "Print the stages of sampling as TSV: noise levels from and to, particles, level of the model." };
	cli_parse(&cli, argc, argv, table);
	if (points < 1)
		cli_usage("how many particles? -n POINTS");
	if (cli.operands)
		cli_usage("takes no file: \"%s\"", cli.operand[0]);
	if (model)
		levels_of_model(&levels, model);
	else if (mfc_levels_parse(&levels, text, &err))
		cli_usage("--levels: %s", err.message);
	size_t count = mfc_levels_plan(&levels, points, stage);
	FILE *out = cli_output_file(&cli, false);
	fputs("stage\tfrom\tto\tpoints\tlevel\n", out);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%zu\t%g\t%g\t%zu\t%zu\n", i, stage[i].s_from, stage[i].s_to, stage[i].points, stage[i].level);
	cli_output_file_end(&cli);
	return 0;
}
