/* Stereolithography files, binary and ASCII. Corners are kept as they come: three vertices a triangle. */
#include "load/mesh.h"
#include "load/text.h"

#include <math.h>
#include <string.h>

static uint32_t little32(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static int add(struct mfc_mesh *mesh, const double corner[9], struct mfc_error *err)
{
	uint32_t v = (uint32_t)mesh->vertices;
	for (int i = 0; i < 3; i++)
		if (mfc_mesh_add_vertex(mesh, corner + 3 * i, err))
			return -1;
	return mfc_mesh_add_triangle(mesh, v, v + 1, v + 2, err);
}

static int read_binary(struct mfc_mesh *mesh, const char *data, size_t size, struct mfc_error *err)
{
	size_t count = little32(data + 80);
	if (84 + 50 * (uint64_t)count > size)
		return mfc_error_set(err, "byte %zu: ends after %zu of %zu triangles", size, (size - 84) / 50, count);
	for (size_t i = 0; i < count; i++) {
		const char *p = data + 84 + 50 * i + 12;   /* behind the normal */
		double corner[9];
		for (int j = 0; j < 9; j++) {
			uint32_t bits = little32(p + 4 * j);
			float f;
			memcpy(&f, &bits, 4);
			if (!isfinite(f))
				return mfc_error_set(err, "byte %zu: a coordinate that is not finite", (size_t)(p - data) + 4 * (size_t)j);
			corner[j] = f;
		}
		if (add(mesh, corner, err))
			return -1;
	}
	return 0;
}

static int read_ascii(struct mfc_mesh *mesh, const char *data, size_t size, struct mfc_error *err)
{
	struct mfc_text t = mfc_text_begin(data, size);
	double corner[9];
	size_t have = 0;
	while (mfc_text_line(&t)) {
		const char *p = t.line;
		size_t length = mfc_text_word(&t, &p);
		if (length == 6 && memcmp(p, "vertex", 6) == 0) {
			p += 6;
			if (have == 3)
				return mfc_error_set(err, "line %zu: a fourth vertex in a facet", t.number);
			for (size_t j = 0; j < 3; j++)
				if (!mfc_text_real(&t, &p, &corner[3 * have + j]) || !isfinite(corner[3 * have + j]))
					return mfc_error_set(err, "line %zu: not three finite coordinates", t.number);
			have++;
		} else if (length == 8 && memcmp(p, "endfacet", 8) == 0) {
			if (have != 3)
				return mfc_error_set(err, "line %zu: a facet of %zu vertices", t.number, have);
			if (add(mesh, corner, err))
				return -1;
			have = 0;
		}
	}
	return have ? mfc_error_set(err, "line %zu: ends within a facet", t.number) : 0;
}

int mfc_stl_read(struct mfc_mesh *mesh, const char *data, size_t size, struct mfc_error *err)
{
	/* Binary files may begin with "solid" too: then their length gives them away. */
	bool solid = size >= 5 && memcmp(data, "solid", 5) == 0;
	bool fits = size >= 84 && 84 + 50 * (uint64_t)little32(data + 80) == size;
	if (!solid && size < 84)
		return mfc_error_set(err, "byte %zu: too short for STL", size);
	if (solid && !fits ? read_ascii(mesh, data, size, err) : read_binary(mesh, data, size, err))
		return -1;
	return mfc_mesh_check(mesh, err);
}
