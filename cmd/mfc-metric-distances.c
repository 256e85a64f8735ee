/* The measures of pairs: computed, or a block of them computed and kept in a file, or taken from such files. */
#include "mfc-metric.h"

#include "metric/near.h"
#include "metric/pairs.h"
#include "metric/sinkhorn.h"
#include "metric/sliced.h"
#include "parallel.h"

#include <math.h>
#include <stdlib.h>

/* Pairs that are measured one by one. */
struct single {
	const struct metric *m;
	const struct mfc_distances *d;
	double *const *value;
	bool emd, near;
	float **slices;   /* of a, then of b */
};

static int approximate(const struct single *s, size_t i, size_t j, const struct mfc_points *x, const struct mfc_points *y, double *out,
    struct mfc_error *err)
{
	bool squared = s->m->convention->squared;
	if (s->m->emd == METRIC_SINKHORN)
		return mfc_sinkhorn(x, y, squared, out, err);
	*out = mfc_sliced_distance(x->dim, x->n, s->slices[i], y->n, s->slices[s->d->b ? s->d->a_count + j : j], squared);
	return 0;
}

static int measure(void *context, size_t i, size_t j, struct mfc_error *err)
{
	const struct single *s = context;
	const struct mfc_distances *d = s->d;
	const struct mfc_points *x = &d->a[i], *y = d->b ? &d->b[j] : &d->a[j];
	size_t columns = d->b ? d->b_count : d->a_count;
	double value[METRIC_PAIRS] = { 0 };
	struct mfc_near near = { 0 };
	if (s->emd && approximate(s, i, j, x, y, &value[METRIC_EMD], err))
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

static void slice_share(void *context, size_t thread)
{
	const struct single *s = context;
	const struct mfc_distances *d = s->d;
	size_t from, to;
	mfc_parallel_share(d->a_count + d->b_count, d->threads, thread, &from, &to);
	for (size_t i = from; i < to; i++)
		s->slices[i] = mfc_sliced_project(i < d->a_count ? &d->a[i] : &d->b[i - d->a_count]);
}

static void measure_singly(struct single *s)
{
	struct mfc_error err;
	size_t clouds = s->d->a_count + s->d->b_count;
	bool slices = s->emd && s->m->emd == METRIC_SLICED;
	s->slices = calloc(clouds, sizeof *s->slices);
	if (s->slices && slices)
		mfc_parallel(s->d->threads, slice_share, s);
	for (size_t i = 0; i < clouds; i++)
		if (!s->slices || (slices && !s->slices[i]))
			cli_die("out of memory");
	if (mfc_pairs_each(s->d, measure, s, &err))
		cli_die("%s", err.message);
	for (size_t i = 0; i < clouds; i++)
		free(s->slices[i]);
	free(s->slices);
}

/* What exact EMD took, under -v: how many pairs bounds left over, and the certificate. */
static void tell(const struct mfc_distances *d, const struct mfc_pruning *pruning)
{
	size_t cells = d->a_count * (d->b ? d->b_count : d->a_count);
	double most = 0;
	for (size_t i = 0; i < cells; i++)
		most = d->gap[i] < INFINITY && d->gap[i] > most ? d->gap[i] : most;
	cli_note("emd: of %zu pairs %zu were begun and %zu solved, the largest %g above its dual bound", pruning->pairs, pruning->begun, pruning->solved, most);
}

static void compute(struct metric *m, struct mfc_distances *d, double *const value[METRIC_PAIRS])
{
	struct mfc_error err;
	struct single s = { .m = m, .d = d, .value = value };
	s.emd = value[METRIC_EMD] && m->emd != METRIC_EXACT;
	s.near = value[METRIC_FSCORE] || value[METRIC_HAUSDORFF] || value[METRIC_NORMALS];
	d->cd = value[METRIC_CD];
	d->emd = s.emd ? NULL : value[METRIC_EMD];
	d->squared = m->convention->squared;
	bool first = d->cd || d->emd, second = s.emd || s.near;
	void (*measured)(void *context, size_t i, size_t j) = d->measured;
	m->pass = 0;
	m->passes = first + second;
	struct mfc_pruning pruning;
	bool tells = d->emd && m->cli.verbose;
	d->pruning = tells ? &pruning : NULL;
	d->gap = tells ? metric_matrix(m, d->a_count, d->b ? d->b_count : d->a_count) : NULL;
	d->measured = second ? NULL : measured;   /* after both */
	if (first && mfc_sets_distances(d, &err))
		cli_die("%s", err.message);
	if (tells)
		tell(d, &pruning);
	free(d->gap);
	m->pass = first;
	d->measured = measured;
	if (second)
		measure_singly(&s);
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
			metric_block_get(m, d, metric_measure[k].name, value[k]);
		else if (value[k] && m->blocks)
			metric_block_put(m, d, metric_measure[k].name, value[k]);
}

double *metric_matrix(const struct metric *m, size_t rows, size_t columns)
{
	struct mfc_error err;
	mfc_error_memory(&err);
	double *matrix = cli_fits(&m->cli, rows, columns * sizeof *matrix, &err) ? NULL : calloc(rows * columns, sizeof *matrix);
	if (!matrix)
		cli_die("a matrix of %zu times %zu clouds: %s", rows, columns, err.message);
	return matrix;
}

/* A pair is done when all passes over it are. */
void metric_progress(void *context, size_t done, size_t total)
{
	struct metric *m = context;
	double share = m->blocks ? (double)m->blocks : 1, all = (double)m->pairs / share, now = (double)(m->pass * total + done) / (double)m->passes;
	cli_progress(&m->cli, (double)m->done / share + now, all > (double)total ? all : (double)total, "pairs", NULL);
}
