/* mfc-metric pairs: the distance of every generated cloud to every reference cloud, a line each. */
#include "mfc-metric.h"

#include "metric/emd-squared.h"

#include <stdlib.h>

static void print_row(FILE *out, const struct metric *m, size_t g, double *const value[METRIC_PAIRS])
{
	for (size_t j = 0; j < m->reference.count; j++) {
		metric_put_text(out, m->generated.cloud[g].id);
		putc('\t', out);
		metric_put_text(out, m->reference.cloud[j].id);
		for (size_t k = 0; k < METRIC_PAIRS; k++)
			if (m->wanted[k])
				fprintf(out, "\t%.9g", value[k][j]);
		putc('\n', out);
	}
}

int metric_pairs(int argc, char **argv)
{
	static struct metric m;
	struct mfc_error err;
	const struct cli_option table[] = { METRIC_OPTIONS(&m), { 0 } };
	m.cli = (struct cli){ .program = "mfc-metric pairs", .synopsis = "--reference FILE [option ...] [file]",
		.purpose = "Print the distances of every generated cloud to every reference cloud: both ids, cd, emd." };
	cli_parse(&m.cli, argc, argv, table);
	metric_load(&m, true);
	size_t r = m.reference.count;
	double *value[METRIC_PAIRS];
	FILE *out = cli_output_file(&m.cli, false);
	fputs("generated\treference", out);
	for (size_t k = 0; k < METRIC_PAIRS; k++) {
		value[k] = m.wanted[k] ? calloc(r, sizeof *value[k]) : NULL;
		if (m.wanted[k] && !value[k])
			cli_die("out of memory");
		if (m.wanted[k])
			fprintf(out, "\t%s", metric_measure[k].name);
	}
	putc('\n', out);
	m.pairs = r * m.generated.count;
	struct mfc_distances d = { .b = m.reference.shape, .a_count = 1, .b_count = r, .cd = value[METRIC_CD], .emd = value[METRIC_EMD],
		.transport = m.convention->squared ? mfc_emd_squared : NULL, .threads = m.cli.threads, .progress = metric_progress, .context = &m };
	for (size_t i = 0; i < m.generated.count; i++, m.done += r) {
		d.a = &m.generated.shape[i];
		if (mfc_sets_distances(&d, &err))
			cli_die("%s: cloud %s: %s", m.generated.name, m.generated.cloud[i].id, err.message);
		print_row(out, &m, i, value);
	}
	cli_progress_end(&m.cli);
	cli_output_file_end(&m.cli);
	for (size_t k = 0; k < METRIC_PAIRS; k++)
		free(value[k]);
	metric_clear(&m);
	return 0;
}
