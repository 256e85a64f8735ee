#include "load/mesh.h"
#include "load/polygon.h"

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
	free(mesh->point);
	free(mesh->triangle);
	mfc_value_clear(&mesh->extra);
	mfc_mesh_init(mesh);
}

/* The array with room for count + more rows of `row` bytes, at least half as many again as there were. */
static int grow(void **array, size_t *room, size_t count, size_t more, size_t row, struct mfc_error *err)
{
	size_t want, bytes;
	if (__builtin_add_overflow(count, more, &want))
		return mfc_error_memory(err);
	if (want <= *room)
		return 0;
	size_t half = count + count / 2;
	want = want < 64 ? 64 : want < half ? half : want;
	void *grown = __builtin_mul_overflow(want, row, &bytes) ? NULL : realloc(*array, bytes);
	if (!grown)
		return mfc_error_memory(err);
	*array = grown;
	*room = want;
	return 0;
}

int mfc_mesh_more_vertices(struct mfc_mesh *mesh, size_t more, struct mfc_error *err)
{
	void *p = mesh->position;
	if (more > UINT32_MAX || mesh->vertices > UINT32_MAX - more)
		return mfc_error_set(err, "more than %u vertices", UINT32_MAX);
	int status = grow(&p, &mesh->vertex_room, mesh->vertices, more, mesh->dim * sizeof *mesh->position, err);
	mesh->position = p;
	return status;
}

int mfc_mesh_more_triangles(struct mfc_mesh *mesh, size_t more, struct mfc_error *err)
{
	void *t = mesh->triangle;
	int status = grow(&t, &mesh->triangle_room, mesh->triangles, more, 3 * sizeof *mesh->triangle, err);
	mesh->triangle = t;
	return status;
}

int mfc_mesh_add_polygon(struct mfc_mesh *mesh, const uint32_t *vertex, size_t count, struct mfc_error *err)
{
	if (count < 3)
		return 0;
	if (count == 3)
		return mfc_mesh_add_triangle(mesh, vertex[0], vertex[1], vertex[2], err);
	if (mfc_mesh_more_triangles(mesh, count - 2, err))
		return -1;
	bool known = mesh->dim == 3;
	for (size_t i = 0; i < count; i++)
		known &= vertex[i] < mesh->vertices;
	mfc_polygon_cut(known ? mesh->position : NULL, vertex, count, mesh->triangle + 3 * mesh->triangles);
	mesh->triangles += count - 2;
	return 0;
}

/* The array without its spare rows; the old one where that fails. */
static void *trimmed(void *array, size_t *room, size_t count, size_t row)
{
	void *less = count && count < *room ? realloc(array, count * row) : NULL;
	if (less)
		*room = count;
	return less ? less : array;
}

static bool bounded(double x)
{
	return fabs(x) <= FLT_MAX;   /* clouds are of floats */
}

/* The first number that no float holds, or count. Four at once as long as all are well. */
static size_t first_unbounded(const double *x, size_t count)
{
	size_t i = 0;
	while (i + 4 <= count && bounded(x[i]) + bounded(x[i + 1]) + bounded(x[i + 2]) + bounded(x[i + 3]) == 4)
		i += 4;
	while (i < count && bounded(x[i]))
		i++;
	return i;
}

int mfc_mesh_check(struct mfc_mesh *mesh, struct mfc_error *err)
{
	size_t numbers = mesh->vertices * mesh->dim, unbounded = first_unbounded(mesh->position, numbers);
	uint32_t highest = 0;
	if (mesh->vertices == 0)
		return mfc_error_set(err, "no vertices");
	if (unbounded < numbers)
		return mfc_error_set(err, "vertex %zu is not finite in single precision", unbounded / mesh->dim + 1);
	for (size_t i = 0; i < 3 * mesh->triangles; i++)
		highest = mesh->triangle[i] > highest ? mesh->triangle[i] : highest;
	if (mesh->triangles && highest >= mesh->vertices)
		return mfc_error_set(err, "face index %u out of range (%zu vertices)", highest, mesh->vertices);
	mesh->position = trimmed(mesh->position, &mesh->vertex_room, mesh->vertices, mesh->dim * sizeof *mesh->position);
	mesh->triangle = trimmed(mesh->triangle, &mesh->triangle_room, mesh->triangles, 3 * sizeof *mesh->triangle);
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
		{ "xyz", mfc_table_read }, { "pts", mfc_table_read }, { "csv", mfc_table_read }, { "asc", mfc_table_read }, { "txt", mfc_table_read }
	};
	const char *extension = mfc_mesh_extension(name);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcasecmp(extension, known[i].extension) == 0)
			return known[i].reader;
	return NULL;
}
