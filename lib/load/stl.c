/* Stereolithography files, binary and ASCII. Corners are kept as they come: three vertices a triangle. */
#include "load/mesh.h"
#include "load/text.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#define HEAD 84     /* bytes before the first triangle of a binary file, the last four its number of triangles */
#define RECORD 50   /* normal, three corners, two bytes */

static uint32_t little32(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* Nine coordinates; false where one is not finite. */
static bool corners(const char *p, double *x)
{
	float sum = 0;
	for (int i = 0; i < 9; i++) {
		uint32_t bits = little32(p + 4 * i);
		float f;
		memcpy(&f, &bits, 4);
		x[i] = f;
		sum += f - f;   /* 0, or NaN */
	}
	return sum == 0;
}

static int read_binary(struct mfc_mesh *mesh, const char *data, size_t size, struct mfc_error *err)
{
	size_t count = little32(data + HEAD - 4);
	if (HEAD + RECORD * (uint64_t)count > size)
		return mfc_error_set(err, "byte %zu: ends after %zu of %zu triangles", size, (size - HEAD) / RECORD, count);
	if (mfc_mesh_more_vertices(mesh, 3 * count, err) || mfc_mesh_more_triangles(mesh, count, err))
		return -1;
	const char *p = data + HEAD + 12;   /* behind the normal */
	double *x = mesh->position;
	for (size_t i = 0; i < count; i++, p += RECORD, x += 9)
		if (!corners(p, x))
			return mfc_error_set(err, "byte %zu: a coordinate that is not finite", (size_t)(p - data));
	for (size_t i = 0; i < 3 * count; i++)
		mesh->triangle[i] = (uint32_t)i;
	mesh->vertices = 3 * count;
	mesh->triangles = count;
	return 0;
}

/* Whether a line begins with a word of lower case letters, in either case. */
static bool begins(const char *p, const char *word)
{
	size_t length = strlen(word);
	return (*p | 0x20) == *word && strncasecmp(p, word, length) == 0 && (unsigned char)p[length] <= ' ';
}

static int read_ascii(struct mfc_mesh *mesh, const char *data, size_t size, struct mfc_error *err)
{
	struct mfc_text t = mfc_text_begin(data, size);
	double corner[9];
	size_t have = 0;
	for (const char *p = data, *feed; p < t.end; p = feed ? feed + 1 : t.end) {
		p = mfc_text_over(p);
		if (begins(p, "vertex")) {
			if (have == 3)
				return mfc_error_set(err, "line %zu: a fourth vertex in a facet", mfc_text_line_of(&t, p));
			const char *start = p, *q = p + 6;
			for (size_t j = 0; j < 3; j++)
				if (!(q = mfc_text_number(mfc_text_over(q), t.end, &corner[3 * have + j])) || !isfinite(corner[3 * have + j]))
					return mfc_error_set(err, "line %zu: not three finite coordinates", mfc_text_line_of(&t, start));
			have++;
			p = q;
		} else if (begins(p, "endfacet")) {
			uint32_t v = (uint32_t)mesh->vertices;
			if (have != 3)
				return mfc_error_set(err, "line %zu: a facet of %zu vertices", mfc_text_line_of(&t, p), have);
			for (size_t i = 0; i < 3; i++)
				if (mfc_mesh_add_vertex(mesh, corner + 3 * i, err))
					return -1;
			if (mfc_mesh_add_triangle(mesh, v, v + 1, v + 2, err))
				return -1;
			have = 0;
		}
		feed = memchr(p, t.feed, (size_t)(t.end - p));
	}
	return have ? mfc_error_set(err, "line %zu: ends within a facet", mfc_text_line_of(&t, t.end)) : 0;
}

int mfc_stl_read(struct mfc_mesh *mesh, const char *data, size_t size, struct mfc_error *err)
{
	/* Binary files may begin with "solid" too: then their length gives them away, or a 0 among the first bytes, the last of which is the
	 * highest of the number of triangles. */
	bool solid = strncasecmp(data + strspn(data, " \t\r\n"), "solid", 5) == 0;
	bool binary = size >= HEAD && (HEAD + RECORD * (uint64_t)little32(data + HEAD - 4) == size || memchr(data, 0, HEAD));
	if (!solid && size < HEAD)
		return mfc_error_set(err, "byte %zu: too short for STL", size);
	if (solid && !binary ? read_ascii(mesh, data, size, err) : read_binary(mesh, data, size, err))
		return -1;
	return mfc_mesh_check(mesh, err);
}
