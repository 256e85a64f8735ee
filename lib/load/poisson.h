/* Blue noise: points that keep apart from each other yet cover evenly, chosen from more of them by weighted sample elimination (Yuksel,
 * Eurographics 2015). */
#ifndef MFC_POISSON_H
#define MFC_POISSON_H

#include "error.h"
#include <stddef.h>

/* How many candidates there should be for each point that is kept: the paper's five. */
#define MFC_POISSON_CANDIDATES 5

/* Keep n of count ≥ n points x (count, dim), which are finite: kept (n) gets their indices, ascending. `area` is that of the surface they are
 * uniform on, or 0 where it is not known. Where it is not, or most of the surface lies within reach of another part of it, how far apart points
 * can be is estimated from how close they lie, as if on some surface. The point with the heaviest neighbours goes first, among equals the lower
 * index, so the same points give the same choice. Parts that cover each other share the points of one. Where some points crowd far more than most
 * the distance over which they see each other is cut, so that time stays within about count · log(count). */
int mfc_poisson_thin(size_t count, size_t dim, const float *x, size_t n, double area, size_t *kept, struct mfc_error *err);

#endif
