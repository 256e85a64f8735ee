/* The exact score of a known law, in the place of a network: D(y, s) = E[x_0 | y] = y + s² ∇ log p_s(y), where p_s is the law with noise s.
 *
 * A mixture of Gaussians is a law of independent particles: p_s is the mixture with covariances C_c + s² I, and D the posterior's average over
 * the components of y - s² (C_c + s² I)^(-1) (y - μ_c).
 *
 * Shapes are a law of whole clouds (method.md §1): a shape k is drawn, each as likely as the others, and then independent particles from its
 * points. A particle of shape k has p_k(y) = mean_j N(y; x_kj, s² I), a cloud Σ_k Π_i p_k(y_i)/K. So D is the average of the shapes' own D_k under
 * the posterior over shapes given all particles, to which each brings its likelihood. */
#ifndef MFC_ORACLE_H
#define MFC_ORACLE_H

#include "diffusion/solver.h"
#include "cloud.h"
#include "mixture.h"

struct mfc_oracle;

/* The mixture is borrowed. */
int mfc_oracle_of_mixture(struct mfc_oracle **oracle, const struct mfc_mixture *mixture, struct mfc_error *err);
/* The clouds (count ≥ 1), all of one dimension, are borrowed. */
int mfc_oracle_of_shapes(struct mfc_oracle **oracle, size_t count, const struct mfc_cloud *shape, struct mfc_error *err);
void mfc_oracle_free(struct mfc_oracle *oracle);
size_t mfc_oracle_dim(const struct mfc_oracle *oracle);

/* The context of mfc_oracle_denoise, which is an mfc_denoise; s > 0. What it finds does not depend on the threads. Takes O(n) memory. A point of a
 * shape is left out of a sum where it weighs less than e^-42 of the nearest. */
struct mfc_oracle_use { const struct mfc_oracle *oracle; size_t threads; };
int mfc_oracle_denoise(void *use, size_t n, const float *y, double s, float *D, struct mfc_error *err);
/* log p_s of the whole cloud y (n, dim), particles in their order. */
int mfc_oracle_log_density(const struct mfc_oracle_use *use, size_t n, const float *y, double s, double *out, struct mfc_error *err);

#endif
