/* A k-d tree over points of any dimension: nearest, k nearest, all within a radius. Distances are squared and in double;
 * among equal distances the lower index comes first, so that answers equal those of a search through all points in order. A
 * tree may be asked by several threads at once. */
#ifndef MFC_NEIGHBORS_H
#define MFC_NEIGHBORS_H

#include "error.h"
#include <stddef.h>
#include <stdint.h>

struct mfc_neighbors;

/* Build over points (n, dim), finite, n ≥ 1, which are copied: about 4 dim bytes a point and as much again for the boxes. */
int mfc_neighbors_build(struct mfc_neighbors **tree, size_t n, size_t dim, const float *points, struct mfc_error *err);
void mfc_neighbors_free(struct mfc_neighbors *tree);

/* Order points (n, dim): index (n) so that every `block` of them, counted from 0, are near one another, the leaves of a k-d tree of full
 * leaves. */
void mfc_neighbors_order(size_t n, size_t dim, const float *points, size_t block, size_t *index);

/* The points of the tree (n) in the order of its leaves, the tree's own: asked in this order, what a search finds in the caches is what it needs. */
const size_t *mfc_neighbors_leaves(const struct mfc_neighbors *tree);

/* The point nearest to q (dim); its squared distance in *distance2, which may be NULL. */
size_t mfc_neighbors_nearest(const struct mfc_neighbors *tree, const float *q, double *distance2);
/* Only the squared distance to the nearest: cheaper where many points coincide. */
double mfc_neighbors_distance2(const struct mfc_neighbors *tree, const float *q);
/* The mean over the points of `from` of the squared distance to the nearest of `tree`: what mfc_neighbors_distance2 finds for each, several at
 * a time. Both of the same dim. */
double mfc_neighbors_mean2(const struct mfc_neighbors *from, const struct mfc_neighbors *tree);
/* The k nearest, nearest first: index (k) and distance2 (k). Returns how many there are, min(k, n). */
size_t mfc_neighbors_nearest_k(const struct mfc_neighbors *tree, const float *q, size_t k, size_t *index, double *distance2);
/* Call visit for every point at most `radius` away, in no particular order. */
void mfc_neighbors_within(const struct mfc_neighbors *tree, const float *q, double radius,
    void (*visit)(void *context, size_t index, double distance2), void *context);

#endif
