/* The two sets that mfc-metric compares. */
#include "mfc-metric.h"

#include "output/save.h"
#include "rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
	if ((m->raw && mfc_denormalize(cloud, &err)) || mfc_transform_normalize(cloud, m->how, &err))
		cli_die("%s: cloud %s: %s", name, cloud->id, err.message);
}

/* What takes in the clouds of a set as they are read. */
struct intake { struct metric *m; struct metric_set *set; size_t noised; };

static void keep(void *context, struct mfc_cloud *cloud)
{
	struct intake *in = context;
	struct metric_set *set = in->set;
	in->noised += cloud->t > 0 || cloud->s > 0;
	set->unscaled += isnan(cloud->scale) && !cloud->center;
	metric_prepare(in->m, cloud, set->name);
	cli_hold(&in->m->cli, 1, mfc_cloud_bytes(cloud), set->name);
	if ((set->count & (set->count - 1)) == 0) {
		size_t room = set->count ? 2 * set->count : 1;
		set->cloud = realloc(set->cloud, room * sizeof *set->cloud);
		if (!set->cloud)
			cli_die("out of memory");
	}
	set->cloud[set->count++] = *cloud;
	mfc_cloud_init(cloud);
}

void metric_read(struct metric *m, struct metric_set *set, const char *path)
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
		set->shape[i] = (struct mfc_points){ .n = set->cloud[i].n, .dim = set->cloud[i].dim, .x = set->cloud[i].x,
			.normals = m->wanted[METRIC_NORMALS] ? metric_normals(&set->cloud[i], set->name) : NULL };
}

/* All clouds of both sets alike in dimension; of other sizes they are compared all the same. */
static void check_alike(const struct metric *m)
{
	const struct mfc_cloud *first = &m->reference.cloud[0];
	const struct metric_set *sets[] = { &m->reference, &m->generated };
	bool differ = false;
	char points[48];
	for (size_t s = 0; s < 2; s++)
		for (size_t i = 0; i < sets[s]->count; i++) {
			const struct mfc_cloud *c = &sets[s]->cloud[i];
			if (c->dim != first->dim)
				cli_die("%s: cloud %s: %zu coordinates, but %s of %s has %zu", sets[s]->name, c->id, c->dim, first->id,
				    m->reference.name, first->dim);
			differ |= c->n != first->n;
		}
	metric_points(m, NULL, points);
	if (differ && !m->across)
		cli_warn("warning: clouds of %s points: the fewer points, the farther is the nearest, and the figures show it", points);
}

const char *metric_options(struct metric *m)
{
	const char *path = cli_input(&m->cli);
	if (m->reference_path && strcmp(path, "-") == 0 && strcmp(m->reference_path, "-") == 0)
		cli_usage("standard input cannot be both sides");
	if (m->merge_path && strcmp(m->merge_path, "-") == 0 && (strcmp(path, "-") == 0 || strcmp(m->reference_path, "-") == 0))
		cli_usage("standard input cannot be both blocks and clouds");
	m->convention = metric_convention_named(m->convention_name);
	if (!m->convention)
		cli_usage("--convention %s: not mfc, pointflow, dpm or pvd", m->convention_name);
	if (!m->normalize)
		m->normalize = m->convention->normalize;
	m->raw = strcmp(m->normalize, "raw") == 0;
	if (!mfc_normalize_named(m->raw ? "none" : m->normalize, &m->how) || m->how == MFC_NORMALIZE_SET)
		cli_usage("--normalize %s: not none, raw, cloud-box, cloud-sphere or cloud-std", m->normalize);
	return path;
}

/* Both sides in the units of the data set, or neither; for --paper both. */
static void check_raw(const struct metric *m)
{
	const struct metric_set *one = m->reference.unscaled ? &m->reference : &m->generated, *two = one == &m->reference ? &m->generated : &m->reference;
	if (!m->raw && m->how == MFC_NORMALIZE_NONE && one->unscaled == one->count && two->unscaled == 0)
		cli_warn("warning: %s is normalised and %s is not: are these in one unit? --normalize raw undoes it", two->name, one->name);
	const struct metric_set *r = &m->reference, *g = &m->generated;
	if (m->paper && !m->raw && m->how == MFC_NORMALIZE_NONE && (r->unscaled < r->count || g->unscaled < g->count))
		cli_warn("warning: --paper of normalised clouds, in their units: published tables are of raw ones, --convention pointflow");
	const struct metric_set *bare = r->unscaled ? r : g, *other = bare == r ? g : r;
	if (m->raw && bare->unscaled && other->unscaled < other->count)
		cli_warn("warning: raw coordinates: %s says of %zu clouds how to undo their normalisation, %s of none of %zu: are these raw?", other->name,
		    other->count - other->unscaled, bare->name, bare->unscaled);
}

/* The trees that the measures wanted look into. */
static void plant(const struct metric *m)
{
	struct mfc_error err;
	bool trees = false;
	for (size_t k = 0; k < METRIC_MEASURES; k++)
		trees |= m->wanted[k] && metric_measure[k].trees;
	if (trees && (mfc_points_prepare(m->reference.shape, m->reference.count, m->cli.threads, &err) ||
	                 mfc_points_prepare(m->generated.shape, m->generated.count, m->cli.threads, &err)))
		cli_die("%s", err.message);
}

static void parse_block(struct metric *m)
{
	bool pairs = false;
	for (size_t k = 0; k < METRIC_PAIRS; k++)
		pairs |= m->wanted[k];
	if ((m->block_text || m->merge_path) && !pairs)
		cli_usage("blocks are of pairs, and --metrics %s has none", m->metrics);
	if (m->block_text && m->merge_path)
		cli_usage("--block or --merge, not both");
	if (m->block_text)
		cli_part("block", m->block_text, &m->block, &m->blocks);
}

void metric_load(struct metric *m, bool pairs)
{
	if (!m->reference_path)
		cli_usage("what to compare with? --reference FILE");
	const char *path = metric_options(m);
	m->across = pairs;
	metric_choose(m, pairs || m->nearest);
	if (m->tau <= 0)
		cli_usage("--tau %g: not above 0", m->tau);
	if (m->wanted[METRIC_FSCORE] && isnan(m->tau))
		cli_usage("fscore at which distance? --tau D");
	if (!m->wanted[METRIC_FSCORE] && !isnan(m->tau))
		cli_usage("--tau is of fscore, which is not among --metrics");
	if (!m->wanted[METRIC_EMD] && m->emd_name)
		cli_usage("--emd is of emd, which is not among --metrics");
	parse_block(m);
	metric_read(m, &m->reference, m->reference_path);
	metric_read(m, &m->generated, path);
	check_alike(m);
	check_raw(m);
	if (m->merge_path)
		metric_block_read(m);
	else
		plant(m);
}

static void clear_set(struct metric_set *set)
{
	mfc_points_release(set->shape, set->count);
	for (size_t i = 0; i < set->count; i++) {
		free((float *)set->shape[i].normals);
		mfc_cloud_clear(&set->cloud[i]);
	}
	free(set->cloud);
	free(set->shape);
}

void metric_clear(struct metric *m)
{
	clear_set(&m->generated);
	clear_set(&m->reference);
	metric_block_clear(m);
}
