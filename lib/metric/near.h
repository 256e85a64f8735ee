/* What the nearest points of two clouds say beside the Chamfer distance. */
#ifndef MFC_NEAR_H
#define MFC_NEAR_H

#include "metric/sets.h"

/* Of clouds X and Y, symmetric in them; d(x, Y) is the distance from x to the nearest point of Y. */
struct mfc_near {
	/* The F-score at τ: the harmonic mean of the share of X with d(x, Y) < τ and the share of Y with d(y, X) < τ; 0 where both are 0. 1 is best
	 * (Knapitsch et al. 2017; Tatarchenko et al. 2019). */
	double fscore;
	/* The Hausdorff distance: the largest d(x, Y) or d(y, X), plain. */
	double hausdorff;
	/* Normal consistency: the mean over X of |n_x · n_y|, y the nearest point of Y, and the mean over Y likewise, averaged; 1 is best (Mescheder et al.
	 * 2019). NAN where a cloud has no normals. Of several nearest points the first counts. */
	double normals;
};

/* x and y with their trees; normals of unit length, see struct mfc_points. */
void mfc_near_measure(const struct mfc_points *x, const struct mfc_points *y, double tau, struct mfc_near *out);

#endif
