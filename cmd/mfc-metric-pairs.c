/* mfc-metric pairs: the distance of every generated cloud to every reference cloud, a line each. */
#include "mfc-metric.h"

#include <stdlib.h>
#include <string.h>

/* An id as a field of a TSV line: tab, line ends and backslash as \t, \n, \r and \\. */
static void put_id(FILE *out, const char *id)
{
	for (; *id; id++) {
		const char *special = strchr("\t\n\r\\", *id);
		if (special)
			fprintf(out, "\\%c", "tnr\\"[special - "\t\n\r\\"] );
		else
			putc(*id, out);
	}
}

struct rows { struct cli *cli; size_t before, all; };

/* Progress of the whole from that of one row. */
static void progress(void *context, size_t done, size_t total)
{
	struct rows *r = context;
	(void)total;
	metric_progress(r->cli, r->before + done, r->all);
}

static void print_row(FILE *out, const struct metric *m, size_t g, const double *cd, const double *emd)
{
	for (size_t j = 0; j < m->reference.count; j++) {
		put_id(out, m->generated.cloud[g].id);
		putc('\t', out);
		put_id(out, m->reference.cloud[j].id);
		if (m->cd)
			fprintf(out, "\t%.9g", cd[j]);
		if (m->emd)
			fprintf(out, "\t%.9g", emd[j]);
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
	metric_load(&m, "cd,emd");
	size_t r = m.reference.count, g = m.generated.count;
	double *cd = calloc(r, sizeof *cd), *emd = calloc(r, sizeof *emd);
	if (!cd || !emd)
		cli_die("out of memory");
	FILE *out = cli_output_file(&m.cli, false);
	fprintf(out, "generated\treference%s%s\n", m.cd ? "\tcd" : "", m.emd ? "\temd" : "");
	struct rows rows = { &m.cli, 0, r * g };
	struct mfc_distances d = { .b = m.reference.shape, .a_count = 1, .b_count = r, .cd = m.cd ? cd : NULL, .emd = m.emd ? emd : NULL,
		.threads = m.cli.threads, .progress = progress, .context = &rows };
	for (size_t i = 0; i < g; i++, rows.before += r) {
		d.a = &m.generated.shape[i];
		if (mfc_sets_distances(&d, &err))
			cli_die("%s: cloud %s: %s", m.generated.name, m.generated.cloud[i].id, err.message);
		print_row(out, &m, i, cd, emd);
	}
	cli_progress_end(&m.cli);
	cli_output_file_end(&m.cli);
	free(cd);
	free(emd);
	metric_clear(&m);
	return 0;
}
