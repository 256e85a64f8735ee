/* Stratified noise: Array-RQMC (L'Ecuyer, Lécot, Tuffin 2008, Operations Research 56(4)) with the particles along Hilbert's curve (Gerber, Chopin 2015,
 * arXiv 1402.4039).
 *
 * Every particle's noise is N(0, I), whatever the others' is, and so its law is that of independent noise. But neighbours have noise that is spread
 * evenly over that law, so that their measure falls short of it by less than chance would have it, and a field that looks at the measure has less chance
 * to follow. */
#ifndef MFC_STRATIFY_H
#define MFC_STRATIFY_H

#include "error.h"
#include "rng.h"

#define MFC_STRATIFY_DIM 8   /* coordinates at most */

/* y += scale · z, z normals, for y (n, dim): those of step `step` of the stream. The result does not depend on the threads. Memory: 16 bytes a particle,
 * while it runs. n is below 2^32. */
int mfc_stratify(const struct mfc_rng *rng, uint64_t step, size_t threads, size_t n, size_t dim, double scale, float *y, struct mfc_error *err);

/* The quantile of N(0, 1) at p in (0, 1), to 1e-6. */
double mfc_normal_quantile(double p);

#endif
