/* The cells against all pairs, and places in the order of their cells. */
#include "check.h"
#include "net/cells.h"
#include "rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N 5000
#define SIDE 0.1

static float u[N * 3];
static size_t row[N];

/* Every point within a side of a place is in its runs, whatever was asked before. */
static void check_near(const struct mfc_cells *cells, size_t d)
{
	struct mfc_near near = { .cells = cells };
	struct mfc_run run[MFC_CELLS_NEAR];
	size_t missed = 0, seen = 0, near_all = 0;
	for (size_t i = 0; i < N; i++) {
		float at[MFC_CELLS_DIM] = { 0 };
		double weight = 0, within = 0, got = 0;
		memcpy(at, u + row[i] * d, d * sizeof *at);
		size_t runs = mfc_cells_near(&near, at, run);
		for (size_t r = 0; r < runs; r++)
			for (size_t j = run[r].first; j < run[r].first + run[r].count; j++) {
				double square = 0;
				for (size_t k = 0; k < MFC_CELLS_DIM; k++)
					square += pow((double)cells->x[k * cells->stride + j] - (double)at[k], 2);
				got += square <= SIDE * SIDE;
				weight += (double)run[r].weight;
			}
		for (size_t j = 0; j < N; j++) {
			double square = 0;
			for (size_t k = 0; k < d; k++)
				square += pow((double)u[j * d + k] - (double)at[k], 2);
			within += square <= SIDE * SIDE;
		}
		missed += got != within;
		seen += (size_t)weight;
		near_all += (size_t)within;
	}
	check(missed == 0 && seen < 30 * near_all, "%zu coordinates: all points within a side are there, %.1f looked at for each", d,
	    (double)seen / (double)near_all);
}

/* The places of a cell follow each other, and none is lost. */
static void check_sort(const struct mfc_cells *cells, size_t d, size_t threads)
{
	struct mfc_error err;
	static bool there[N];
	memset(there, 0, sizeof there);
	for (size_t i = 0; i < N; i++)
		row[i] = (i * 7) % N;   /* any order */
	check(mfc_cells_sort(cells, threads, d, u, 1, N, row, &err) == 0, "sorted on %zu threads", threads);
	size_t changes = 0, lost = 0;
	for (size_t i = 0; i < N; i++) {
		lost += there[row[i]];
		there[row[i]] = true;
		for (size_t k = 0; i > 0 && k < d; k++)
			if (floor((double)u[row[i] * d + k] / SIDE) != floor((double)u[row[i - 1] * d + k] / SIDE)) {
				changes++;
				break;
			}
	}
	check(lost == 0 && changes + 1 == cells->cells, "%zu coordinates: %zu changes in %zu cells", d, changes, cells->cells);
}

int main(void)
{
	struct mfc_error err;
	for (size_t d = 1; d <= MFC_CELLS_DIM; d++) {
		struct mfc_cells cells;
		struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_TEST, d, 0);
		mfc_rng_normals(&rng, 0, N * d, u);
		for (size_t i = 0; i < N * d; i++)
			u[i] *= d == 1 ? 40 : 0.2f;   /* nowhere more than stand for a cell */
		check(mfc_cells_build(&cells, N, d, u, SIDE, &err) == 0 && cells.n == N, "built");
		for (size_t i = 0; i < N; i++)
			row[i] = i;
		check_near(&cells, d);
		check_sort(&cells, d, 1);
		check_sort(&cells, d, 3);
		check_near(&cells, d);
		mfc_cells_clear(&cells);
	}
	return done();
}
