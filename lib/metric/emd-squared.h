/* The optimal transport of two clouds of equal size by squared distances: what PVD's evaluation calls EMD. */
#ifndef MFC_EMD_SQUARED_H
#define MFC_EMD_SQUARED_H

#include "metric/sets.h"

/* *out = (1/n) min over bijections φ of Σ |x_i - y_φ(i)|², the squared 2-Wasserstein distance of the clouds x and y. Exact: the bijection is an
 * optimum of the costs as float (2⁻²³ relative), its own cost is summed in double. At least the square of mfc_emd (Jensen). Takes 4 n² bytes. Clouds
 * of unequal size are an error. */
int mfc_emd_squared(const struct mfc_points *x, const struct mfc_points *y, double *out, struct mfc_error *err);

#endif
