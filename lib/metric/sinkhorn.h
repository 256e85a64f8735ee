/* An approximation of transport: entropic regularisation (Cuturi 2013). */
#ifndef MFC_SINKHORN_H
#define MFC_SINKHORN_H

#include "metric/sets.h"

#define MFC_SINKHORN_EPSILON 0.01     /* the regularisation at the end, in units of the mean cost */
#define MFC_SINKHORN_ITERATIONS 100   /* with it; 20 with each of the larger ones before: 1, 1/4, 1/16, 1/64 */

/* *out = the cost, without its entropy, of the plan between clouds x and y, all points of a cloud weighing the same and both clouds 1, by plain or squared
 * Euclidean distances. Sinkhorn's matrix scaling, stabilised as by Schmitzer (2019). The plan takes from y what it should and from x nearly so: the cost
 * may be above or below the best one. Takes 4 n m bytes. */
int mfc_sinkhorn(const struct mfc_points *x, const struct mfc_points *y, bool squared, double *out, struct mfc_error *err);

#endif
