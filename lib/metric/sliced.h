/* An approximation of transport: the sliced Wasserstein distance (Rabin et al. 2011), scaled to the units of the distance that it stands for. */
#ifndef MFC_SLICED_H
#define MFC_SLICED_H

#include "metric/sets.h"

#define MFC_SLICED_DIRECTIONS 256   /* at least; whole orthonormal bases of them */

/* The sorted projections of a cloud onto the directions, which are the same for all clouds of its dimension; for the caller to free, NULL when memory
 * fails. */
float *mfc_sliced_project(const struct mfc_points *x);

/* The mean over the directions of the distance of the projections of clouds of n and m points in dim dimensions, over c: the optimal transport on a
 * line, by plain distances with c = E|u_1| over unit vectors u (1/2 in space), or by squared ones with c = 1/dim. So a translation's distance is
 * its length, and, but for the choice of directions, no distance is above that of the transport in space. */
double mfc_sliced_distance(size_t dim, size_t n, const float *a, size_t m, const float *b, bool squared);

#endif
