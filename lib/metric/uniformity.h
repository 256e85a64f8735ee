/* How evenly a cloud's points are spread over what they lie on: how many lie in equal discs all over it. The normalised uniformity coefficient of PU-Net
 * (Yu et al. 2018) for one cloud, but for two things that it takes from a mesh: its geodesic discs of a share p of the surface become balls that hold the
 * share p of the points on average, and its random places farthest points, which cover what the points lie on evenly, however dense they are. */
#ifndef MFC_UNIFORMITY_H
#define MFC_UNIFORMITY_H

#include "error.h"
#include <stddef.h>

#define MFC_UNIFORMITY_SHARES 2
extern const double mfc_uniformity_share[MFC_UNIFORMITY_SHARES];   /* 0.004, 0.012 */

/* out[s]: standard deviation over mean of the number of points in balls about D = min(max(N/8, 1), 256) of the points (n, d), finite. The places are
 * found one by one, each the farthest from those before, the first the farthest from the centroid, of equally far ones the first. The radius is the
 * least for which the balls hold p N D points together. 0: perfectly even; NAN where p N < 2, or where so many points coincide that the least is 0. */
int mfc_uniformity_measure(size_t n, size_t d, const float *points, size_t threads, double out[MFC_UNIFORMITY_SHARES], struct mfc_error *err);

#endif
