#include "metric/bootstrap.h"

#include "parallel.h"
#include "rng.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* What the replicates share. */
struct run {
	size_t r, g, replicates, threads;
	uint64_t seed;
	/* of the set metrics */
	const double *distance;            /* (r + g, r + g) */
	uint32_t *order;                   /* (r + g, r + g - 1): the others from near to far */
	struct mfc_set_metrics *metrics;   /* (replicates) */
	/* of the JSD */
	const struct mfc_jsd *grid;
	const struct mfc_points *stack;
	double scale;
	struct occupancy *occupancy;       /* (r + g) */
	double *jsd;                       /* (replicates) */
	atomic_bool failed;
};

/* How often each of count clouds is in the sample. */
static void draw(const struct run *run, size_t replicate, size_t side, size_t count, uint32_t *weight)
{
	struct mfc_rng rng = mfc_rng_make(run->seed, MFC_RNG_BOOTSTRAP, replicate, side);
	memset(weight, 0, count * sizeof *weight);
	for (size_t i = 0; i < count; i++)
		weight[mfc_rng_below(&rng, count)]++;
}

static uint32_t *draw_both(const struct run *run, size_t replicate, uint32_t *weight)
{
	draw(run, replicate, 0, run->r, weight);
	draw(run, replicate, 1, run->g, weight + run->r);
	return weight;
}

/* Standard deviation of x (count); from the first on, so that it is 0 where all are the same. */
static double deviation(size_t count, const double *x, size_t stride)
{
	double sum = 0, square = 0;
	for (size_t i = 0; i < count; i++)
		sum += x[i * stride] - x[0];
	for (size_t i = 0; i < count; i++) {
		double d = x[i * stride] - x[0] - sum / (double)count;
		square += d * d;
	}
	return sqrt(square / (double)(count - 1));
}

static int nearer(const void *a, const void *b, void *context)
{
	const double *distance = context;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	return distance[i] != distance[j] ? (distance[i] < distance[j] ? -1 : 1) : (i > j) - (i < j);
}

static void sort_share(void *context, size_t thread)
{
	struct run *run = context;
	size_t from, to, total = run->r + run->g;
	mfc_parallel_share(total, run->threads, thread, &from, &to);
	for (size_t i = from; i < to; i++) {
		uint32_t *row = run->order + i * (total - 1);
		for (size_t j = 0, k = 0; j < total; j++)
			if (j != i)
				row[k++] = (uint32_t)j;
		qsort_r(row, total - 1, sizeof *row, nearer, (void *)(run->distance + i * total));
	}
}

/* The nearest to cloud i of those drawn in [from, to); there is one, for i is of the other set or one of several sets' clouds. */
static size_t nearest(const struct run *run, const uint32_t *weight, size_t i, size_t from, size_t to)
{
	const uint32_t *row = run->order + i * (run->r + run->g - 1);
	while (weight[*row] == 0 || *row < from || *row >= to)
		row++;
	return *row;
}

static void replicate_sets(const struct run *run, const uint32_t *weight, bool *hit, struct mfc_set_metrics *out)
{
	size_t r = run->r, total = r + run->g;
	double right = 0, covered = 0, sum = 0;
	memset(hit, 0, r * sizeof *hit);
	for (size_t i = 0; i < total; i++) {
		if (weight[i] == 0)
			continue;
		right += (nearest(run, weight, i, 0, total) < r) == (i < r) ? weight[i] : 0;
		if (i < r)
			sum += weight[i] * run->distance[i * total + nearest(run, weight, i, r, total)];
		else
			hit[nearest(run, weight, i, 0, r)] = true;
	}
	for (size_t i = 0; i < r; i++)
		covered += hit[i] ? weight[i] : 0;
	*out = (struct mfc_set_metrics){ .mmd = sum / (double)r, .cov = covered / (double)r, .nna = right / (double)total };
}

static void sets_share(void *context, size_t thread)
{
	struct run *run = context;
	size_t from, to;
	uint32_t *weight = calloc(run->r + run->g, sizeof *weight);
	bool *hit = calloc(run->r, sizeof *hit);
	mfc_parallel_share(run->replicates, run->threads, thread, &from, &to);
	for (size_t b = from; weight && hit && b < to; b++)
		replicate_sets(run, draw_both(run, b, weight), hit, &run->metrics[b]);
	if (!weight || !hit)
		run->failed = true;
	free(weight);
	free(hit);
}

int mfc_bootstrap_sets(size_t r, size_t g, const double *distance, size_t replicates, uint64_t seed, size_t threads,
    struct mfc_set_metrics *error, struct mfc_error *err)
{
	struct run run = { .r = r, .g = g, .replicates = replicates, .threads = threads, .seed = seed, .distance = distance };
	size_t cells, total = r + g;
	run.order = __builtin_mul_overflow(total, total - 1, &cells) ? NULL : calloc(cells, sizeof *run.order);
	run.metrics = calloc(replicates, sizeof *run.metrics);
	run.failed = !run.order || !run.metrics;
	if (!run.failed) {
		mfc_parallel(threads, sort_share, &run);
		mfc_parallel(threads, sets_share, &run);
	}
	if (!run.failed) {
		size_t stride = sizeof *run.metrics / sizeof(double);
		error->mmd = deviation(replicates, &run.metrics->mmd, stride);
		error->cov = deviation(replicates, &run.metrics->cov, stride);
		error->nna = deviation(replicates, &run.metrics->nna, stride);
	}
	free(run.order);
	free(run.metrics);
	return run.failed ? mfc_error_memory(err) : 0;
}

/* Where a cloud has its points: the cells that hold any, and how many. */
struct occupancy { size_t cells; struct { uint32_t cell, count; } *at; };

static int by_cell(const void *a, const void *b)
{
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	return (i > j) - (i < j);
}

static bool occupy(const struct run *run, const struct mfc_points *p, struct occupancy *o)
{
	uint32_t *cell = malloc(p->n * sizeof *cell);
	for (size_t i = 0; cell && i < p->n; i++)
		cell[i] = mfc_jsd_cell(run->grid, p->x + i * p->dim, run->scale);
	if (cell)
		qsort(cell, p->n, sizeof *cell, by_cell);
	for (size_t i = 0; cell && i < p->n; i++)
		o->cells += i == 0 || cell[i] != cell[i - 1];
	o->at = cell ? calloc(o->cells, sizeof *o->at) : NULL;
	for (size_t i = 0, k = 0; o->at && i < p->n; i++) {
		k += i > 0 && cell[i] != cell[i - 1];
		o->at[k].cell = cell[i];
		o->at[k].count++;
	}
	free(cell);
	return o->at;
}

static void occupy_share(void *context, size_t thread)
{
	struct run *run = context;
	size_t from, to;
	mfc_parallel_share(run->r + run->g, run->threads, thread, &from, &to);
	for (size_t i = from; i < to; i++)
		if (!occupy(run, &run->stack[i], &run->occupancy[i]))
			run->failed = true;
}

static void count(const struct occupancy *o, size_t clouds, const uint32_t *weight, uint64_t *cell)
{
	for (size_t i = 0; i < clouds; i++)
		for (size_t k = 0; weight[i] && k < o[i].cells; k++)
			cell[o[i].at[k].cell] += (uint64_t)weight[i] * o[i].at[k].count;
}

static void jsd_share(void *context, size_t thread)
{
	struct run *run = context;
	size_t from, to, cells = mfc_jsd_cells(run->grid);
	uint32_t *weight = calloc(run->r + run->g, sizeof *weight);
	uint64_t *cell = calloc(2 * cells, sizeof *cell);
	mfc_parallel_share(run->replicates, run->threads, thread, &from, &to);
	for (size_t b = from; weight && cell && b < to; b++) {
		memset(cell, 0, 2 * cells * sizeof *cell);
		draw_both(run, b, weight);
		count(run->occupancy, run->r, weight, cell);
		count(run->occupancy + run->r, run->g, weight + run->r, cell + cells);
		run->jsd[b] = mfc_jsd_divergence(cells, cell, cell + cells);
	}
	if (!weight || !cell)
		run->failed = true;
	free(weight);
	free(cell);
}

int mfc_bootstrap_jsd(const struct mfc_jsd *grid, size_t r, size_t g, const struct mfc_points *stack, double scale, size_t replicates, uint64_t seed,
    size_t threads, double *error, struct mfc_error *err)
{
	struct run run = { .r = r, .g = g, .replicates = replicates, .threads = threads, .seed = seed, .grid = grid, .stack = stack, .scale = scale };
	run.occupancy = calloc(r + g, sizeof *run.occupancy);
	run.jsd = calloc(replicates, sizeof *run.jsd);
	run.failed = !run.occupancy || !run.jsd;
	if (!run.failed)
		mfc_parallel(threads, occupy_share, &run);
	if (!run.failed)
		mfc_parallel(threads, jsd_share, &run);
	if (!run.failed)
		*error = deviation(replicates, run.jsd, 1);
	for (size_t i = 0; run.occupancy && i < r + g; i++)
		free(run.occupancy[i].at);
	free(run.occupancy);
	free(run.jsd);
	return run.failed ? mfc_error_memory(err) : 0;
}
