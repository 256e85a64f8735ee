/* Stratified noise: Array-RQMC (L'Ecuyer, Lécot, Tuffin 2008, Operations Research 56(4)) with the particles along Hilbert's curve (Gerber, Chopin 2015,
 * arXiv 1402.4039).
 *
 * Given the cloud before the step, the noise of each particle taken alone is N(0, I). But the noise of those that are neighbours is spread evenly over
 * this law, so that their density is less uneven than chance would make it. A few of them, such as the first, are no more even than by chance. */
#ifndef MFC_STRATIFY_H
#define MFC_STRATIFY_H

#include "error.h"
#include "rng.h"

#define MFC_STRATIFY_DIM 8   /* coordinates at most */

/* y += scale · z, z normals, for y (n, dim): those of step `step` of the stream. The result does not depend on the threads. Memory: 16 bytes a particle,
 * while it runs. n is below 2^32. */
int mfc_stratify(const struct mfc_rng *rng, uint64_t step, size_t threads, size_t n, size_t dim, double scale, float *y, struct mfc_error *err);

#endif
