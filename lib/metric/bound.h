/* A lower bound of the EMD that costs a thousandth of it: projected on a line, the EMD is that of sorted numbers, and no projection makes
 * it longer. The greatest over several directions (max-sliced Wasserstein distance, Deshpande et al. 2019, over a fixed set). Of squared distances
 * likewise. */
#ifndef MFC_BOUND_H
#define MFC_BOUND_H

#include "error.h"
#include <stdbool.h>
#include <stddef.h>

#define MFC_BOUND_SLICES 24   /* directions: the axes first, then fixed random ones */

/* Sorted projections (MFC_BOUND_SLICES, n) of a cloud x (n, dim), for the caller to free; NULL when memory fails. */
double *mfc_bound_slices(size_t n, size_t dim, const float *x);
/* At most the EMD, by plain or squared distances, of the clouds of n and m points that a and b are the slices of, but for rounding of double. Their
 * centroids, or the square of that, lie no farther apart either. */
double mfc_bound_emd(size_t n, const double *a, size_t m, const double *b, size_t dim, bool squared);

#endif
