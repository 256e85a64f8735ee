/* A triangle mesh or, without triangles, a point set. What every mesh and point reader fills. */
#ifndef MFC_MESH_H
#define MFC_MESH_H

#include "value.h"
#include <stdint.h>

struct mfc_mesh {
	size_t vertices, dim;      /* dim is 3 where there are triangles */
	double *position;          /* (vertices, dim) */
	float *point;              /* (vertices, dim) instead: a point set that came in floats takes half the memory */
	size_t triangles;
	uint32_t *triangle;        /* (triangles, 3), each below `vertices` */
	struct mfc_value extra;    /* map: ARRAYs per vertex that the file held ("normal", "color", …), or an empty map */
	size_t vertex_room, triangle_room;   /* rows for which there is memory; 0 where another gave the array */
};

void mfc_mesh_init(struct mfc_mesh *mesh);
void mfc_mesh_clear(struct mfc_mesh *mesh);

/* Room for so many rows more. Ask only for what the bytes of a file really hold, or for little: the arrays grow by half. */
int mfc_mesh_more_vertices(struct mfc_mesh *mesh, size_t more, struct mfc_error *err);
int mfc_mesh_more_triangles(struct mfc_mesh *mesh, size_t more, struct mfc_error *err);

/* Append; amortised. */
static inline int mfc_mesh_add_vertex(struct mfc_mesh *mesh, const double *position, struct mfc_error *err)
{
	if (mesh->vertices >= mesh->vertex_room && mfc_mesh_more_vertices(mesh, 1, err))
		return -1;
	double *p = mesh->position + mesh->dim * mesh->vertices++;
	for (size_t i = 0; i < mesh->dim; i++)
		p[i] = position[i];
	return 0;
}

static inline int mfc_mesh_add_triangle(struct mfc_mesh *mesh, uint32_t a, uint32_t b, uint32_t c, struct mfc_error *err)
{
	if (mesh->triangles >= mesh->triangle_room && mfc_mesh_more_triangles(mesh, 1, err))
		return -1;
	uint32_t *t = mesh->triangle + 3 * mesh->triangles++;
	t[0] = a;
	t[1] = b;
	t[2] = c;
	return 0;
}

/* A polygon of count vertices as count - 2 triangles, cut as load/polygon.h says; a fan from its first where some of the vertices are yet
 * to come. Fewer than three are nothing. */
int mfc_mesh_add_polygon(struct mfc_mesh *mesh, const uint32_t *vertex, size_t count, struct mfc_error *err);

/* What every reader ends with: at least one vertex, all finite, all indices in range. Gives back the room that was not needed. */
int mfc_mesh_check(struct mfc_mesh *mesh, struct mfc_error *err);

/* Readers: the whole file in memory (data[size] must be 0), mesh as init leaves it. On failure the message names the line or byte and
 * the mesh is left for the caller to clear. A NaN or infinite coordinate, an index out of range and a file without
 * vertices are errors. */
int mfc_obj_read(struct mfc_mesh *mesh, const char *data, size_t size, struct mfc_error *err);
int mfc_off_read(struct mfc_mesh *mesh, const char *data, size_t size, struct mfc_error *err);
int mfc_ply_read(struct mfc_mesh *mesh, const char *data, size_t size, struct mfc_error *err);
int mfc_stl_read(struct mfc_mesh *mesh, const char *data, size_t size, struct mfc_error *err);
int mfc_npy_read(struct mfc_mesh *mesh, const char *data, size_t size, struct mfc_error *err);   /* (N, d), any number type */
int mfc_table_read(struct mfc_mesh *mesh, const char *data, size_t size, struct mfc_error *err); /* XYZ, PTS, CSV: numbers a line */

/* The reader for a member's name by its extension (and STL's by content), or NULL for a name that is no shape. */
typedef int mfc_mesh_reader(struct mfc_mesh *, const char *, size_t, struct mfc_error *);
mfc_mesh_reader *mfc_mesh_reader_for(const char *name);
/* What follows the last dot of a name's last part, or "". */
const char *mfc_mesh_extension(const char *name);

#endif
