/* The table of mfc-score loss. */
#ifndef MFC_SCORE_LOSS_H
#define MFC_SCORE_LOSS_H

#include "mfc-score.h"

/* A weighted mean and its standard error over clouds, that of a ratio of means where the weights are not all 1. */
struct loss_mean { double w, wx, ww, wwx, wwxx; size_t count; };

/* Sums over the clouds of a level. The bound and the entropy are integrals over ln s of what varies much with s: what is averaged is their
 * ratio to that of a denoiser and data that are Gaussian, which varies little. */
struct loss_level { size_t clouds, particles; struct loss_mean loss, bound, entropy; };

/* Of all levels; far: the clouds' relative entropy from the prior at the highest noise. */
struct loss_sums { struct loss_level level[MFC_MAX_LEVELS]; struct loss_mean far; };

/* A cloud of level k, whose loss and prior are set. */
void loss_take(struct loss_sums *sums, size_t k, const struct mfc_example *e, const struct mfc_denoiser *denoiser, size_t dim);
/* sd: the denoiser's. */
void loss_print(FILE *out, const struct loss_sums *sums, const struct mfc_levels *levels, double sd, size_t dim);

#endif
