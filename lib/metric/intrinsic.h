/* The dimension of what a cloud's points lie on, seen at the distance of neighbours: 2 for points of a surface in space. */
#ifndef MFC_INTRINSIC_H
#define MFC_INTRINSIC_H

#include "error.h"
#include <stddef.h>

/* By the ratio of the distances to the second and to the first neighbour, μ, which has the law 1 - μ^-m whatever the density: the estimate of largest
 * likelihood without bias, (N - 1) / Σ ln μ, over the points whose first neighbour is not at the same place (Facco et al. 2017, TwoNN;
 * https://doi.org/10.1038/s41598-017-11873-y). points (n, d) finite. Fails where fewer than 3 points can be used, or for want of memory (err->scarce). */
int mfc_intrinsic_dimension(size_t n, size_t d, const float *points, double *dimension, struct mfc_error *err);

#endif
