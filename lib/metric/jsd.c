#include "metric/jsd.h"

#include "neighbors.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

struct mfc_jsd {
	size_t dim, cells;
	struct mfc_neighbors *grid;
	uint64_t *count[2];   /* (cells) each */
};

/* Write the lattice points inside the sphere to cell (…, dim), unless it is NULL, and count them. The last axis runs fastest. */
static size_t lattice(size_t dim, float *cell)
{
	size_t total = 1, kept = 0;
	for (size_t k = 0; k < dim; k++)
		total *= MFC_JSD_CELLS;
	for (size_t number = 0; number < total; number++) {
		double norm2 = 0, p[3];
		size_t rest = number;
		for (size_t k = dim; k-- > 0; rest /= MFC_JSD_CELLS) {
			p[k] = (double)(rest % MFC_JSD_CELLS) / (MFC_JSD_CELLS - 1) - 0.5;
			norm2 += p[k] * p[k];
		}
		if (sqrt(norm2) > 0.5)
			continue;
		for (size_t k = 0; cell && k < dim; k++)
			cell[kept * dim + k] = (float)p[k];
		kept++;
	}
	return kept;
}

int mfc_jsd_create(struct mfc_jsd **out, size_t dim, struct mfc_error *err)
{
	*out = NULL;
	if (dim < 1 || dim > 3)
		return mfc_error_set(err, "JSD counts in a grid of 28 cells an axis, for 1, 2 or 3 coordinates, not %zu", dim);
	struct mfc_jsd *jsd = calloc(1, sizeof *jsd);
	if (!jsd)
		return mfc_error_memory(err);
	jsd->dim = dim;
	jsd->cells = lattice(dim, NULL);
	float *cell = malloc(jsd->cells * dim * sizeof *cell);
	jsd->count[0] = calloc(jsd->cells, sizeof **jsd->count);
	jsd->count[1] = calloc(jsd->cells, sizeof **jsd->count);
	int failed = !cell || !jsd->count[0] || !jsd->count[1] ? mfc_error_memory(err) : 0;
	if (!failed) {
		lattice(dim, cell);
		failed = mfc_neighbors_build(&jsd->grid, jsd->cells, dim, cell, err);
	}
	free(cell);
	if (failed) {
		mfc_jsd_free(jsd);
		return -1;
	}
	*out = jsd;
	return 0;
}

void mfc_jsd_free(struct mfc_jsd *jsd)
{
	if (!jsd)
		return;
	mfc_neighbors_free(jsd->grid);
	free(jsd->count[0]);
	free(jsd->count[1]);
	free(jsd);
}

size_t mfc_jsd_cells(const struct mfc_jsd *jsd)
{
	return jsd->cells;
}

uint32_t mfc_jsd_cell(const struct mfc_jsd *jsd, const float *x, double scale)
{
	float p[3];
	for (size_t k = 0; k < jsd->dim; k++)
		p[k] = (float)(scale * (double)x[k]);
	return (uint32_t)mfc_neighbors_nearest(jsd->grid, p, NULL);
}

void mfc_jsd_count(struct mfc_jsd *jsd, int set, size_t n, const float *x, double scale)
{
	for (size_t i = 0; i < n; i++)
		jsd->count[set][mfc_jsd_cell(jsd, x + i * jsd->dim, scale)]++;
}

static double term(double p)
{
	return p > 0 ? -p * log2(p) : 0;
}

double mfc_jsd_divergence(size_t cells, const uint64_t *p, const uint64_t *q)
{
	double total[2] = { 0, 0 }, sum = 0;
	for (size_t i = 0; i < cells; i++) {
		total[0] += (double)p[i];
		total[1] += (double)q[i];
	}
	for (size_t i = 0; i < cells; i++) {
		double a = (double)p[i] / total[0], b = (double)q[i] / total[1];
		sum += term((a + b) / 2) - (term(a) + term(b)) / 2;
	}
	return sum > 0 ? sum : 0;   /* rounding */
}

double mfc_jsd_value(const struct mfc_jsd *jsd)
{
	return mfc_jsd_divergence(jsd->cells, jsd->count[0], jsd->count[1]);
}

double mfc_jsd_scale(double farthest)
{
	return farthest > 0.5 + MFC_JSD_MARGIN ? 0.5 / farthest : 1;
}
