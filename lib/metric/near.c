#include "metric/near.h"

#include "neighbors.h"

#include <math.h>

/* From x to y: the share within tau, the farthest, and the mean agreement of normals. */
static struct mfc_near one_way(const struct mfc_points *x, const struct mfc_points *y, double tau)
{
	struct mfc_near sum = { 0 };
	bool normals = x->normals && y->normals;
	for (size_t i = 0; i < x->n; i++) {
		double distance2, product = 0;
		size_t at = 0;
		if (normals)
			at = mfc_neighbors_nearest(y->tree, x->x + i * x->dim, &distance2);
		else
			distance2 = mfc_neighbors_distance2(y->tree, x->x + i * x->dim);
		double distance = sqrt(distance2);
		sum.fscore += distance < tau;
		sum.hausdorff = fmax(sum.hausdorff, distance);
		for (size_t k = 0; normals && k < x->dim; k++)
			product += (double)x->normals[i * x->dim + k] * (double)y->normals[at * x->dim + k];
		sum.normals += fabs(product);
	}
	return (struct mfc_near){ sum.fscore / (double)x->n, sum.hausdorff, normals ? sum.normals / (double)x->n : NAN };
}

void mfc_near_measure(const struct mfc_points *x, const struct mfc_points *y, double tau, struct mfc_near *out)
{
	struct mfc_near a = one_way(x, y, tau), b = one_way(y, x, tau);
	double sum = a.fscore + b.fscore;
	out->fscore = sum > 0 ? 2 * a.fscore * b.fscore / sum : 0;
	out->hausdorff = fmax(a.hausdorff, b.hausdorff);
	out->normals = (a.normals + b.normals) / 2;
}
