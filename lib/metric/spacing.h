/* How evenly a cloud's points lie: what branching spoils first (method.md §7.5). Copies that nothing parted show as near-duplicates, blotches of
 * density as variation of the distances to the 8th and the 64th neighbour, a thick surface as a larger distance to the nearest. None of
 * these has a right value by itself: independent samples of real shapes, of as many points, say what it should be. */
#ifndef MFC_SPACING_H
#define MFC_SPACING_H

#include "error.h"
#include <stddef.h>

#define MFC_SPACING_RANKS 3
extern const size_t mfc_spacing_rank[MFC_SPACING_RANKS];   /* 1, 8, 64 */

struct mfc_spacing {
	double nearest;                        /* mean distance to the nearest other point */
	double duplicates;                     /* share of the points whose nearest is within a tenth of the median of these distances */
	double variation[MFC_SPACING_RANKS];   /* standard deviation over mean of the distance to the k-th neighbour; NAN where N ≤ k */
};

/* points (n, d), finite, n ≥ 2. */
int mfc_spacing_measure(size_t n, size_t d, const float *points, size_t threads, struct mfc_spacing *out, struct mfc_error *err);

#endif
