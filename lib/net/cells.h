/* Points in cubic cells, so that those near a place are found in a few lookups: for all points within a distance of one side, where there are many of
 * them. (For the nearest few, and in more dimensions, neighbors.h is the index.) */
#ifndef MFC_CELLS_H
#define MFC_CELLS_H

#include "error.h"
#include "net/real.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MFC_CELLS_DIM 3
#define MFC_CELLS_NEAR 27   /* cells around a place, its own among them */

struct mfc_cells {
	size_t n, stride;       /* points; room for them, with at least 64 bytes behind, which hold numbers */
	double side;
	real *x;                /* (3, stride) by cell; absent coordinates are 0 */
	size_t cells, slots;
	struct mfc_cell { uint64_t key; size_t first, count; } *slot;   /* (slots), a power of two; count 0: empty */
};

/* Of points u (n, dim), dim 1 to 3. Points that are not finite, or more than 2^20 cells from 0, are left out. clear frees. */
int mfc_cells_build(struct mfc_cells *cells, size_t n, size_t dim, const real *u, double side, struct mfc_error *err);
void mfc_cells_clear(struct mfc_cells *cells);

/* Points that lie together, each to count for `weight` of them: no more of a cell than MFC_CELLS_MOST stand for all of it, spread over the order they
 * came in, so that what a place costs is bounded however dense the points are. */
#define MFC_CELLS_MOST 256
struct mfc_run {
	size_t first, count;
	real weight;
};
/* The cells around the place that was asked for last. Begin with { .cells = … }. */
struct mfc_near {
	const struct mfc_cells *cells;
	bool known;
	int64_t cell[MFC_CELLS_DIM];
	size_t count;                          /* that are not empty, */
	struct mfc_run run[MFC_CELLS_NEAR];
	unsigned char step[MFC_CELLS_NEAR][MFC_CELLS_DIM];   /* 0, 1, 2: before it, at it, after it */
};
/* The runs of all points within a side of `at` (3), and of others; false where there are no points at all, or `at` is not finite or more than 2^20 cells
 * from 0. Places that follow others of their cell are spared the search. */
bool mfc_cells_near(struct mfc_near *near, const real *at, struct mfc_run run[MFC_CELLS_NEAR], size_t *runs);
/* Put the rows (count) of y (…, dim) into an order in which those follow each other whose y · scale is in one cell, if that is not empty. There must be
 * points. On threads; the order does not depend on them. */
int mfc_cells_sort(const struct mfc_cells *cells, size_t threads, size_t dim, const float *y, double scale, size_t count, size_t *row,
    struct mfc_error *err);

#endif
