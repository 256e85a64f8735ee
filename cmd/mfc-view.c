/* mfc-view: look at clouds, on a sheet or in the terminal. */
#include "mfc-view.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void pass_header(void *context, const struct mfc_value *header)
{
	struct view *v = context;
	if (v->pass)
		cli_output_header(&v->cli, header, false);
}

static void keep(struct view *v, const struct mfc_cloud *cloud)
{
	struct mfc_error err;
	if (v->count == v->capacity) {
		v->capacity = v->capacity ? 2 * v->capacity : 64;
		v->picture = realloc(v->picture, v->capacity * sizeof *v->picture);
		v->group = realloc(v->group, v->capacity * sizeof *v->group);
		if (!v->picture || !v->group)
			cli_die("out of memory");
	}
	if (mfc_project(cloud, &v->view, &v->picture[v->count], &err))
		cli_die("%s", err.message);
	v->group[v->count++] = v->input;
}

static void look(void *context, struct mfc_cloud *cloud)
{
	struct view *v = context;
	struct mfc_error err;
	if (v->limit == 0 || v->seen++ < v->limit)
		keep(v, cloud);
	if (v->pass && mfc_writer_cloud(cli_output(&v->cli), cloud, &err))
		cli_die("%s", err.message);
}

int main(int argc, char **argv)
{
	static struct view v = { .view = MFC_VIEW_DEFAULTS, .size = 256 };
	const struct cli_option table[] = {
		{ "columns", 0, "COUNT", "clouds in a row (8, or as many as fit the terminal)", CLI_COUNT, &v.columns },
		{ "size", 0, "PIXELS", "side of a cloud's square (256)", CLI_COUNT, &v.size },
		{ "azimuth", 0, "DEGREES", "turn of the view about the vertical (35)", CLI_REAL, &v.view.azimuth },
		{ "elevation", 0, "DEGREES", "height of the view above the horizon (25)", CLI_REAL, &v.view.elevation },
		{ "limit", 0, "COUNT", "show the first COUNT clouds of each input", CLI_COUNT, &v.limit },
		{ "terminal", 0, NULL, "draw in characters even if standard output is no terminal", CLI_FLAG, &v.terminal },
		{ "pass", 0, NULL, "pass the stream on to standard output; the sheet goes to -o, characters to standard error", CLI_FLAG, &v.pass },
		{ 0 }
	};
	const char *sheet;
	v.cli = (struct cli){ .program = "mfc-view", .synopsis = "[-o SHEET.png] [option ...] [file ...]",
		.purpose = "Draw clouds: a contact sheet as PNG, or in the terminal. Each file begins on a row of its own." };
	cli_parse(&v.cli, argc, argv, table);
	sheet = strcmp(v.cli.output, "-") == 0 ? NULL : v.cli.output;
	if (v.size < 16 || v.size > 8192)
		cli_usage("--size %zu: from 16 to 8192 pixels", v.size);
	if (!sheet && !v.terminal && !v.pass && !isatty(STDOUT_FILENO) && !v.cli.force)
		cli_usage("where to? -o SHEET.png, or --terminal for characters");
	const char *dot = sheet ? strrchr(sheet, '.') : NULL;
	if (dot && !strchr(dot, '/') && strcasecmp(dot, ".png") != 0)
		cli_usage("-o %s: a sheet is a PNG, and no %s", sheet, dot);
	bool characters = v.terminal || (!sheet && !v.cli.force);
	v.cli.output = "-";   /* of the stream and of characters */
	struct cli_visitor visitor = { pass_header, look, &v };
	for (int i = 0; i < (v.cli.operands ? v.cli.operands : 1); i++) {
		v.input = (size_t)i;
		v.seen = 0;
		cli_read(&v.cli, v.cli.operands ? v.cli.operand[i] : "-", &visitor);
	}
	cli_progress_end(&v.cli);
	if (v.pass)
		cli_output_end(&v.cli);
	if (v.count == 0)
		cli_die("no clouds to show");
	if (characters)
		view_terminal(&v);
	v.cli.output = sheet ? sheet : "-";
	if (sheet || v.cli.force)
		view_sheet(&v);
	for (size_t i = 0; i < v.count; i++)
		mfc_projection_clear(&v.picture[i]);
	free(v.picture);
	free(v.group);
	return 0;
}
