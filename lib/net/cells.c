#include "net/cells.h"
#include "parallel.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT (INT64_C(1) << 20)   /* cells from 0, so that three coordinates fit into a key */
#define NOWHERE SIZE_MAX

/* The cell of a place. */
static bool cell_of(const struct mfc_cells *c, const real *at, int64_t cell[MFC_CELLS_DIM])
{
	for (int j = 0; j < MFC_CELLS_DIM; j++) {
		double k = floor((double)at[j] / c->side);
		if (!(fabs(k) < LIMIT - 1))
			return false;
		cell[j] = (int64_t)k;
	}
	return true;
}

static uint64_t key_of(int64_t x, int64_t y, int64_t z)
{
	return (uint64_t)(x + LIMIT) << 42 | (uint64_t)(y + LIMIT) << 21 | (uint64_t)(z + LIMIT);
}

/* Where a key is, or would be. */
static struct mfc_cell *find(const struct mfc_cells *c, uint64_t key)
{
	size_t i = (key * UINT64_C(0x9E3779B97F4A7C15)) >> 32 & (c->slots - 1);
	while (c->slot[i].count && c->slot[i].key != key)
		i = (i + 1) & (c->slots - 1);
	return &c->slot[i];
}

static int grow(struct mfc_cells *c, struct mfc_error *err)
{
	struct mfc_cells old = *c;
	c->slots = old.slots ? 2 * old.slots : 256;
	c->slot = calloc(c->slots, sizeof *c->slot);
	if (!c->slot) {
		*c = old;
		return mfc_error_memory(err);
	}
	for (size_t i = 0; i < old.slots; i++)
		if (old.slot[i].count)
			*find(c, old.slot[i].key) = old.slot[i];
	free(old.slot);
	return 0;
}

/* The key of every point, and how many each cell has. */
static int number(struct mfc_cells *c, size_t n, size_t dim, const real *u, uint64_t *key, struct mfc_error *err)
{
	for (size_t i = 0; i < n; i++) {
		real at[MFC_CELLS_DIM] = { 0 };
		int64_t cell[MFC_CELLS_DIM];
		for (size_t j = 0; j < dim; j++)
			at[j] = u[i * dim + j];
		key[i] = UINT64_MAX;
		if (!cell_of(c, at, cell))
			continue;
		key[i] = key_of(cell[0], cell[1], cell[2]);
		if (2 * c->cells >= c->slots && grow(c, err))
			return -1;
		struct mfc_cell *slot = find(c, key[i]);
		c->cells += slot->count == 0;
		slot->key = key[i];
		slot->count++;
		c->n++;
	}
	return 0;
}

/* A step with which i, i + step, ... (mod n) visits all of 0 … n-1, near the golden section of n: whatever part of the way is taken, it is spread. */
static size_t golden_step(size_t n)
{
	for (size_t step = (size_t)(0.6180339887 * (double)n) | 1;; step += 2) {
		size_t a = n, b = step % n;
		while (b) {
			size_t r = a % b;
			a = b;
			b = r;
		}
		if (a == 1)
			return step % n;
	}
}

/* Each cell's points behind each other. */
static void place(struct mfc_cells *c, size_t n, size_t dim, const real *u, const uint64_t *key)
{
	size_t used = 0, step = golden_step(n), i = 0;
	for (size_t k = 0; k < c->slots; k++)
		c->slot[k].first = NOWHERE;
	for (size_t k = 0; k < n; k++, i = i + step < n ? i + step : i + step - n) {
		if (key[i] == UINT64_MAX)
			continue;
		struct mfc_cell *slot = find(c, key[i]);
		if (slot->first == NOWHERE) {
			slot->first = used;
			used += slot->count;
			slot->count = 1;
		} else {
			slot->count++;
		}
		for (size_t j = 0; j < dim; j++)
			c->x[j * c->stride + slot->first + slot->count - 1] = u[i * dim + j];
	}
}

int mfc_cells_build(struct mfc_cells *c, size_t n, size_t dim, const real *u, double side, struct mfc_error *err)
{
	size_t stride = n + 64 / sizeof *u;
	uint64_t *key = malloc(n * sizeof *key);
	*c = (struct mfc_cells){ .stride = stride, .side = side, .x = calloc(MFC_CELLS_DIM * stride, sizeof *c->x) };
	int status = key && c->x ? grow(c, err) || number(c, n, dim, u, key, err) ? -1 : 0 : mfc_error_memory(err);
	if (status)
		mfc_cells_clear(c);
	else
		place(c, n, dim, u, key);
	free(key);
	return status;
}

void mfc_cells_clear(struct mfc_cells *c)
{
	free(c->x);
	free(c->slot);
	*c = (struct mfc_cells){ 0 };
}

static struct mfc_run run_of(const struct mfc_cell *cell)
{
	size_t count = cell->count < MFC_CELLS_MOST ? cell->count : MFC_CELLS_MOST;
	return (struct mfc_run){ cell->first, count, (real)cell->count / (real)count };
}

static void look_around(struct mfc_near *near, const int64_t cell[MFC_CELLS_DIM])
{
	near->known = true;
	near->count = 0;
	memcpy(near->cell, cell, sizeof near->cell);
	for (unsigned char x = 0; x < 3; x++)
		for (unsigned char y = 0; y < 3; y++)
			for (unsigned char z = 0; z < 3; z++) {
				const struct mfc_cell *slot = find(near->cells, key_of(cell[0] + x - 1, cell[1] + y - 1, cell[2] + z - 1));
				if (slot->count == 0)
					continue;
				memcpy(near->step[near->count], (unsigned char[]){ x, y, z }, MFC_CELLS_DIM);
				near->run[near->count++] = run_of(slot);
			}
}

bool mfc_cells_near(struct mfc_near *near, const real *at, struct mfc_run run[MFC_CELLS_NEAR], size_t *runs)
{
	const struct mfc_cells *c = near->cells;
	int64_t cell[MFC_CELLS_DIM];
	double square[MFC_CELLS_DIM][3];   /* of how far the cells around `at` are by each axis, in sides */
	if (c->n == 0 || !cell_of(c, at, cell))
		return false;
	if (!near->known || memcmp(near->cell, cell, sizeof cell))
		look_around(near, cell);
	for (int j = 0; j < MFC_CELLS_DIM; j++) {
		double within = (double)at[j] / c->side - (double)cell[j];
		square[j][0] = within * within;
		square[j][1] = 0;
		square[j][2] = (1 - within) * (1 - within);
	}
	*runs = 0;
	for (size_t i = 0; i < near->count; i++) {
		const unsigned char *step = near->step[i];
		run[*runs] = near->run[i];
		*runs += square[0][step[0]] + square[1][step[1]] + square[2][step[2]] <= 1;
	}
	return true;
}

/* Places to sort. */
struct sort {
	const struct mfc_cells *cells;
	size_t dim;
	const float *y;
	double scale;
	size_t count, *row, *bucket;   /* (count) each */
	atomic_size_t next;
};

/* Where the table has, or would have, the cell of each place; places that are nowhere are with the first. */
static void number_places(void *context, size_t thread)
{
	enum { SHARE = 4096 };
	struct sort *s = context;
	(void)thread;
	for (size_t from; (from = SHARE * atomic_fetch_add(&s->next, 1)) < s->count;)
		for (size_t i = from; i < s->count && i < from + SHARE; i++) {
			real at[MFC_CELLS_DIM] = { 0 };
			int64_t cell[MFC_CELLS_DIM];
			for (size_t j = 0; j < s->dim; j++)
				at[j] = (real)(s->y[s->row[i] * s->dim + j] * s->scale);
			s->bucket[i] = cell_of(s->cells, at, cell) ? (size_t)(find(s->cells, key_of(cell[0], cell[1], cell[2])) - s->cells->slot) : 0;
		}
}

int mfc_cells_sort(const struct mfc_cells *cells, size_t threads, size_t dim, const float *y, double scale, size_t count, size_t *row,
    struct mfc_error *err)
{
	struct sort s = { .cells = cells, .dim = dim, .y = y, .scale = scale, .count = count, .row = row };
	size_t *start = calloc(cells->slots + 1, sizeof *start), *sorted = malloc(2 * count * sizeof *sorted);
	if (!start || !sorted) {
		free(start);
		free(sorted);
		return mfc_error_memory(err);
	}
	s.bucket = sorted + count;
	mfc_parallel(threads, number_places, &s);
	for (size_t i = 0; i < count; i++)
		start[s.bucket[i] + 1]++;
	for (size_t k = 0; k < cells->slots; k++)
		start[k + 1] += start[k];
	for (size_t i = 0; i < count; i++)
		sorted[start[s.bucket[i]]++] = row[i];
	memcpy(row, sorted, count * sizeof *row);
	free(start);
	free(sorted);
	return 0;
}
