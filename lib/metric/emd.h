/* The Earth Mover's Distance of two clouds of equal size. */
#ifndef MFC_EMD_H
#define MFC_EMD_H

#include "metric/assign.h"

/* *out = (1/n) min over bijections φ of Σ |x_i - y_φ(i)|: the mean plain (not squared) Euclidean distance, of x and y (n,
 * dim), finite. Exact: the bijection is an optimum of the costs as float (2⁻²³ relative), and its own cost is summed in
 * double. work is kept between calls; each thread needs one, of 4 n² bytes. Where the EMD is certain to be above limit,
 * *out may be INFINITY instead, much sooner; limit INFINITY: never. */
int mfc_emd(struct mfc_assign *work, size_t n, size_t dim, const float *x, const float *y, double limit, double *out,
    struct mfc_error *err);

#endif
