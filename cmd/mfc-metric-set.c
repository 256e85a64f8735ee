/* The figures of two sets of clouds. */
#include "mfc-metric.h"

#include "metric/bootstrap.h"

#include <math.h>
#include <stdlib.h>

/* The clouds of a row, stacked: reference first, then generated. Borrowed views. */
struct stack { struct mfc_points *shape; size_t r, g; };

/* The figures of one measure. A likeness is a distance while nearest clouds are sought, and its mmd, the mean of the best, a likeness again. */
static void summarise(struct metric *m, const struct stack *s, size_t k, double *value, struct metric_row *row)
{
	struct mfc_error err;
	size_t total = s->r + s->g;
	for (size_t i = 0; metric_measure[k].likeness && i < total * total; i++)
		value[i] = 1 - value[i];
	if (mfc_sets_metrics(s->r, s->g, value, &row->value[k], &err) ||
	    (m->bootstrap && mfc_bootstrap_sets(s->r, s->g, value, m->bootstrap, m->cli.seed, m->cli.threads, &row->error[k], &err)))
		cli_die("%s", err.message);
	if (metric_measure[k].likeness)
		row->value[k].mmd = 1 - row->value[k].mmd;
	if (m->nearest) {
		cli_progress_end(&m->cli);
		metric_nearest_print(m->nearest_out, m, k, value);
	}
}

static void measure_pairs(struct metric *m, const struct stack *s, struct metric_row *row)
{
	size_t total = s->r + s->g;
	double *value[METRIC_PAIRS];
	for (size_t k = 0; k < METRIC_PAIRS; k++)
		value[k] = m->wanted[k] ? metric_matrix(m, total, total) : NULL;
	metric_distances(m, &(struct mfc_distances){ .a = s->shape, .a_count = total, .reference = m->bootstrap ? 0 : s->r }, value);
	for (size_t k = 0; k < METRIC_PAIRS; k++) {
		if (m->wanted[k] && !m->blocks)
			summarise(m, s, k, value[k], row);
		free(value[k]);
	}
}

static void measure_jsd(const struct metric *m, const struct stack *s, struct metric_row *row)
{
	struct mfc_error err;
	struct mfc_jsd *jsd;
	double farthest = 0;
	for (size_t i = 0; i < s->r; i++)
		for (size_t k = 0; k < s->shape[i].n * s->shape[i].dim; k++)
			farthest = fmax(farthest, fabs((double)s->shape[i].x[k]));
	row->jsd_scale = m->convention->fits ? mfc_jsd_scale(farthest) : 1;
	if (row->jsd_scale != 1)
		cli_note("jsd: both sets scaled by %g, so that the reference lies within the unit cube", row->jsd_scale);
	if (mfc_jsd_create(&jsd, s->shape[0].dim, &err))
		cli_die("%s: leave jsd out with --metrics cd,emd", err.message);
	for (size_t i = 0; i < s->r + s->g; i++)
		mfc_jsd_count(jsd, i < s->r, s->shape[i].n, s->shape[i].x, row->jsd_scale);
	row->jsd = mfc_jsd_value(jsd);
	if (m->bootstrap && mfc_bootstrap_jsd(jsd, s->r, s->g, s->shape, row->jsd_scale, m->bootstrap, m->cli.seed, m->cli.threads, &row->jsd_error, &err))
		cli_die("%s", err.message);
	mfc_jsd_free(jsd);
}

static size_t gather(const struct metric_set *set, const char *label, struct mfc_points *to)
{
	size_t count = 0;
	for (size_t i = 0; i < set->count; i++)
		if (metric_bears(&set->cloud[i], label))
			to[count++] = set->shape[i];
	return count;
}

void metric_evaluate(struct metric *m, struct metric_row *row)
{
	struct stack s = { .shape = calloc(m->reference.count + m->generated.count, sizeof *s.shape) };
	if (!s.shape)
		cli_die("out of memory");
	s.r = gather(&m->reference, row->label, s.shape);
	s.g = gather(&m->generated, row->label, s.shape + s.r);
	if (m->wanted[METRIC_JSD] && !m->blocks)
		measure_jsd(m, &s, row);
	measure_pairs(m, &s, row);
	free(s.shape);
}
