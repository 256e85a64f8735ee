/* mfc-metric chaos: the artefacts of branching, beside independent samples of real shapes. */
#include "mfc-metric.h"

#include "metric/intrinsic.h"
#include "metric/spacing.h"
#include "metric/uniformity.h"

#include <math.h>

enum { NEAREST, DUPLICATES, VARIATION, DIMENSION = VARIATION + MFC_SPACING_RANKS, UNIFORMITY, MEASURES = UNIFORMITY + MFC_UNIFORMITY_SHARES };
static const char *const name[MEASURES] = { "nearest", "near-duplicates", "variation-1", "variation-8", "variation-64", "dimension",
	"uniformity-0.4", "uniformity-1.2" };

/* The clouds of a stream, measured one at a time. */
struct side {
	struct metric *m;
	const char *name;
	size_t clouds;
	double sum[MEASURES], square[MEASURES];
};

static void measure(void *context, struct mfc_cloud *cloud)
{
	struct side *side = context;
	struct metric *m = side->m;
	struct mfc_spacing spacing;
	struct mfc_error err;
	double value[MEASURES];
	metric_prepare(m, cloud, side->name);
	if (m->seen && cloud->dim != m->dim)
		cli_die("%s: cloud %s: %zu coordinates where others have %zu", side->name, cloud->id, cloud->dim, m->dim);
	if (m->seen && cloud->n != m->seen)
		cli_die("%s: cloud %s: %zu points where others have %zu, and spacing depends on it: choose a common number by --points", side->name,
		    cloud->id, cloud->n, m->seen);
	m->seen = cloud->n;
	m->dim = cloud->dim;
	if (mfc_spacing_measure(cloud->n, cloud->dim, cloud->x, m->cli.threads, &spacing, &err) ||
	    mfc_uniformity_measure(cloud->n, cloud->dim, cloud->x, m->cli.threads, &value[UNIFORMITY], &err))
		cli_die("%s: cloud %s: %s", side->name, cloud->id, err.message);
	value[NEAREST] = spacing.nearest;
	value[DUPLICATES] = spacing.duplicates;
	for (size_t r = 0; r < MFC_SPACING_RANKS; r++)
		value[VARIATION + r] = spacing.variation[r];
	if (mfc_intrinsic_dimension(cloud->n, cloud->dim, cloud->x, &value[DIMENSION], &err))
		value[DIMENSION] = NAN;
	for (size_t i = 0; i < MEASURES; i++) {
		side->sum[i] += value[i];
		side->square[i] += value[i] * value[i];
	}
	side->clouds++;
}

static void read_side(struct side *side, const char *path)
{
	side->name = cli_name(path);
	cli_read(&side->m->cli, path, &(struct cli_visitor){ NULL, measure, side });
	if (side->clouds == 0)
		cli_die("%s: no clouds to measure", side->name);
}

static double mean(const struct side *side, size_t i)
{
	return side->sum[i] / (double)side->clouds;
}

/* Standard error of the mean. */
static double error(const struct side *side, size_t i)
{
	double n = (double)side->clouds, variance = (side->square[i] - side->sum[i] * side->sum[i] / n) / (n - 1);
	return n > 1 ? sqrt((variance < 0 ? 0 : variance) / n) : NAN;
}

int metric_chaos(int argc, char **argv)
{
	static struct metric m;
	static struct side generated = { .m = &m }, reference = { .m = &m };
	bool correlation = false;
	const struct cli_option table[] = {
		METRIC_SET_OPTIONS(&m),
		{ "correlation", 0, NULL, "instead: the correlation of two particles of a cloud, over the clouds", CLI_FLAG, &correlation },
		{ 0 }
	};
	m.cli = (struct cli){ .program = "mfc-metric chaos", .synopsis = "[--correlation] [--reference FILE] [option ...] [file]",
		.purpose = "Print how evenly the points of clouds lie, beside the same of reference clouds: near-duplicates, variation of spacing." };
	cli_parse(&m.cli, argc, argv, table);
	const char *path = metric_options(&m);
	if (correlation) {
		metric_correlation(&m, path);
		return 0;
	}
	if (m.reference_path)
		read_side(&reference, m.reference_path);
	read_side(&generated, path);
	FILE *out = cli_output_file(&m.cli, false);
	fprintf(out, "measure\tgenerated\terror%s\n", m.reference_path ? "\treference\terror\tratio" : "");
	for (size_t i = 0; i < MEASURES; i++) {
		fputs(name[i], out);
		metric_put_number(out, 6, mean(&generated, i));
		metric_put_number(out, 2, error(&generated, i));
		if (m.reference_path) {
			metric_put_number(out, 6, mean(&reference, i));
			metric_put_number(out, 2, error(&reference, i));
			metric_put_number(out, 4, mean(&generated, i) / mean(&reference, i));
		}
		putc('\n', out);
	}
	cli_output_file_end(&m.cli);
	return 0;
}
