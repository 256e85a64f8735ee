/* mfc-metric moments: mean and covariance of each cloud, or of what its particles are away from those of another cloud. */
#include "mfc-metric.h"

#include "metric/moments.h"

#include <stdlib.h>
#include <string.h>

struct moments { struct metric m; const char *name; FILE *out; size_t clouds; };

static void names(FILE *out, size_t d)
{
	fputs("cloud\tpoints", out);
	for (size_t j = 1; j <= d; j++)
		fprintf(out, "\tmean-%zu", j);
	for (size_t j = 1; j <= d; j++)
		for (size_t k = j; k <= d; k++)
			fprintf(out, "\tcovariance-%zu-%zu", j, k);
	putc('\n', out);
}

/* x becomes what is between it and the cloud at the same place of the reference, particle by particle, as many as both have. */
static void displace(const struct moments *c, struct mfc_cloud *cloud)
{
	const struct metric_set *r = &c->m.reference;
	if (c->clouds == r->count)
		cli_die("%s: cloud %s: %s has but %zu clouds", c->name, cloud->id, r->name, r->count);
	const struct mfc_cloud *other = &r->cloud[c->clouds];
	if (strcmp(cloud->id, other->id) != 0)
		cli_die("%s: cloud %s: the cloud at its place in %s is %s", c->name, cloud->id, r->name, other->id);
	if (cloud->dim != other->dim)
		cli_die("%s: cloud %s: %zu coordinates where that of %s has %zu", c->name, cloud->id, cloud->dim, r->name, other->dim);
	cloud->n = cloud->n < other->n ? cloud->n : other->n;
	for (size_t i = 0; i < cloud->n * cloud->dim; i++)
		cloud->x[i] -= other->x[i];
}

static void print(void *context, struct mfc_cloud *cloud)
{
	struct moments *c = context;
	size_t d = cloud->dim;
	metric_prepare(&c->m, cloud, c->name);
	if (c->m.dim && c->m.dim != d)
		cli_die("%s: cloud %s: %zu coordinates where others have %zu", c->name, cloud->id, d, c->m.dim);
	double *mean = reallocarray(NULL, d + 1, d * sizeof *mean);
	if (!mean)
		cli_die("%s: cloud %s: out of memory for the covariance of %zu coordinates", c->name, cloud->id, d);
	double *covariance = mean + d;
	if (!c->m.dim)
		names(c->out, d);
	c->m.dim = d;
	if (c->m.reference_path)
		displace(c, cloud);
	mfc_moments(cloud->n, d, cloud->x, mean, covariance);
	metric_put_text(c->out, cloud->id);
	fprintf(c->out, "\t%zu", cloud->n);
	for (size_t j = 0; j < d; j++)
		metric_put_number(c->out, 9, mean[j]);
	for (size_t j = 0; j < d; j++)
		for (size_t k = j; k < d; k++)
			metric_put_number(c->out, 9, covariance[j * d + k]);
	putc('\n', c->out);
	free(mean);
	c->clouds++;
}

int metric_moments(int argc, char **argv)
{
	static struct moments c;
	const struct cli_option table[] = {
		{ "reference", 'r', "FILE", "of each particle's displacement from that of the same number in FILE's cloud", CLI_STRING, &c.m.reference_path },
		{ "points", 'n', "K", "of random subsets of K points of each cloud", CLI_COUNT, &c.m.points },
		{ "normalize", 0, "HOW", "none, raw, cloud-box, cloud-sphere or cloud-std (none)", CLI_STRING, &c.m.normalize },
		{ 0 }
	};
	c.m.cli = (struct cli){ .program = "mfc-metric moments", .synopsis = "[--reference FILE] [option ...] [file]",
		.purpose = "Print the mean and the covariance of each cloud, or of its particles' displacement from another's." };
	cli_parse(&c.m.cli, argc, argv, table);
	const char *path = metric_options(&c.m);
	if (c.m.reference_path && c.m.points)
		cli_usage("--points chooses other particles of clouds of different size: not with --reference");
	c.name = cli_name(path);
	if (c.m.reference_path)
		metric_read(&c.m, &c.m.reference, c.m.reference_path);
	c.out = cli_output_file(&c.m.cli, false);
	if (cli_read(&c.m.cli, path, &(struct cli_visitor){ NULL, print, &c }) == 0)
		cli_die("%s: no clouds to measure", c.name);
	if (c.m.reference_path && c.clouds < c.m.reference.count)
		cli_die("%s: %zu clouds, but %s has %zu", c.name, c.clouds, c.m.reference.name, c.m.reference.count);
	cli_output_file_end(&c.m.cli);
	metric_clear(&c.m);
	return 0;
}
