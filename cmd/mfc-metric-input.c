/* The two sets that mfc-metric compares. */
#include "mfc-metric.h"

#include "rng.h"

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

void metric_prepare(const struct metric *m, struct mfc_cloud *cloud, const char *name)
{
	struct mfc_error err;
	if (m->points)
		subsample(m, cloud, name);
	if (mfc_transform_normalize(cloud, m->how, &err))
		cli_die("%s: cloud %s: %s", name, cloud->id, err.message);
}

/* What takes in the clouds of a set as they are read. */
struct intake { const struct metric *m; struct metric_set *set; size_t noised; };

static void keep(void *context, struct mfc_cloud *cloud)
{
	struct intake *in = context;
	struct metric_set *set = in->set;
	in->noised += cloud->t > 0 || cloud->s > 0;
	metric_prepare(in->m, cloud, set->name);
	if ((set->count & (set->count - 1)) == 0) {
		size_t room = set->count ? 2 * set->count : 1;
		set->cloud = realloc(set->cloud, room * sizeof *set->cloud);
		if (!set->cloud)
			cli_die("out of memory");
	}
	set->cloud[set->count++] = *cloud;
	mfc_cloud_init(cloud);
}

static void read_set(struct metric *m, struct metric_set *set, const char *path)
{
	struct intake in = { m, set, 0 };
	set->name = cli_name(path);
	cli_read(&m->cli, path, &(struct cli_visitor){ NULL, keep, &in });
	if (set->count == 0)
		cli_die("%s: no clouds to compare", set->name);
	if (in.noised)
		cli_warn("warning: %s: %zu of %zu clouds are noised (t > 0)", set->name, in.noised, set->count);
	set->shape = calloc(set->count, sizeof *set->shape);
	if (!set->shape)
		cli_die("out of memory");
	for (size_t i = 0; i < set->count; i++)
		set->shape[i] = (struct mfc_points){ .n = set->cloud[i].n, .dim = set->cloud[i].dim, .x = set->cloud[i].x };
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

const char *metric_options(struct metric *m)
{
	const char *path = cli_input(&m->cli);
	if (m->reference_path && strcmp(path, "-") == 0 && strcmp(m->reference_path, "-") == 0)
		cli_usage("standard input cannot be both sides");
	if (!m->normalize)
		m->normalize = "none";
	if (!mfc_normalize_named(m->normalize, &m->how) || m->how == MFC_NORMALIZE_SET)
		cli_usage("--normalize %s: not none, cloud-box, cloud-sphere or cloud-std", m->normalize);
	return path;
}

void metric_load(struct metric *m, const char *allowed)
{
	struct mfc_error err;
	if (!m->reference_path)
		cli_usage("what to compare with? --reference FILE");
	const char *path = metric_options(m);
	choose_metrics(m, allowed);
	read_set(m, &m->reference, m->reference_path);
	read_set(m, &m->generated, path);
	check_alike(m);
	if (m->cd && (mfc_points_prepare(m->reference.shape, m->reference.count, m->cli.threads, &err) ||
	                 mfc_points_prepare(m->generated.shape, m->generated.count, m->cli.threads, &err)))
		cli_die("%s", err.message);
}

static void clear_set(struct metric_set *set)
{
	mfc_points_release(set->shape, set->count);
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
