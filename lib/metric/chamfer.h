/* The Chamfer distance as the peers define it (conventions of PointFlow and DPM). */
#ifndef MFC_CHAMFER_H
#define MFC_CHAMFER_H

#include "neighbors.h"

/* CD(X, Y) = mean over X of the squared distance to the nearest point of Y + mean over Y of the squared distance to the
 * nearest of X: squared, summed, not halved. x (n, dim) and y (m, dim) with the trees over them; n and m may differ. */
double mfc_chamfer(size_t n, const float *x, const struct mfc_neighbors *x_tree, size_t m, const float *y,
    const struct mfc_neighbors *y_tree, size_t dim);

#endif
