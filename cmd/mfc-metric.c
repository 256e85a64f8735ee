/* mfc-metric: how alike a set of generated clouds and a set of reference clouds are. */
#include "mfc-metric.h"

#include "metric/jsd.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char convention[] = "cd: squared distances, both directions summed, not halved; emd: exact assignment, "
	"mean plain Euclidean distance; mmd: mean over reference of the nearest generated; cov: share of reference that is nearest to some generated; "
	"1nna: ties go to the first of reference then generated; jsd: base 2, 28 cells an axis clipped to the sphere";

/* What is printed, in this order: nothing of what was not asked for. */
struct results {
	struct mfc_set_metrics cd, emd;
	double jsd, jsd_scale;
};

static double *matrix(size_t count)
{
	size_t cells, bytes;
	double *m = NULL;
	if (!__builtin_mul_overflow(count, count, &cells) && !__builtin_mul_overflow(cells, sizeof *m, &bytes))
		m = malloc(bytes);
	if (!m)
		cli_die("out of memory: a matrix of %zu clouds", count);
	return m;
}

/* All pairs of the stack of reference and generated clouds. */
static void measure_pairs(struct metric *m, struct results *out)
{
	struct mfc_error err;
	size_t r = m->reference.count, g = m->generated.count;
	struct mfc_points *stack = calloc(r + g, sizeof *stack);
	if (!stack)
		cli_die("out of memory");
	memcpy(stack, m->reference.shape, r * sizeof *stack);
	memcpy(stack + r, m->generated.shape, g * sizeof *stack);
	struct mfc_distances d = { .a = stack, .a_count = r + g, .reference = r, .threads = m->cli.threads,
		.progress = metric_progress, .context = &m->cli };
	d.cd = m->cd ? matrix(r + g) : NULL;
	d.emd = m->emd ? matrix(r + g) : NULL;
	if (mfc_sets_distances(&d, &err))
		cli_die("%s", err.message);
	cli_progress_end(&m->cli);
	if ((m->cd && mfc_sets_metrics(r, g, d.cd, &out->cd, &err)) || (m->emd && mfc_sets_metrics(r, g, d.emd, &out->emd, &err)))
		cli_die("%s", err.message);
	free(d.cd);
	free(d.emd);
	free(stack);
}

static void measure_jsd(const struct metric *m, struct results *out)
{
	struct mfc_error err;
	struct mfc_jsd *jsd;
	const struct metric_set *sets[] = { &m->generated, &m->reference };
	double farthest = 0;
	for (size_t i = 0; i < m->reference.count; i++)
		for (size_t k = 0; k < m->reference.cloud[i].n * m->reference.cloud[i].dim; k++)
			farthest = fmax(farthest, fabs((double)m->reference.cloud[i].x[k]));
	out->jsd_scale = mfc_jsd_scale(farthest);
	if (out->jsd_scale != 1)
		cli_note("jsd: both sets scaled by %g, so that the reference lies within the unit cube", out->jsd_scale);
	if (mfc_jsd_create(&jsd, m->reference.cloud[0].dim, &err))
		cli_die("%s: leave jsd out with --metrics cd,emd", err.message);
	for (int s = 0; s < 2; s++)
		for (size_t i = 0; i < sets[s]->count; i++)
			mfc_jsd_count(jsd, s, sets[s]->cloud[i].n, sets[s]->cloud[i].x, out->jsd_scale);
	out->jsd = mfc_jsd_value(jsd);
	mfc_jsd_free(jsd);
}

struct column { const char *name; bool wanted; double value; };

static void print_tsv(FILE *out, const struct metric *m, const struct column *c, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (c[i].wanted)
			fprintf(out, "%s\t", c[i].name);
	fprintf(out, "generated\treference\tpoints\tnormalize\n");
	for (size_t i = 0; i < count; i++)
		if (c[i].wanted)
			fprintf(out, "%.9g\t", c[i].value);
	fprintf(out, "%zu\t%zu\t%zu\t%s\n", m->generated.count, m->reference.count, m->reference.cloud[0].n, m->normalize);
}

static void print_json(FILE *out, const struct metric *m, const struct column *c, size_t count)
{
	fprintf(out, "{");
	for (size_t i = 0; i < count; i++)
		if (c[i].wanted)
			fprintf(out, "\"%s\": %.12g, ", c[i].name, c[i].value);
	fprintf(out, "\"generated\": %zu, \"reference\": %zu, \"points\": %zu, \"normalize\": \"%s\", \"convention\": \"%s\"}\n",
	    m->generated.count, m->reference.count, m->reference.cloud[0].n, m->normalize, convention);
}

static void print_results(struct metric *m, const struct results *r, bool json)
{
	const struct column column[] = {
		{ "mmd-cd", m->cd, r->cd.mmd }, { "mmd-emd", m->emd, r->emd.mmd },
		{ "cov-cd", m->cd, r->cd.cov }, { "cov-emd", m->emd, r->emd.cov },
		{ "1nna-cd", m->cd, r->cd.nna }, { "1nna-emd", m->emd, r->emd.nna },
		{ "jsd", m->jsd, r->jsd }, { "jsd-scale", m->jsd, r->jsd_scale },
	};
	FILE *out = cli_output_file(&m->cli, false);
	(json ? print_json : print_tsv)(out, m, column, sizeof column / sizeof *column);
	cli_output_file_end(&m->cli);
}

int main(int argc, char **argv)
{
	static struct metric m;
	static struct results results;
	bool json = false;
	const struct cli_option table[] = { METRIC_OPTIONS(&m), { "json", 0, NULL, "one JSON object instead of TSV", CLI_FLAG, &json }, { 0 } };
	if (argc > 1 && strcmp(argv[1], "pairs") == 0)
		return metric_pairs(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "chaos") == 0)
		return metric_chaos(argc - 1, argv + 1);
	m.cli = (struct cli){ .program = "mfc-metric",
		.synopsis = "--reference FILE [option ...] [file]\n       mfc-metric pairs --reference FILE [option ...] [file]\n       mfc-metric chaos [--reference FILE] [option ...] [file]",
		.purpose = "Compare generated clouds with reference clouds: MMD, COV and 1-NNA by CD and EMD, and JSD." };
	cli_parse(&m.cli, argc, argv, table);
	metric_load(&m, "cd,emd,jsd");
	if (m.generated.count != m.reference.count)
		cli_warn("warning: %zu generated and %zu reference clouds: the convention compares sets of equal size", m.generated.count,
		    m.reference.count);
	if (m.jsd)
		measure_jsd(&m, &results);
	if (m.cd || m.emd)
		measure_pairs(&m, &results);
	print_results(&m, &results, json);
	metric_clear(&m);
	return 0;
}
