/* The linear assignment problem, solved exactly: which bijection of rows to columns costs least, whatever the costs are. */
#ifndef MFC_ASSIGN_H
#define MFC_ASSIGN_H

#include "error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A problem and the space to solve it in. The rows of cost lie `stride` numbers apart; stride ≥ n. Who fills it in sets
 * cost[i · stride + j], finite and of magnitude below 1e30, for i, j < n. One thread at a time may use one of these. */
struct mfc_assign {
	size_t n, stride;
	float *cost;        /* (n, stride) */
	int32_t *column;    /* (n) out: the column of each row */
	int32_t *row;       /* (n) out: the row of each column */
	double *u, *v;      /* (n), (stride) out: dual prices of rows and columns */
	/* the rest is the solver's */
	size_t capacity;    /* the largest n there is room for */
	int32_t *queue;
	struct mfc_augment *paths;
	size_t scans;       /* whole rows looked at, a measure of the work */
};

/* Make room for n rows; grows what is there. A zeroed struct is empty. */
int mfc_assign_room(struct mfc_assign *a, size_t n, struct mfc_error *err);
void mfc_assign_clear(struct mfc_assign *a);

/* Solve: afterwards column and row are inverse bijections and u, v prove that no other costs less: u[i] + v[j] ≤ cost[i][j]
 * for all i, j and equality on the pairs chosen (both to rounding of double), so that Σ u + Σ v, a lower bound on every
 * bijection, is reached.
 *
 * Auction with ε-scaling (Bertsekas 1988), stopped early, gives prices near the best; augmenting row reduction and shortest
 * augmenting paths (Jonker and Volgenant 1987) in double make an exact solution of whatever they are given.
 *
 * Gives up, and returns false with nothing solved, as soon as prices prove that every bijection costs more than limit;
 * INFINITY never does. */
bool mfc_assign_solve(struct mfc_assign *a, double limit);

#endif
