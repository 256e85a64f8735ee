/* mfc-metric chaos --correlation: of two particles of a cloud, over the clouds of a stream. */
#include "mfc-metric.h"

#include "metric/correlation.h"

#include <math.h>

struct side {
	const struct metric *m;
	const char *name;
	struct mfc_correlation of;
	double correlation, error;
};

static void take_in(void *context, struct mfc_cloud *cloud)
{
	struct side *side = context;
	struct mfc_error err;
	metric_prepare(side->m, cloud, side->name);
	if (mfc_correlation_add(&side->of, cloud->n, cloud->dim, cloud->x, &err))
		cli_die("%s: cloud %s: %s", side->name, cloud->id, err.message);
}

static void estimate(struct metric *m, struct side *side, const char *path)
{
	struct mfc_error err;
	*side = (struct side){ .m = m, .name = cli_name(path) };
	cli_read(&m->cli, path, &(struct cli_visitor){ NULL, take_in, side });
	if (side->of.clouds == 0)
		cli_die("%s: no clouds to measure", side->name);
	if (mfc_correlation_estimate(&side->of, &side->correlation, &side->error, &err))
		cli_die("%s", err.message);
	mfc_correlation_clear(&side->of);
}

void metric_correlation(struct metric *m, const char *path)
{
	struct side generated, reference;
	if (m->reference_path)
		estimate(m, &reference, m->reference_path);
	estimate(m, &generated, path);
	FILE *out = cli_output_file(&m->cli, false);
	fprintf(out, "measure\tgenerated\terror%s\ncorrelation", m->reference_path ? "\treference\terror\tratio" : "");
	metric_put_number(out, 6, generated.correlation);
	metric_put_number(out, 2, generated.error);
	if (m->reference_path) {
		metric_put_number(out, 6, reference.correlation);
		metric_put_number(out, 2, reference.error);
		metric_put_number(out, 4, generated.correlation / reference.correlation);
	}
	putc('\n', out);
	cli_output_file_end(&m->cli);
}
