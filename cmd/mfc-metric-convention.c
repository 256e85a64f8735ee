/* The measures that there are, and the conventions of published tables. */
#include "mfc-metric.h"

#include <string.h>

const struct metric_measure metric_measure[METRIC_MEASURES] = {
	[METRIC_CD] = { "cd", .pairs = true, .usual = true, .trees = true },
	[METRIC_EMD] = { "emd", .pairs = true, .usual = true },
	[METRIC_FSCORE] = { "fscore", .pairs = true, .trees = true, .likeness = true },
	[METRIC_HAUSDORFF] = { "hausdorff", .pairs = true, .trees = true },
	[METRIC_NORMALS] = { "normals", .pairs = true, .trees = true, .likeness = true },
	[METRIC_JSD] = { "jsd", .usual = true },
};

static bool allowed(size_t k, bool pairs)
{
	return metric_measure[k].pairs || !pairs;
}

static void list_allowed(bool pairs, char list[256])
{
	list[0] = 0;
	for (size_t k = 0; k < METRIC_MEASURES; k++)
		if (allowed(k, pairs))
			strcat(strcat(list, *list ? "," : ""), metric_measure[k].name);
}

static const char *const emd_name[] = { [METRIC_EXACT] = "exact", [METRIC_SINKHORN] = "sinkhorn", [METRIC_SLICED] = "sliced" };

const char *metric_name(const struct metric *m, size_t measure)
{
	return measure == METRIC_EMD && m->emd != METRIC_EXACT ? emd_name[m->emd] : metric_measure[measure].name;
}

static void choose_emd(struct metric *m)
{
	for (size_t e = 0; m->emd_name && e < sizeof emd_name / sizeof *emd_name; e++)
		if (strcmp(m->emd_name, emd_name[e]) == 0) {
			m->emd = (enum metric_emd)e;
			return;
		}
	if (m->emd_name)
		cli_usage("--emd %s: not exact, sinkhorn or sliced", m->emd_name);
}

void metric_choose(struct metric *m, bool pairs)
{
	char list[256];
	choose_emd(m);
	for (size_t k = 0; k < METRIC_MEASURES; k++)
		m->wanted[k] = !m->metrics && metric_measure[k].usual && allowed(k, pairs);
	for (const char *p = m->metrics; p; ) {
		size_t length = strcspn(p, ","), k = 0;
		while (k < METRIC_MEASURES && (strlen(metric_measure[k].name) != length || strncmp(p, metric_measure[k].name, length) != 0))
			k++;
		list_allowed(pairs, list);
		if (k == METRIC_MEASURES || !allowed(k, pairs))
			cli_usage("--metrics %s: not a list of %s", m->metrics, list);
		m->wanted[k] = true;
		p = p[length] ? p + length + 1 : NULL;
	}
}

static const struct metric_convention convention[] = {
	{ "mfc", "none", .squared = false, .fits = true },
	{ "pointflow", "raw", .squared = false, .fits = false },
	{ "dpm", "cloud-box", .squared = false, .fits = false },
	{ "pvd", "raw", .squared = true, .fits = false },
};

const struct metric_convention *metric_convention_named(const char *name)
{
	for (size_t i = 0; i < sizeof convention / sizeof *convention; i++)
		if (strcmp(name ? name : "mfc", convention[i].name) == 0)
			return &convention[i];
	return NULL;
}

void metric_convention_print(FILE *out, const struct metric *m)
{
	const char *const emd[] = { "emd: exact assignment, mean", "sinkhorn: entropic transport, an approximation of emd, mean",
		"sliced: transport of projections, an approximation of emd, mean" };
	fprintf(out, "%s: cd: squared distances, both directions summed, not halved; %s %s Euclidean distance; "
		"mmd: mean over reference of the nearest generated; cov: share of reference that is nearest to some generated; "
		"1nna: ties go to the first of reference then generated; jsd: base 2, 28 cells an axis clipped to the sphere, %s",
	    m->convention->name, emd[m->emd], m->convention->squared ? "squared" : "plain",
	    m->convention->fits ? "the reference scaled to fit into the cube" : "coordinates as they are");
}
