/* mfc-metric chaos: the artefacts of branching, beside independent samples of real shapes. */
#include "mfc-metric-chaos.h"

#include "metric/intrinsic.h"

#include <math.h>
#include <stdlib.h>

const char *const chaos_name[CHAOS_MEASURES] = { "nearest", "near-duplicates", "variation-1", "variation-8", "variation-64", "dimension",
	"uniformity-0.4", "uniformity-1.2" };

/* Room for one cloud more; it doubles. */
static double *next(struct chaos_side *side)
{
	if ((side->clouds & (side->clouds - 1)) == 0) {
		side->value = reallocarray(side->value, side->clouds ? 2 * side->clouds : 1, sizeof *side->value);
		if (!side->value)
			cli_die("out of memory");
	}
	return side->value[side->clouds++];
}

static void measure(void *context, struct mfc_cloud *cloud)
{
	struct chaos_side *side = context;
	struct metric *m = side->m;
	struct mfc_spacing spacing;
	struct mfc_error err;
	metric_prepare(m, cloud, side->name);
	if (m->seen && cloud->dim != m->dim)
		cli_die("%s: cloud %s: %zu coordinates where others have %zu", side->name, cloud->id, cloud->dim, m->dim);
	if (m->seen && cloud->n != m->seen)
		cli_die("%s: cloud %s: %zu points where others have %zu, and spacing depends on it: choose a common number by --points", side->name,
		    cloud->id, cloud->n, m->seen);
	m->seen = cloud->n;
	m->dim = cloud->dim;
	double *value = next(side);
	if (mfc_spacing_measure(cloud->n, cloud->dim, cloud->x, m->cli.threads, &spacing, &err) ||
	    mfc_uniformity_measure(cloud->n, cloud->dim, cloud->x, m->cli.threads, &value[CHAOS_UNIFORMITY], &err))
		cli_die("%s: cloud %s: %s", side->name, cloud->id, err.message);
	value[CHAOS_NEAREST] = spacing.nearest;
	value[CHAOS_DUPLICATES] = spacing.duplicates;
	for (size_t r = 0; r < MFC_SPACING_RANKS; r++)
		value[CHAOS_VARIATION + r] = spacing.variation[r];
	if (mfc_intrinsic_dimension(cloud->n, cloud->dim, cloud->x, &value[CHAOS_DIMENSION], &err)) {
		if (err.scarce)
			cli_die("%s: cloud %s: %s", side->name, cloud->id, err.message);
		value[CHAOS_DIMENSION] = NAN;   /* too few points */
	}
	if (side->keep)
		chaos_keep(side, cloud);
}

static void read_side(struct chaos_side *side, const char *path)
{
	side->name = cli_name(path);
	cli_read(&side->m->cli, path, &(struct cli_visitor){ NULL, measure, side });
	if (side->clouds == 0)
		cli_die("%s: no clouds to measure", side->name);
}

static double mean(const struct chaos_side *side, size_t i)
{
	double sum = 0;
	for (size_t k = 0; k < side->clouds; k++)
		sum += side->value[k][i];
	return sum / (double)side->clouds;
}

/* Standard error of the mean. */
static double error(const struct chaos_side *side, size_t i)
{
	double n = (double)side->clouds, m = mean(side, i), square = 0;
	for (size_t k = 0; k < side->clouds; k++)
		square += (side->value[k][i] - m) * (side->value[k][i] - m);
	return n > 1 ? sqrt(square / (n - 1) / n) : NAN;
}

static void print(FILE *out, const struct chaos_side *generated, const struct chaos_side *reference)
{
	bool beside = reference->clouds > 0;
	fprintf(out, "measure\tgenerated\terror%s\n", beside ? "\treference\terror\tratio" : "");
	for (size_t i = 0; i < CHAOS_MEASURES; i++) {
		fputs(chaos_name[i], out);
		metric_put_number(out, 6, mean(generated, i));
		metric_put_number(out, 2, error(generated, i));
		if (beside) {
			metric_put_number(out, 6, mean(reference, i));
			metric_put_number(out, 2, error(reference, i));
			metric_put_number(out, 4, mean(generated, i) / mean(reference, i));
		}
		putc('\n', out);
	}
}

int metric_chaos(int argc, char **argv)
{
	static struct metric m;
	static struct chaos_side generated = { .m = &m }, reference = { .m = &m };
	bool correlation = false, verdict = false;
	const struct cli_option table[] = {
		METRIC_SET_OPTIONS(&m),
		{ "correlation", 0, NULL, "instead: the correlation of two particles of a cloud, over the clouds of each size", CLI_FLAG, &correlation },
		{ "verdict", 0, NULL, "instead: signatures of failure, and which are there", CLI_FLAG, &verdict },
		{ 0 }
	};
	m.cli = (struct cli){ .program = "mfc-metric chaos", .synopsis = "[--correlation] [--verdict] [--reference FILE] [option ...] [file]",
		.purpose = "Print how evenly the points of clouds lie, beside the same of reference clouds: near-duplicates, variation of spacing." };
	cli_parse(&m.cli, argc, argv, table);
	const char *path = metric_options(&m);
	if (correlation) {
		metric_correlation(&m, path, verdict);
		return 0;
	}
	if (verdict && !m.reference_path)
		cli_usage("--verdict by which independent samples? --reference FILE");
	generated.keep = reference.keep = verdict;
	if (m.reference_path)
		read_side(&reference, m.reference_path);
	read_side(&generated, path);
	FILE *out = cli_output_file(&m.cli, false);
	(verdict ? chaos_verdict : print)(out, &generated, &reference);
	cli_output_file_end(&m.cli);
	free(generated.value);
	free(reference.value);
	return 0;
}
