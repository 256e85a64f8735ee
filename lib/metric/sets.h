/* Metrics between two sets of clouds, from the distances of all pairs. */
#ifndef MFC_SETS_H
#define MFC_SETS_H

#include "error.h"
#include <stdbool.h>
#include <stddef.h>

struct mfc_neighbors;

/* A cloud to be compared: borrowed points and the tree over them, made by mfc_points_prepare. */
struct mfc_points {
	size_t n, dim;
	const float *x;                 /* (n, dim) */
	struct mfc_neighbors *tree;     /* or NULL, where no neighbours are wanted */
	const float *normals;           /* (n, dim) of unit length, or NULL */
};
int mfc_points_prepare(struct mfc_points *shape, size_t count, size_t threads, struct mfc_error *err);
void mfc_points_release(struct mfc_points *shape, size_t count);

/* How much work bounds have saved. */
struct mfc_pruning {
	size_t pairs;     /* of which the EMD was asked */
	size_t begun;     /* that bounds beforehand did not settle */
	size_t solved;    /* that were solved to the end, and not given up half-way */
};

/* Distances between all of `a` and all of `b`, (a_count, b_count) each; cd or emd may be NULL: not wanted. With b NULL: among
 * all of `a`, (a_count, a_count), symmetric, the diagonal 0, each pair computed once. Clouds may differ in n. The result does
 * not depend on threads. */
struct mfc_distances {
	const struct mfc_points *a, *b;
	size_t a_count, b_count;
	double *cd, *emd;
	bool squared;                   /* emd is of squared distances */
	double *gap;                    /* or NULL: as emd, how far above its certified lower bound each is */
	size_t threads;
	/* With b NULL and `reference` above 0: the first `reference` of a and the others are two sets, and only mfc_sets_metrics
	 * will be asked about emd. Then pairs whose lower bound shows that neither is the other's nearest, in any sense of these metrics, are
	 * infinitely far apart instead: most EMDs need not be computed, and the metrics are the same. */
	size_t reference;
	struct mfc_pruning *pruning;    /* out, or NULL */
	/* With blocks above 0: of the pairs, numbered row by row, only block, block + blocks, ... are measured; the others stay as they are. */
	size_t block, blocks;
	/* Called by one thread at a time, each may be NULL: when the distances of a and b, or of a and a, are there; and how many are. */
	void (*measured)(void *context, size_t i, size_t j);
	void (*progress)(void *context, size_t done, size_t total);
	void *context;
};
int mfc_sets_distances(const struct mfc_distances *d, struct mfc_error *err);

/* The set metrics from `distance` (r + g, r + g), symmetric: the r reference clouds first, then the g generated ones, as
 * the peers stack them. Sources: Achlioptas et al. 2018 (MMD, COV), Lopez-Paz and Oquab 2017 (1-NNA), PointFlow's evaluation.
 *   mmd    mean over reference clouds of the distance to the nearest generated one
 *   cov    share of reference clouds that are the nearest reference of some generated cloud
 *   nna    leave-one-out accuracy of the 1-nearest-neighbour classifier
 * Of clouds equally near the first in the stack is the nearest, as in torch.min and topk on the same stack: so a reference
 * cloud wins over a generated one. r ≥ 1, g ≥ 1. */
struct mfc_set_metrics { double mmd, cov, nna; };
int mfc_sets_metrics(size_t r, size_t g, const double *distance, struct mfc_set_metrics *out, struct mfc_error *err);
/* The cloud of `total` that is nearest to cloud i by this rule, i itself left out: its own verdict. SIZE_MAX where there is no other. */
size_t mfc_sets_nearest(size_t total, const double *distance, size_t i);

#endif
