/* Wavefront OBJ: v and f; everything else is passed over. */
#include "load/mesh.h"
#include "load/text.h"

#include <math.h>
#include <stdlib.h>

#define MAX_POLYGON 65536

static int vertex(struct mfc_mesh *mesh, const struct mfc_text *t, const char *p, struct mfc_error *err)
{
	double x[3];
	for (int i = 0; i < 3; i++) {
		if (!mfc_text_real(t, &p, &x[i])) {
			size_t length = mfc_text_word(t, &p);
			return mfc_error_set(err, "line %zu: not a coordinate: \"%.*s\"", t->number, (int)(length < 40 ? length : 40), p);
		}
		if (!isfinite(x[i]))
			return mfc_error_set(err, "line %zu: a coordinate that is not finite", t->number);
	}
	return mfc_mesh_add_vertex(mesh, x, err);
}

/* The corners of a face, "v", "v/t", "v//n" or "v/t/n" each; only v matters. Negative ones count back from the last vertex. */
static int face(struct mfc_mesh *mesh, const struct mfc_text *t, const char *p, uint32_t **corner, size_t *capacity, struct mfc_error *err)
{
	size_t count = 0, length;
	while ((length = mfc_text_word(t, &p)) > 0) {
		if (*p == '#')
			break;
		const char *q = p;
		long long v;
		if (*p == '\\' && length == 1) {   /* the line goes on below */
			struct mfc_text *rest = (struct mfc_text *)t;
			if (!mfc_text_line(rest))
				break;
			p = rest->line;
			continue;
		}
		if (!mfc_text_integer(t, &q, &v) || (q < p + length && *q != '/'))
			return mfc_error_set(err, "line %zu: not a face index: \"%.*s\"", t->number, (int)(length < 40 ? length : 40), p);
		if (v < 0)
			v += (long long)mesh->vertices + 1;
		if (v < 1 || (unsigned long long)v > UINT32_MAX)
			return mfc_error_set(err, "line %zu: face index %.*s out of range", t->number, (int)(length < 40 ? length : 40), p);
		if (count == *capacity) {
			size_t more = *capacity ? 2 * *capacity : 16;
			uint32_t *grown = more > MAX_POLYGON ? NULL : realloc(*corner, more * sizeof **corner);
			if (!grown)
				return mfc_error_set(err, "line %zu: a face of more than %d corners", t->number, MAX_POLYGON / 2);
			*corner = grown;
			*capacity = more;
		}
		(*corner)[count++] = (uint32_t)(v - 1);
		p += length;
	}
	return mfc_mesh_add_polygon(mesh, *corner, count, err);
}

int mfc_obj_read(struct mfc_mesh *mesh, const char *data, size_t size, struct mfc_error *err)
{
	struct mfc_text t = mfc_text_begin(data, size);
	uint32_t *corner = NULL;
	size_t capacity = 0, highest_line = 0, highest = 0;
	int status = 0;
	while (status == 0 && mfc_text_line(&t)) {
		const char *p = mfc_text_blank(&t, t.line);
		if (p + 1 >= t.stop || (p[1] != ' ' && p[1] != '\t'))
			continue;
		if (*p == 'v') {
			status = vertex(mesh, &t, p + 1, err);
		} else if (*p == 'f') {
			size_t before = mesh->triangles;
			status = face(mesh, &t, p + 1, &corner, &capacity, err);
			/* A face may precede its vertices; remember the line of the highest index for the message. */
			for (size_t i = 3 * before; status == 0 && i < 3 * mesh->triangles; i++)
				if (mesh->triangle[i] >= highest) {
					highest = mesh->triangle[i] + 1u;
					highest_line = t.number;
				}
		}
	}
	free(corner);
	if (status)
		return -1;
	if (mesh->vertices && highest > mesh->vertices)
		return mfc_error_set(err, "line %zu: face index %zu out of range (%zu vertices)", highest_line, highest, mesh->vertices);
	return mfc_mesh_check(mesh, err);
}
