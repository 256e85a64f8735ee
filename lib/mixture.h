/* A known law to test against: a mixture of Gaussians in R^d, in a text file of words with blanks between. The first line names the columns:
 * "weight", d times "mean", and then "sd" (one number: isotropic) or d² times "covariance" (the matrix, row by row); each further line is a
 * component. Lines that begin with # and empty ones are skipped. Weights are positive, and divided by their sum. */
#ifndef MFC_MIXTURE_H
#define MFC_MIXTURE_H

#include "error.h"
#include "rng.h"

#define MFC_MIXTURE_MOST 256   /* coordinates */

struct mfc_mixture {
	size_t count, dim;
	double *weight;       /* (count), sums to 1 */
	double *mean;         /* (count, dim) */
	double *covariance;   /* (count, dim, dim), positive definite */
};

int mfc_mixture_read(struct mfc_mixture *mixture, const char *path, struct mfc_error *err);
/* The text itself, data[size] 0; `name` is what errors call it. */
int mfc_mixture_parse(struct mfc_mixture *mixture, const char *name, const char *data, size_t size, struct mfc_error *err);
void mfc_mixture_clear(struct mfc_mixture *mixture);

/* Its mean (dim) and covariance (dim, dim). */
void mfc_mixture_moments(const struct mfc_mixture *mixture, double *mean, double *covariance);
/* x (n, dim): independent draws for the cloud of this key; particle i does not depend on n. */
int mfc_mixture_draw(const struct mfc_mixture *mixture, uint64_t seed, uint64_t cloud, size_t n, float *x, struct mfc_error *err);

/* a (n, n) = L Lᵀ, symmetric and of which the lower half is read: L in its lower half. -1 where a is not positive definite. */
int mfc_cholesky(size_t n, double *a);

#endif
