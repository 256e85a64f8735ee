/* Points from shapes: on the surface of a mesh, or out of a point set. */
#ifndef MFC_SAMPLE_H
#define MFC_SAMPLE_H

#include "cloud.h"
#include "load/mesh.h"
#include "rng.h"

/* area: uniform by surface (Osada et al. 2002) for a mesh, a random subset of a point set.
 * poisson: blue noise on the surface or out of the point set (load/poisson.h), chosen from five times as many points, as far as a point set
 * has them, drawn as area draws them.
 * vertices: a random subset of the vertices. all: every vertex, n is of no account. */
enum mfc_sample { MFC_SAMPLE_AREA, MFC_SAMPLE_POISSON, MFC_SAMPLE_VERTICES, MFC_SAMPLE_ALL };

/* Fill cloud's x and extra with n points of the mesh. Points on the surface are in random order, so that the first k of them are a random subset.
 * Where points are vertices, their arrays in the mesh's extra follow; of a mesh with triangles only vertices that a triangle has are taken. With
 * `normals` extra has "normal" (n, 3): of the triangle where points are on the surface, else of the vertex (load/normals.h).
 * Errors: fewer vertices than n, a surface without area (or one that overflows), coordinates too large for a float, normals of a point set
 * that has none. */
int mfc_sample(struct mfc_cloud *cloud, const struct mfc_mesh *mesh, enum mfc_sample how, size_t n, bool normals, struct mfc_rng *rng,
    struct mfc_error *err);

#endif
