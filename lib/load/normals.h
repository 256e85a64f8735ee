/* Normals of triangle meshes: unit vectors on the side from which a triangle's corners run anticlockwise. Where there is no direction (no area, or
 * faces that cancel) the normal is (0, 0, 1), so that every one has length 1. */
#ifndef MFC_NORMALS_H
#define MFC_NORMALS_H

#include "load/mesh.h"

/* The cross product of two edges of the triangle whose corners are t (3): along its normal and twice its area long. Returns the area, which is
 * NaN or infinite where the coordinates are. */
double mfc_normals_cross(const struct mfc_mesh *mesh, const uint32_t *t, double cross[3]);
/* v as a unit vector. */
void mfc_normals_unit(const double v[3], float out[3]);
/* normal (count, 3), of the vertices that index (count, each once) names: the file's own ("normal" of extra, scaled to length 1) if it has one a
 * vertex, else the mean of the incident triangles' normals, weighted by area (Gouraud 1971; Max 1999). A point set whose file has none is an
 * error. */
int mfc_normals_vertices(const struct mfc_mesh *mesh, const size_t *index, size_t count, float *normal, struct mfc_error *err);
/* Set map["normal"] to a copy of normal (n, 3). */
int mfc_normals_put(struct mfc_value *map, size_t n, const float *normal, struct mfc_error *err);

#endif
