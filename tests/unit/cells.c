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
		size_t runs;
		if (!mfc_cells_near(&near, at, run, &runs))
			runs = 0;
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
	check(missed == 0 && seen < 5 * near_all, "%zu coordinates: all points within a side are there, %.1f looked at for each", d,
	    (double)seen / (double)near_all);
}

/* Are two points in one cell? */
static bool together(size_t d, size_t i, size_t j)
{
	for (size_t k = 0; k < d; k++)
		if (floor((double)u[i * d + k] / SIDE) != floor((double)u[j * d + k] / SIDE))
			return false;
	return true;
}

/* The places of a cell follow each other, and none is lost; the same on one thread as on several. */
static void check_sort(const struct mfc_cells *cells, size_t d)
{
	struct mfc_error err;
	static bool there[N];
	static size_t alone[N];
	static float doubled[N * 3];
	memset(there, 0, sizeof there);
	for (size_t i = 0; i < N; i++)
		alone[i] = row[i] = (i * 7) % N;   /* any order */
	for (size_t i = 0; i < N * d; i++)
		doubled[i] = 2 * u[i];
	check(mfc_cells_sort(cells, 1, d, doubled, 0.5, N, alone, &err) == 0 && mfc_cells_sort(cells, 3, d, u, 1, N, row, &err) == 0, "sorted");
	check(memcmp(alone, row, sizeof row) == 0, "%zu coordinates: to the same order on three threads, and of what is scaled", d);
	size_t changes = 0, lost = 0;
	for (size_t i = 0; i < N; i++) {
		lost += there[row[i]];
		there[row[i]] = true;
		changes += i > 0 && !together(d, row[i], row[i - 1]);
	}
	check(lost == 0 && changes + 1 == cells->cells, "%zu coordinates: %zu changes in %zu cells", d, changes, cells->cells);
}

/* Some places, of which some are nowhere and others far from all points. */
static void check_strays(const struct mfc_cells *cells, size_t d)
{
	struct mfc_error err;
	struct mfc_near near = { .cells = cells };
	struct mfc_run run[MFC_CELLS_NEAR];
	float place[6 * 3], at[3] = { 1e30f };
	size_t some[4] = { 5, 2, 0, 1 }, sum = 0, runs = 99;
	for (size_t i = 0; i < 6 * d; i++)
		place[i] = i / d == 0 ? NAN : i / d == 1 ? INFINITY : i / d == 2 ? -1e30f : 1e4f;
	check(mfc_cells_sort(cells, 2, d, place, 1, 4, some, &err) == 0, "strays are sorted");
	for (size_t i = 0; i < 4; i++)
		sum += (size_t)1 << some[i];
	check(sum == (1 << 5 | 1 << 2 | 1 | 1 << 1), "and none is lost");
	check(!mfc_cells_near(&near, at, run, &runs), "nothing is near a place too far away");
	at[0] = 1e4f;
	check(mfc_cells_near(&near, at, run, &runs) && runs == 0, "no points are near a place among none");
}

static void check_empty(void)
{
	struct mfc_error err;
	struct mfc_cells cells;
	struct mfc_run run[MFC_CELLS_NEAR];
	size_t runs;
	u[0] = u[1] = u[2] = NAN;
	check(mfc_cells_build(&cells, 1, 3, u, SIDE, &err) == 0 && cells.n == 0, "a point that is nowhere is left out");
	check(!mfc_cells_near(&(struct mfc_near){ .cells = &cells }, (float[]){ 0, 0, 0 }, run, &runs), "and is near nothing");
	mfc_cells_clear(&cells);
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
		check_sort(&cells, d);
		check_near(&cells, d);
		check_strays(&cells, d);
		mfc_cells_clear(&cells);
	}
	check_empty();
	return done();
}
