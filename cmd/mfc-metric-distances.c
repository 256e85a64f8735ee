/* The measures of pairs: computed, or a block of them computed and kept in a file, or taken from such files. */
#include "mfc-metric.h"

#include "metric/emd-squared.h"
#include "metric/near.h"
#include "metric/pairs.h"

#include <stdlib.h>

/* Pairs that are measured one by one. */
struct single { const struct metric *m; const struct mfc_distances *d; double *const *value; bool emd, near; };

static int measure(void *context, size_t i, size_t j, struct mfc_error *err)
{
	const struct single *s = context;
	const struct mfc_distances *d = s->d;
	const struct mfc_points *x = &d->a[i], *y = d->b ? &d->b[j] : &d->a[j];
	size_t columns = d->b ? d->b_count : d->a_count;
	double value[METRIC_PAIRS] = { 0 };
	struct mfc_near near = { 0 };
	if (s->emd && mfc_emd_squared(x, y, &value[METRIC_EMD], err))
		return -1;
	if (s->near)
		mfc_near_measure(x, y, s->m->tau, &near);
	value[METRIC_FSCORE] = near.fscore;
	value[METRIC_HAUSDORFF] = near.hausdorff;
	value[METRIC_NORMALS] = near.normals;
	for (size_t k = s->emd ? METRIC_EMD : METRIC_FSCORE; k < METRIC_PAIRS; k++) {
		if (!s->value[k])
			continue;
		s->value[k][i * columns + j] = value[k];
		if (!d->b)
			s->value[k][j * columns + i] = value[k];
	}
	return 0;
}

static void compute(struct metric *m, struct mfc_distances *d, double *const value[METRIC_PAIRS])
{
	struct mfc_error err;
	struct single s = { m, d, value, value[METRIC_EMD] && m->convention->squared,
		value[METRIC_FSCORE] || value[METRIC_HAUSDORFF] || value[METRIC_NORMALS] };
	d->cd = value[METRIC_CD];
	d->emd = s.emd ? NULL : value[METRIC_EMD];
	bool first = d->cd || d->emd, second = s.emd || s.near;
	m->pass = 0;
	m->passes = first + second;
	if (first && mfc_sets_distances(d, &err))
		cli_die("%s", err.message);
	m->pass = first;
	if (second && mfc_pairs_each(d, measure, &s, &err))
		cli_die("%s", err.message);
}

void metric_distances(struct metric *m, struct mfc_distances *d, double *const value[METRIC_PAIRS])
{
	d->threads = m->cli.threads;
	d->block = m->block;
	d->blocks = m->blocks;
	d->progress = metric_progress;
	d->context = m;
	if (!m->merge_path)
		compute(m, d, value);
	for (size_t k = 0; k < METRIC_PAIRS; k++)
		if (value[k] && m->merge_path)
			metric_block_get(m, d, value[k]);
		else if (value[k] && m->blocks)
			metric_block_put(m, d, metric_measure[k].name, value[k]);
}

double *metric_matrix(size_t rows, size_t columns)
{
	size_t cells;
	double *m = __builtin_mul_overflow(rows, columns, &cells) ? NULL : calloc(cells, sizeof *m);
	if (!m)
		cli_die("out of memory: a matrix of %zu times %zu clouds", rows, columns);
	return m;
}

/* A pair is done when all passes over it are. */
void metric_progress(void *context, size_t done, size_t total)
{
	struct metric *m = context;
	double share = m->blocks ? (double)m->blocks : 1, all = (double)m->pairs / share, now = (double)(m->pass * total + done) / (double)m->passes;
	cli_progress(&m->cli, (double)m->done / share + now, all > (double)total ? all : (double)total, "pairs", NULL);
}
