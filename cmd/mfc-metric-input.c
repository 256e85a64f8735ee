/* The two sets that mfc-metric compares. */
#include "mfc-metric.h"

#include "rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void choose_metrics(struct metric *m, const char *allowed)
{
	const char *names[] = { "cd", "emd", "jsd" };
	bool *wanted[] = { &m->cd, &m->emd, &m->jsd };
	for (const char *p = m->metrics ? m->metrics : allowed; ; p++) {
		size_t length = strcspn(p, ","), k = 0;
		while (k < 3 && (strlen(names[k]) != length || strncmp(p, names[k], length) != 0))
			k++;
		if (k == 3 || !strstr(allowed, names[k]))
			cli_usage("--metrics %s: not a list of %s", m->metrics, allowed);
		*wanted[k] = true;
		p += length;
		if (!*p)
			return;
	}
}

/* A subset of K points that depends on the seed and the cloud's key alone. */
static void subsample(const struct metric *m, struct mfc_cloud *cloud, const char *name)
{
	struct mfc_error err;
	struct mfc_rng rng = mfc_rng_make(m->cli.seed, MFC_RNG_SAMPLE, cloud->key, 0);
	if (cloud->n < m->points)
		cli_die("%s: cloud %s: %zu points, fewer than --points %zu", name, cloud->id, cloud->n, m->points);
	if (cloud->n == m->points)
		return;
	size_t *index = malloc(cloud->n * sizeof *index);
	if (!index)
		cli_die("out of memory");
	mfc_rng_choose(&rng, cloud->n, m->points, index);
	if (mfc_cloud_select(cloud, index, m->points, &err))
		cli_die("%s: cloud %s: %s", name, cloud->id, err.message);
	free(index);
}

/* Where the cloud's origin goes, along axis k. */
static double center_of(const struct mfc_cloud *c, size_t k, bool box)
{
	double low = c->x[k], high = low, sum = 0;
	for (size_t i = 0; i < c->n; i++) {
		double v = c->x[i * c->dim + k];
		low = fmin(low, v);
		high = fmax(high, v);
		sum += v;
	}
	return box ? (low + high) / 2 : sum / (double)c->n;
}

/* cloud-box: bounding box centred, half its longest side 1; cloud-sphere: centroid at 0, farthest point at 1; cloud-std:
 * mean 0 and standard deviation over all coordinates 1. A cloud without extent is only moved. */
static void normalize(const struct metric *m, struct mfc_cloud *c)
{
	bool box = strcmp(m->normalize, "cloud-box") == 0, sphere = strcmp(m->normalize, "cloud-sphere") == 0;
	double longest = 0, farthest2 = 0, sum2 = 0;
	double *center = calloc(c->dim, sizeof *center);
	if (!center)
		cli_die("out of memory");
	for (size_t k = 0; k < c->dim; k++)
		center[k] = center_of(c, k, box);
	for (size_t i = 0; i < c->n; i++) {
		double norm2 = 0;
		for (size_t k = 0; k < c->dim; k++) {
			double v = (double)c->x[i * c->dim + k] - center[k];
			longest = fmax(longest, fabs(v));
			norm2 += v * v;
		}
		farthest2 = fmax(farthest2, norm2);
		sum2 += norm2;
	}
	double scale = box ? longest : sphere ? sqrt(farthest2) : sqrt(sum2 / (double)(c->n * c->dim));
	for (size_t i = 0; i < c->n * c->dim; i++)
		c->x[i] = (float)(((double)c->x[i] - center[i % c->dim]) / (scale > 0 ? scale : 1));
	free(center);
}

static void keep(struct metric_set *set, struct mfc_cloud *cloud)
{
	if ((set->count & (set->count - 1)) == 0) {
		size_t room = set->count ? 2 * set->count : 1;
		set->cloud = realloc(set->cloud, room * sizeof *set->cloud);
		if (!set->cloud)
			cli_die("out of memory");
	}
	set->cloud[set->count++] = *cloud;
	mfc_cloud_init(cloud);
}

static void read_set(const struct metric *m, struct metric_set *set, const char *path)
{
	struct mfc_error err;
	struct mfc_reader *reader;
	struct mfc_cloud cloud;
	size_t noised = 0;
	int event;
	FILE *in = cli_open(path);
	set->name = cli_name(path);
	mfc_cloud_init(&cloud);
	if (mfc_reader_open(&reader, in, set->name, m->cli.max_record, &err))
		cli_die("%s", err.message);
	while ((event = mfc_reader_next(reader, &cloud, &err)) > 0) {
		if (event != MFC_RECORD)
			continue;
		noised += cloud.t > 0 || cloud.s > 0;
		if (m->points)
			subsample(m, &cloud, set->name);
		if (strcmp(m->normalize, "none") != 0)
			normalize(m, &cloud);
		keep(set, &cloud);
	}
	if (event < 0)
		cli_die("%s", err.message);
	mfc_reader_close(reader);
	if (in != stdin)
		fclose(in);
	if (set->count == 0)
		cli_die("%s: no clouds to compare", set->name);
	if (noised)
		cli_warn("warning: %s: %zu of %zu clouds are noised (t > 0)", set->name, noised, set->count);
	set->shape = calloc(set->count, sizeof *set->shape);
	if (!set->shape)
		cli_die("out of memory");
	for (size_t i = 0; i < set->count; i++)
		set->shape[i] = (struct mfc_shape){ .n = set->cloud[i].n, .dim = set->cloud[i].dim, .x = set->cloud[i].x };
}

/* All clouds of both sets alike in dimension and, for EMD and for figures that compare, in size. */
static void check_alike(const struct metric *m)
{
	const struct mfc_cloud *first = &m->reference.cloud[0];
	const struct metric_set *sets[] = { &m->reference, &m->generated };
	for (size_t s = 0; s < 2; s++)
		for (size_t i = 0; i < sets[s]->count; i++) {
			const struct mfc_cloud *c = &sets[s]->cloud[i];
			if (c->dim != first->dim)
				cli_die("%s: cloud %s: %zu coordinates, but %s of %s has %zu", sets[s]->name, c->id, c->dim, first->id,
				    m->reference.name, first->dim);
			if (c->n != first->n)
				cli_die("%s: cloud %s: %zu points, but %s of %s has %zu: choose a common number by --points", sets[s]->name,
				    c->id, c->n, first->id, m->reference.name, first->n);
		}
}

void metric_load(struct metric *m, const char *allowed)
{
	struct mfc_error err;
	const char *path = cli_input(&m->cli);
	if (!m->reference_path)
		cli_usage("what to compare with? --reference FILE");
	if (strcmp(path, "-") == 0 && strcmp(m->reference_path, "-") == 0)
		cli_usage("standard input cannot be both sides");
	if (!m->normalize)
		m->normalize = "none";
	if (strcmp(m->normalize, "none") != 0 && strcmp(m->normalize, "cloud-box") != 0 && strcmp(m->normalize, "cloud-sphere") != 0 &&
	    strcmp(m->normalize, "cloud-std") != 0)
		cli_usage("--normalize %s: not none, cloud-box, cloud-sphere or cloud-std", m->normalize);
	choose_metrics(m, allowed);
	read_set(m, &m->reference, m->reference_path);
	read_set(m, &m->generated, path);
	check_alike(m);
	if (m->cd && (mfc_shapes_prepare(m->reference.shape, m->reference.count, m->cli.threads, &err) ||
	                 mfc_shapes_prepare(m->generated.shape, m->generated.count, m->cli.threads, &err)))
		cli_die("%s", err.message);
}

static void clear_set(struct metric_set *set)
{
	mfc_shapes_release(set->shape, set->count);
	for (size_t i = 0; i < set->count; i++)
		mfc_cloud_clear(&set->cloud[i]);
	free(set->cloud);
	free(set->shape);
}

void metric_clear(struct metric *m)
{
	clear_set(&m->generated);
	clear_set(&m->reference);
}

void metric_progress(void *context, size_t done, size_t total)
{
	cli_progress(context, (double)done, (double)total, "pairs", NULL);
}
