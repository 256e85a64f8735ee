#include "metric/chamfer.h"

double mfc_chamfer(const struct mfc_neighbors *x, const struct mfc_neighbors *y)
{
	return mfc_neighbors_mean2(x, y) + mfc_neighbors_mean2(y, x);
}
