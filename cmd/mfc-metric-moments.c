/* mfc-metric moments: mean and covariance of each cloud. */
#include "mfc-metric.h"

#include "metric/moments.h"

#include <stdlib.h>

struct moments { struct metric m; const char *name; FILE *out; };

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

static void print(void *context, struct mfc_cloud *cloud)
{
	struct moments *c = context;
	size_t d = cloud->dim;
	metric_prepare(&c->m, cloud, c->name);
	if (c->m.dim && c->m.dim != d)
		cli_die("%s: cloud %s: %zu coordinates where others have %zu", c->name, cloud->id, d, c->m.dim);
	double *mean = reallocarray(NULL, d + 1, d * sizeof *mean), *covariance = mean + d;
	if (!mean)
		cli_die("%s: cloud %s: out of memory for the covariance of %zu coordinates", c->name, cloud->id, d);
	if (!c->m.dim)
		names(c->out, d);
	c->m.dim = d;
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
}

int metric_moments(int argc, char **argv)
{
	static struct moments c;
	const struct cli_option table[] = {
		{ "points", 'n', "K", "of random subsets of K points of each cloud", CLI_NATURAL, &c.m.points },
		{ "normalize", 0, "HOW", "none, raw, cloud-box, cloud-sphere or cloud-std (none)", CLI_STRING, &c.m.normalize },
		{ 0 }
	};
	c.m.cli = (struct cli){ .program = "mfc-metric moments", .synopsis = "[option ...] [file]", .purpose = "Print the mean and the covariance of each cloud." };
	cli_parse(&c.m.cli, argc, argv, table);
	const char *path = metric_options(&c.m);
	c.name = cli_name(path);
	c.out = cli_output_file(&c.m.cli, false);
	if (cli_read(&c.m.cli, path, &(struct cli_visitor){ NULL, print, &c }) == 0)
		cli_die("%s: no clouds to measure", c.name);
	cli_output_file_end(&c.m.cli);
	return 0;
}
