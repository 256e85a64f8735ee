/* The optimal transport of two clouds of equal size by squared distances: the convention of PVD's evaluation. */
#ifndef MFC_EMD_SQUARED_H
#define MFC_EMD_SQUARED_H

#include "metric/assign.h"

/* *out = (1/n) min over bijections φ of Σ |x_i - y_φ(i)|², the squared 2-Wasserstein distance of x and y (n, dim), finite. Exact, and otherwise as
 * mfc_emd is: work is kept between calls; *out may be INFINITY where it is certain to be above limit. At least the square of mfc_emd (Jensen). */
int mfc_emd_squared(struct mfc_assign *work, size_t n, size_t dim, const float *x, const float *y, double limit, double *out,
    struct mfc_error *err);

#endif
