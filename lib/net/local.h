/* The local term: what the crowd around a particle says of the score where it is, before anything is learnt.
 *
 * In a Gaussian window of width h about the particle, in units of the noise, the density p_σ of the noised cloud is taken for a Gaussian (local likelihood
 * density estimation: Hjort and Jones 1996, Loader 1996). With μ and Σ the mean and covariance of the offsets in the window, the estimate of the score is
 *
 *   g = Σ⁻¹ μ ≈ σ ∇ ln p_σ,
 *
 * exact where p_σ is Gaussian, so on a plane with noise, whatever h is. So D = y + σ g already is a denoiser at low noise (Tweedie). At an edge it is not
 * exact; there μ itself, the mean shift, points elsewhere than g, and a combination of the two is as good as a coefficient for each axis of Σ. The network is
 * told both, how many points they rest on and how these lie, in windows of several widths, and adds to its output a combination of all g and μ that it
 * chooses particle by particle. It depends on the others through their positions alone, so that particles can be taken a few at a time. */
#ifndef MFC_LOCAL_H
#define MFC_LOCAL_H

#include "net/crowd.h"

/* How far away, in u, a point still counts at noise level s. */
double mfc_local_reach(const struct mfc_score_config *config, double s);
#define MFC_LOCAL_VECTORS 2   /* of a window, d numbers each: g, and μ (1 + h²)/h², which is as large as g on a plane */
/* Numbers of a particle and a window: the vectors, and four that say how far to trust them; and of all windows, 0 without any. */
size_t mfc_local_part(const struct mfc_score_config *config);
size_t mfc_local_width(const struct mfc_score_config *config);
/* Of the particles u (rows, d) to out (rows, width) at noise level s; zeros where the crowd is empty or a particle is not finite
 * (or 2^20 cells from 0). */
void mfc_local_rows(const struct mfc_score_config *config, const struct mfc_crowd *crowd, double s, size_t rows, const real *u, real *out);

#endif
