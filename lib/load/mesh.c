#include "load/mesh.h"
#include "array.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void mfc_mesh_init(struct mfc_mesh *mesh)
{
	*mesh = (struct mfc_mesh){ .dim = 3, .extra = mfc_value_map() };
}

void mfc_mesh_clear(struct mfc_mesh *mesh)
{
	free(mesh->position);
	free(mesh->triangle);
	mfc_value_clear(&mesh->extra);
	mfc_mesh_init(mesh);
}

/* Room for one more of `row` bytes behind `count`; the capacity is the next power of two. */
static void *grown(void *array, size_t count, size_t row)
{
	size_t capacity = 64;
	if (count >= 64 && (count & (count - 1)) != 0)
		return array;
	if (count >= 64)
		capacity = 2 * count;
	else if (count > 0)
		return array;
	return capacity > SIZE_MAX / row ? NULL : realloc(array, capacity * row);
}

int mfc_mesh_add_vertex(struct mfc_mesh *mesh, const double *position, struct mfc_error *err)
{
	double *p = grown(mesh->position, mesh->vertices, mesh->dim * sizeof *p);
	if (!p || mesh->vertices >= UINT32_MAX)
		return mfc_error_memory(err);
	mesh->position = p;
	memcpy(p + mesh->vertices++ * mesh->dim, position, mesh->dim * sizeof *p);
	return 0;
}

int mfc_mesh_add_triangle(struct mfc_mesh *mesh, uint32_t a, uint32_t b, uint32_t c, struct mfc_error *err)
{
	uint32_t *t = grown(mesh->triangle, mesh->triangles, 3 * sizeof *t);
	if (!t)
		return mfc_error_memory(err);
	mesh->triangle = t;
	t += 3 * mesh->triangles++;
	t[0] = a;
	t[1] = b;
	t[2] = c;
	return 0;
}

int mfc_mesh_add_polygon(struct mfc_mesh *mesh, const uint32_t *vertex, size_t count, struct mfc_error *err)
{
	for (size_t i = 2; i < count; i++)
		if (mfc_mesh_add_triangle(mesh, vertex[0], vertex[i - 1], vertex[i], err))
			return -1;
	return 0;
}

int mfc_mesh_check(const struct mfc_mesh *mesh, struct mfc_error *err)
{
	if (mesh->vertices == 0)
		return mfc_error_set(err, "no vertices");
	for (size_t i = 0; i < mesh->vertices * mesh->dim; i++)
		if (!(fabs(mesh->position[i]) <= FLT_MAX))   /* clouds are of floats */
			return mfc_error_set(err, "vertex %zu is not finite in single precision", i / mesh->dim + 1);
	for (size_t i = 0; i < 3 * mesh->triangles; i++)
		if (mesh->triangle[i] >= mesh->vertices)
			return mfc_error_set(err, "face index %u out of range (%zu vertices)", mesh->triangle[i], mesh->vertices);
	return 0;
}

const char *mfc_mesh_extension(const char *name)
{
	const char *base = strrchr(name, '/'), *dot = strrchr(base ? base : name, '.');
	return dot ? dot + 1 : "";
}

mfc_mesh_reader *mfc_mesh_reader_for(const char *name)
{
	static const struct { const char *extension; mfc_mesh_reader *reader; } known[] = {
		{ "obj", mfc_obj_read }, { "off", mfc_off_read }, { "ply", mfc_ply_read }, { "stl", mfc_stl_read }, { "npy", mfc_npy_read },
		{ "xyz", mfc_table_read }, { "pts", mfc_table_read }, { "csv", mfc_table_read }, { "asc", mfc_table_read }
	};
	const char *extension = mfc_mesh_extension(name);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcasecmp(extension, known[i].extension) == 0)
			return known[i].reader;
	return NULL;
}
