/* The distances of pairs: computed, or a block of them computed and kept in a file, or taken from such files. */
#include "mfc-metric.h"

#include "metric/emd-squared.h"

#include <stdlib.h>

void metric_distances(struct metric *m, struct mfc_distances *d, double *const value[METRIC_PAIRS])
{
	struct mfc_error err;
	d->cd = value[METRIC_CD];
	d->emd = value[METRIC_EMD];
	d->transport = m->convention->squared ? mfc_emd_squared : NULL;
	d->squared = m->convention->squared;
	d->threads = m->cli.threads;
	d->block = m->block;
	d->blocks = m->blocks;
	d->progress = metric_progress;
	d->context = m;
	if (!m->merge_path && mfc_sets_distances(d, &err))
		cli_die("%s", err.message);
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

void metric_progress(void *context, size_t done, size_t total)
{
	struct metric *m = context;
	double share = m->blocks ? (double)m->blocks : 1, all = (double)m->pairs / share;
	cli_progress(&m->cli, (double)m->done / share + (double)done, all > (double)total ? all : (double)total, "pairs", NULL);
}
