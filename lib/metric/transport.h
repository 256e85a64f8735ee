/* Private to lib/metric: the optimal transport between points of equal weights, n here and m there. Every point of departure
 * (row) sends `supply` units, every point of arrival (column) takes `demand` of them, and a unit costs its distance, or the square of it.
 * Duals u of rows and prices of columns are feasible where u ≤ cost + price for all pairs; then supply Σ u - demand Σ price is a lower
 * bound of the cost, which the optimum reaches. */
#ifndef MFC_TRANSPORT_H
#define MFC_TRANSPORT_H

#include "metric/pricing.h"

#include <stdbool.h>

struct mfc_transport {
	size_t n, m, dim;                       /* n ≤ m */
	double size;                            /* what costs differ by; at most 1 */
	int64_t supply, demand;                 /* n · supply = m · demand, without common divisor */
	struct mfc_pricing from, to;            /* rows; columns */
	struct mfc_pricing some_from, some_to;  /* as many of them each, to begin with */
	double *row;                            /* (n, dim) the points of `from`; while the auction is among some, theirs */
	double *u;                              /* (n) */
	struct mfc_offer *offer;                /* (n) each row's best two columns when it last looked */
	int32_t *column, *owner;                /* (n) of rows, (m) of columns: each other in the auction, -1: none */
	int32_t *queue;                         /* (n) rows that are free */
	size_t room, room_m, room_dim;
	struct mfc_flow *flow;
};

/* supply Σ u - demand Σ price. */
double mfc_transport_bound(const struct mfc_transport *t);

/* auction.c: prices near the best by an auction with ε-scaling (Bertsekas 1988), and duals that are feasible with them. Where n = m, also
 * column and owner: pairs for which u = cost + price (augmenting row reduction, Jonker and Volgenant 1987); the free rows are
 * in queue. Returns their number; SIZE_MAX as soon as the bound is above limit. */
size_t mfc_auction(struct mfc_transport *t, double limit);

/* flow.c: from there to the optimum by shortest augmenting paths from all free rows at once. */
int mfc_flow_create(struct mfc_flow **flow, size_t n, size_t m, struct mfc_error *err);
void mfc_flow_free(struct mfc_flow *flow);
/* free_rows: how many in t->queue have no column yet. False: gave up, for the bound is above limit. */
int mfc_flow_solve(struct mfc_transport *t, size_t free_rows, double limit, bool *solved, struct mfc_error *err);
/* Call visit for each pair that units go between. */
void mfc_flow_each(const struct mfc_transport *t, void (*visit)(void *context, size_t row, size_t column, int64_t units), void *context);

#endif
