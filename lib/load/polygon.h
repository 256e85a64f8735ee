/* Polygons in space, cut into triangles. */
#ifndef MFC_POLYGON_H
#define MFC_POLYGON_H

#include <stddef.h>
#include <stdint.h>

#define MFC_POLYGON_CLIPPED 2048   /* corners; larger polygons become fans, for the work grows with the square */

/* Cut the polygon of count >= 3 corners, vertex[i] being a place in `position` (…, 3), into triangle (count - 2, 3) of the same places. A polygon
 * whose fan from the first corner covers it becomes that, as every convex one; others have their ears clipped, seen along the normal, and
 * keep its side, so that the areas of the triangles add up to that of the polygon. What crosses itself or has no area may come
 * out as the fan, as does everything when position is NULL. Nothing is allocated. */
void mfc_polygon_cut(const double *position, const uint32_t *vertex, size_t count, uint32_t *triangle);

#endif
