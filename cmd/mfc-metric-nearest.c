/* mfc-metric --nearest: which other cloud is nearest to each, what 1-NNA counts. */
#include "mfc-metric.h"

static void put_cloud(FILE *out, const struct metric *m, size_t i)
{
	bool reference = i < m->reference.count;
	const struct mfc_cloud *cloud = reference ? &m->reference.cloud[i] : &m->generated.cloud[i - m->reference.count];
	fprintf(out, "%s\t", reference ? "reference" : "generated");
	metric_put_text(out, cloud->id);
}

void metric_nearest_header(FILE *out)
{
	fputs("measure\tset\tid\tnearest-set\tnearest\tdistance\n", out);
}

void metric_nearest_print(FILE *out, const struct metric *m, size_t k, const double *value)
{
	size_t total = m->reference.count + m->generated.count;
	for (size_t i = 0; i < total; i++) {
		size_t nearest = mfc_sets_nearest(total, value, i);
		double distance = value[i * total + nearest];
		fprintf(out, "%s\t", metric_name(m, k));
		put_cloud(out, m, i);
		putc('\t', out);
		put_cloud(out, m, nearest);
		fprintf(out, "\t%.9g\n", metric_measure[k].likeness ? 1 - distance : distance);
	}
}
