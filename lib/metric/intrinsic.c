#include "metric/intrinsic.h"
#include "neighbors.h"

#include <math.h>

int mfc_intrinsic_dimension(size_t n, size_t d, const float *points, double *dimension, struct mfc_error *err)
{
	struct mfc_neighbors *tree;
	double sum = 0;
	size_t used = 0;
	if (mfc_neighbors_build(&tree, n, d, points, err))
		return -1;
	const size_t *order = mfc_neighbors_leaves(tree);
	for (size_t i = 0; i < n; i++) {
		size_t index[3];
		double distance2[3];
		if (mfc_neighbors_nearest_k(tree, points + order[i] * d, 3, index, distance2) < 3 || !(distance2[1] > 0))
			continue;
		sum += 0.5 * log(distance2[2] / distance2[1]);
		used++;
	}
	mfc_neighbors_free(tree);
	if (used < 3 || !(sum > 0))
		return mfc_error_set(err, "%zu points with two neighbours apart from them: too few to tell a dimension by", used);
	*dimension = (double)(used - 1) / sum;
	return 0;
}
