/* The correlation of two particles of one cloud, over clouds that are drawn alike: what falls as 1/N where chaos propagates (method.md §7). With
 * m_k the mean of cloud k, W the mean over clouds of the variance within (n - 1 below) and S² the variance of the m_k (K - 1 below),
 *
 *     E W = Var(x_1) - Cov(x_1, x_2),    E S² = Cov(x_1, x_2) + E W / n,
 *
 * so that S² - W/n is unbiased for the covariance and S² + (1 - 1/n) W for the variance; their ratio, each summed over the coordinates, is the
 * intraclass correlation of one-way analysis of variance (Fisher 1925; Shrout and Fleiss 1979, ICC(1)). Its standard error is that of the jackknife
 * over clouds (Efron 1981), which supposes nothing of the law. */
#ifndef MFC_CORRELATION_H
#define MFC_CORRELATION_H

#include "error.h"
#include <stddef.h>

struct mfc_correlation {
	size_t clouds, n, dim;
	double *mean;     /* (clouds, dim) */
	double *within;   /* (clouds): variances within, summed over the coordinates */
};

/* Take in a cloud x (n, dim); all must be alike, n ≥ 2. Begin with a zeroed struct. */
int mfc_correlation_add(struct mfc_correlation *c, size_t n, size_t dim, const float *x, struct mfc_error *err);
/* The correlation: NAN of fewer than 2 clouds or where all particles coincide, and its standard error, NAN of fewer than 3 or where
 * without one of the clouds all coincide. */
int mfc_correlation_estimate(const struct mfc_correlation *c, double *correlation, double *error, struct mfc_error *err);
void mfc_correlation_clear(struct mfc_correlation *c);

#endif
