/* mfc-metric pairs: the distance of every generated cloud to every reference cloud, a line each or as a matrix. */
#include "mfc-metric.h"

#include "numpy.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Lines are printed in order, each when it and all before it are there. */
static struct { FILE *out; bool *there; size_t next; double *value[METRIC_PAIRS]; } lines;

static void print_header(const struct metric *m)
{
	fputs("generated\treference", lines.out);
	for (size_t k = 0; k < METRIC_PAIRS; k++)
		if (m->wanted[k])
			fprintf(lines.out, "\t%s", metric_name(m, k));
	putc('\n', lines.out);
}

static void print_line(const struct metric *m, size_t pair)
{
	metric_put_text(lines.out, m->generated.cloud[pair / m->reference.count].id);
	putc('\t', lines.out);
	metric_put_text(lines.out, m->reference.cloud[pair % m->reference.count].id);
	for (size_t k = 0; k < METRIC_PAIRS; k++)
		if (m->wanted[k])
			fprintf(lines.out, "\t%.9g", lines.value[k][pair]);
	putc('\n', lines.out);
}

static void print_lines(void *context, size_t i, size_t j)
{
	const struct metric *m = context;
	size_t before = lines.next, pairs = m->generated.count * m->reference.count;
	lines.there[i * m->reference.count + j] = true;
	while (lines.next < pairs && lines.there[lines.next])
		print_line(m, lines.next++);
	if (lines.next > before && fflush(lines.out))   /* a run that is killed leaves them */
		cli_die("%s: %s", cli_output_name(&m->cli), strerror(errno));
}

static void begin_lines(struct metric *m, double *const value[METRIC_PAIRS])
{
	lines.out = cli_output_file(&m->cli, false);
	lines.there = calloc(m->generated.count * m->reference.count, sizeof *lines.there);
	if (!lines.there)
		cli_die("out of memory");
	memcpy(lines.value, value, sizeof lines.value);
	if (m->cli.progress < 0 && strcmp(m->cli.output, "-") == 0 && isatty(STDOUT_FILENO))
		m->cli.progress = 0;   /* the lines are it */
	print_header(m);
}

static void print_matrix(FILE *out, const struct metric *m, const double *value)
{
	fputs("generated", out);
	for (size_t j = 0; j < m->reference.count; j++) {
		putc('\t', out);
		metric_put_text(out, m->reference.cloud[j].id);
	}
	putc('\n', out);
	for (size_t i = 0; i < m->generated.count; i++) {
		metric_put_text(out, m->generated.cloud[i].id);
		for (size_t j = 0; j < m->reference.count; j++)
			fprintf(out, "\t%.9g", value[i * m->reference.count + j]);
		putc('\n', out);
	}
}

static void print_npy(FILE *out, const struct metric *m, const double *value)
{
	char header[MFC_NPY_HEADER];
	size_t shape[] = { m->generated.count, m->reference.count };
	fwrite(header, 1, mfc_npy_header(header, "<f8", 2, shape), out);
	fwrite(value, sizeof *value, shape[0] * shape[1], out);
}

/* The one measure of --matrix. */
static size_t only(const struct metric *m)
{
	size_t which = METRIC_PAIRS, wanted = 0;
	for (size_t k = 0; k < METRIC_PAIRS; k++) {
		wanted += m->wanted[k];
		which = m->wanted[k] ? k : which;
	}
	if (wanted != 1)
		cli_usage("--matrix prints one measure: --metrics cd, or another");
	return which;
}

int metric_pairs(int argc, char **argv)
{
	static struct metric m;
	const char *format = NULL;
	bool matrix = false;
	const struct cli_option table[] = {
		METRIC_OPTIONS(&m),
		{ "matrix", 0, NULL, "a row for each generated and a column for each reference cloud", CLI_FLAG, &matrix },
		{ "format", 'f', "FORMAT", "of the matrix: tsv, or npy (by the name of -o; else tsv)", CLI_STRING, &format },
		{ 0 }
	};
	m.cli = (struct cli){ .program = "mfc-metric pairs", .synopsis = "--reference FILE [--block I/M | --merge FILE] [option ...] [file]",
		.purpose = "Print the distances of every generated cloud to every reference cloud: both ids, cd, emd." };
	m.tau = NAN;
	cli_parse(&m.cli, argc, argv, table);
	const char *dot = strrchr(m.cli.output, '.');
	if (!format && dot && strcmp(dot, ".npz") == 0)
		cli_usage("-o %s: a matrix is written as .npy, or with --format tsv as a table", m.cli.output);
	if (!format)
		format = dot && strcmp(dot, ".npy") == 0 ? "npy" : "tsv";
	bool npy = strcmp(format, "npy") == 0;
	if (!npy && strcmp(format, "tsv") != 0)
		cli_usage("--format %s: not tsv or npy", format);
	if (npy && !matrix)
		cli_usage("npy is a matrix: with --matrix");
	metric_choose(&m, true);
	size_t one = matrix ? only(&m) : 0, r, g;
	metric_load(&m, true);
	if (m.blocks && !metric_block_begin(&m))
		return 0;
	r = m.reference.count;
	g = m.generated.count;
	double *value[METRIC_PAIRS];
	for (size_t k = 0; k < METRIC_PAIRS; k++)
		value[k] = m.wanted[k] ? metric_matrix(&m, g, r) : NULL;
	bool by_line = !matrix && !m.blocks;
	if (by_line)
		begin_lines(&m, value);
	metric_distances(&m, &(struct mfc_distances){ .a = m.generated.shape, .b = m.reference.shape, .a_count = g, .b_count = r,
		.measured = by_line ? print_lines : NULL }, value);
	cli_progress_end(&m.cli);
	for (; by_line && lines.next < g * r; lines.next++)   /* from --merge */
		print_line(&m, lines.next);
	if (m.blocks) {
		cli_output_end(&m.cli);
	} else {
		if (matrix)
			(npy ? print_npy : print_matrix)(cli_output_file(&m.cli, npy), &m, value[one]);
		cli_output_file_end(&m.cli);
	}
	free(lines.there);
	for (size_t k = 0; k < METRIC_PAIRS; k++)
		free(value[k]);
	metric_clear(&m);
	return 0;
}
