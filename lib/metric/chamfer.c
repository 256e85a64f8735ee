#include "metric/chamfer.h"

static double one_way(size_t n, size_t dim, const float *x, const struct mfc_neighbors *tree)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += mfc_neighbors_distance2(tree, x + i * dim);
	return sum / (double)n;
}

double mfc_chamfer(size_t n, const float *x, const struct mfc_neighbors *x_tree, size_t m, const float *y,
    const struct mfc_neighbors *y_tree, size_t dim)
{
	return one_way(n, dim, x, y_tree) + one_way(m, dim, y, x_tree);
}
