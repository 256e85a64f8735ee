/* Standard errors of the set metrics by the bootstrap over clouds (Efron 1979): how far a figure would move if other clouds had been drawn.
 *
 * Replicate b draws r of the r reference clouds and g of the g generated ones with replacement, so that cloud i is there w_i times, and computes the
 * figure of what was drawn; the standard error is the standard deviation (over replicates - 1) of the replicates. Copies of a cloud are one cloud that
 * weighs w_i: it is never its own copy's neighbour, and covered with all its copies or not at all. The draws depend on (seed, b, side) alone: neither on
 * threads nor on the metric. */
#ifndef MFC_BOOTSTRAP_H
#define MFC_BOOTSTRAP_H

#include "metric/jsd.h"
#include "metric/sets.h"

/* Of mmd, cov and nna, as mfc_sets_metrics defines them, from the distance (r + g, r + g) of all pairs, none left out. replicates ≥ 2. Holds
 * 4 (r + g)² bytes. */
int mfc_bootstrap_sets(size_t r, size_t g, const double *distance, size_t replicates, uint64_t seed, size_t threads,
    struct mfc_set_metrics *error, struct mfc_error *err);

/* Of the JSD of the clouds in the stack (r + g), reference first, counted in the grid's cells after scaling. */
int mfc_bootstrap_jsd(const struct mfc_jsd *grid, size_t r, size_t g, const struct mfc_points *stack, double scale, size_t replicates, uint64_t seed,
    size_t threads, double *error, struct mfc_error *err);

#endif
