/* Mean and covariance of a cloud: what is compared with a law whose moments are known. */
#ifndef MFC_MOMENTS_H
#define MFC_MOMENTS_H

#include <stddef.h>

/* Of x (n, d): mean (d), and covariance (d, d), divided by n, as that of the empirical measure. */
void mfc_moments(size_t n, size_t d, const float *x, double *mean, double *covariance);

#endif
