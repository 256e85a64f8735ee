/* Points from shapes: on the surface of a mesh, or out of a point set. */
#ifndef MFC_SAMPLE_H
#define MFC_SAMPLE_H

#include "cloud.h"
#include "load/mesh.h"
#include "rng.h"

/* area: by surface for a mesh, a random subset for a point set; vertices: a random subset of the vertices; all: every vertex. */
enum mfc_sample { MFC_SAMPLE_AREA, MFC_SAMPLE_VERTICES, MFC_SAMPLE_ALL };

/* Fill cloud's x (and, where points are vertices, the arrays of extra) with n points of the mesh. The surface is sampled uniformly by area
 * (Osada et al. 2002). Too few vertices for n, or a surface without area, are errors. */
int mfc_sample(struct mfc_cloud *cloud, const struct mfc_mesh *mesh, enum mfc_sample how, size_t n, struct mfc_rng *rng, struct mfc_error *err);

#endif
