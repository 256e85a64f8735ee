/* The Chamfer distance as the peers define it (conventions of PointFlow and DPM). */
#ifndef MFC_CHAMFER_H
#define MFC_CHAMFER_H

#include "neighbors.h"

/* CD(X, Y) = mean over X of the squared distance to the nearest point of Y + mean over Y of the squared distance to the
 * nearest of X: squared, summed, not halved. x and y are the trees over their points; the numbers of points may differ. */
double mfc_chamfer(const struct mfc_neighbors *x, const struct mfc_neighbors *y);

#endif
