/* mfc-metric chaos --correlation: of two particles of a cloud, over the clouds of each size of a stream. */
#include "mfc-metric.h"

#include "metric/correlation.h"

#include <math.h>
#include <stdlib.h>

#define ERRORS 3   /* standard errors above what 1/N makes of the smallest size, from which on it is no chance */

/* Clouds of one size. */
struct size {
	struct mfc_correlation of;
	double correlation, error;
};

struct side {
	const struct metric *m;
	const char *name;
	size_t sizes;
	struct size *size;   /* (sizes), by number of points */
};

/* Where clouds of n points are, or are to be. */
static struct size *size_of(struct side *side, size_t n)
{
	size_t i = 0;
	while (i < side->sizes && side->size[i].of.n < n)
		i++;
	if (i < side->sizes && side->size[i].of.n == n)
		return &side->size[i];
	side->size = reallocarray(side->size, ++side->sizes, sizeof *side->size);
	if (!side->size)
		cli_die("out of memory");
	for (size_t k = side->sizes - 1; k > i; k--)
		side->size[k] = side->size[k - 1];
	side->size[i] = (struct size){ 0 };
	return &side->size[i];
}

static void take_in(void *context, struct mfc_cloud *cloud)
{
	struct side *side = context;
	struct mfc_error err;
	metric_prepare(side->m, cloud, side->name);
	if (side->sizes && side->size[0].of.dim != cloud->dim)
		cli_die("%s: cloud %s: %zu coordinates where others have %zu", side->name, cloud->id, cloud->dim, side->size[0].of.dim);
	if (mfc_correlation_add(&size_of(side, cloud->n)->of, cloud->n, cloud->dim, cloud->x, &err))
		cli_die("%s: cloud %s: %s", side->name, cloud->id, err.message);
}

static void estimate(struct metric *m, struct side *side, const char *path)
{
	struct mfc_error err;
	*side = (struct side){ .m = m, .name = cli_name(path) };
	cli_read(&m->cli, path, &(struct cli_visitor){ NULL, take_in, side });
	if (side->sizes == 0)
		cli_die("%s: no clouds to measure", side->name);
	for (size_t i = 0; i < side->sizes; i++) {
		struct size *size = &side->size[i];
		if (mfc_correlation_estimate(&size->of, &size->correlation, &size->error, &err))
			cli_die("%s", err.message);
	}
}

static void clear(struct side *side)
{
	for (size_t i = 0; i < side->sizes; i++)
		mfc_correlation_clear(&side->size[i].of);
	free(side->size);
}

/* Beside the reference clouds of as many points, nan where there are none. */
static void put_reference(FILE *out, const struct size *size, const struct side *reference)
{
	struct size none = { .correlation = NAN, .error = NAN }, *beside = &none;
	for (size_t i = 0; i < reference->sizes; i++)
		if (reference->size[i].of.n == size->of.n)
			beside = &reference->size[i];
	metric_put_number(out, 6, beside->correlation);
	metric_put_number(out, 2, beside->error);
	metric_put_number(out, 4, size->correlation / beside->correlation);
}

/* Propagation of chaos has the correlation fall as 1/N: from the first, the smallest, to this size, but for chance. */
static void put_verdict(FILE *out, const struct size *size, const struct size *first)
{
	double fall = (double)first->of.n / (double)size->of.n;
	double limit = fmax(0, first->correlation) * fall + ERRORS * hypot(size->error, first->error * fall);
	metric_put_number(out, 6, size == first ? NAN : limit);
	fprintf(out, "\t%s", size == first || isnan(limit) || isnan(size->correlation) ? "unknown" : size->correlation > limit ? "yes" : "no");
}

void metric_correlation(struct metric *m, const char *path, bool verdict)
{
	struct side generated, reference = { 0 };
	if (m->reference_path)
		estimate(m, &reference, m->reference_path);
	estimate(m, &generated, path);
	FILE *out = cli_output_file(&m->cli, false);
	fprintf(out, "points\tgenerated\terror%s%s\n", m->reference_path ? "\treference\terror\tratio" : "", verdict ? "\tthreshold\tbroken" : "");
	for (size_t i = 0; i < generated.sizes; i++) {
		const struct size *size = &generated.size[i];
		fprintf(out, "%zu", size->of.n);
		metric_put_number(out, 6, size->correlation);
		metric_put_number(out, 2, size->error);
		if (m->reference_path)
			put_reference(out, size, &reference);
		if (verdict)
			put_verdict(out, size, &generated.size[0]);
		putc('\n', out);
	}
	cli_output_file_end(&m->cli);
	clear(&generated);
	clear(&reference);
}
