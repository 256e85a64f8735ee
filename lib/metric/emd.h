/* The Earth Mover's Distance of two clouds, exactly, by plain or squared distances. */
#ifndef MFC_EMD_H
#define MFC_EMD_H

#include "error.h"
#include <stdbool.h>
#include <stddef.h>

/* The space to compute in, kept between calls; grows to about 1.2 kB a point. One thread at a time may use one. */
struct mfc_emd_work;
int mfc_emd_work_create(struct mfc_emd_work **work, struct mfc_error *err);
void mfc_emd_work_free(struct mfc_emd_work *work);

/* What was found, with its certificate: the EMD lies in [bound, emd]. */
struct mfc_emd_result {
	double emd;     /* the cost of a transport, summed in double; infinite where it was given up */
	double bound;   /* what no transport is cheaper than: a solution of the dual problem, made feasible by a search of its own */
};

/* The least cost of a transport of x (n, dim) to y (m, dim), finite, where all points of a cloud weigh the same and both clouds 1,
 * and cost is the Euclidean distance, or its square where `squared`: then it is the square of the 2-Wasserstein distance, what PVD's evaluation
 * calls EMD. With n = m it is (1/n) min over bijections φ of Σ |x_i - y_φ(i)|. Exact but for the rounding of double. Where the EMD is above limit it may be given up, much sooner, with a bound above limit; limit INFINITY:
 * never.
 *
 * Auction with ε-scaling (Bertsekas 1988) finds prices near the best; shortest augmenting paths (Ford and Fulkerson 1957; Jonker and
 * Volgenant 1987), of many free points at once, make an exact solution of what it leaves. Both search space for what a point may
 * want at these prices, and never look at most pairs. */
int mfc_emd(struct mfc_emd_work *work, size_t n, const float *x, size_t m, const float *y, size_t dim, bool squared, double limit,
    struct mfc_emd_result *out, struct mfc_error *err);

#endif
