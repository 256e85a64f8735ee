/* Object File Format, as ModelNet has it: also with the counts on the first line, even without a blank ("OFF490 518 0"). */
#include "load/mesh.h"
#include "load/text.h"

#include <math.h>
#include <string.h>

#define MAX_CORNERS 4096

/* The next line that holds more than a comment. */
static bool next(struct mfc_text *t, const char **p)
{
	while (mfc_text_line(t)) {
		*p = mfc_text_blank(t, t->line);
		if (*p < t->stop && **p != '#')
			return true;
	}
	return false;
}

/* The counts of vertices and faces, behind the keyword or on the line after it. */
static int head(struct mfc_text *t, long long *vertices, long long *faces, struct mfc_error *err)
{
	const char *p;
	if (!next(t, &p))
		return mfc_error_set(err, "empty");
	while (p < t->stop && strchr("STCN4n", *p))   /* STOFF, COFF, NOFF: their extra numbers a vertex are passed over */
		p++;
	if (t->stop - p < 3 || memcmp(p, "OFF", 3) != 0)
		return mfc_error_set(err, "line %zu: does not begin with OFF", t->number);
	p += 3;
	const char *q = mfc_text_blank(t, p);
	if (t->stop - q >= 6 && memcmp(q, "BINARY", 6) == 0)
		return mfc_error_set(err, "line %zu: binary OFF is not read here", t->number);
	if ((q == t->stop || *q == '#') && !next(t, &p))
		return mfc_error_set(err, "line %zu: ends before the counts", t->number);
	if (!mfc_text_integer(t, &p, vertices) || !mfc_text_integer(t, &p, faces) || *vertices < 0 || *faces < 0)
		return mfc_error_set(err, "line %zu: not the counts of vertices and faces", t->number);
	return 0;
}

int mfc_off_read(struct mfc_mesh *mesh, const char *data, size_t size, struct mfc_error *err)
{
	struct mfc_text t = mfc_text_begin(data, size);
	long long vertices, faces, count, index;
	const char *p;
	if (head(&t, &vertices, &faces, err))
		return -1;
	for (long long i = 0; i < vertices; i++) {
		double x[3];
		if (!next(&t, &p))
			return mfc_error_set(err, "line %zu: ends after %lld of %lld vertices", t.number, i, vertices);
		for (int j = 0; j < 3; j++)
			if (!mfc_text_real(&t, &p, &x[j]) || !isfinite(x[j]))
				return mfc_error_set(err, "line %zu: not three finite coordinates", t.number);
		if (mfc_mesh_add_vertex(mesh, x, err))
			return -1;
	}
	for (long long i = 0; i < faces; i++) {
		uint32_t corner[MAX_CORNERS];
		if (!next(&t, &p))
			return mfc_error_set(err, "line %zu: ends after %lld of %lld faces", t.number, i, faces);
		if (!mfc_text_integer(&t, &p, &count) || count < 0 || count > MAX_CORNERS)
			return mfc_error_set(err, "line %zu: not a face of at most %d corners", t.number, MAX_CORNERS);
		for (long long j = 0; j < count; j++) {
			if (!mfc_text_integer(&t, &p, &index) || index < 0 || index >= vertices)
				return mfc_error_set(err, "line %zu: face index out of range (%lld vertices)", t.number, vertices);
			corner[j] = (uint32_t)index;
		}
		if (mfc_mesh_add_polygon(mesh, corner, (size_t)count, err))
			return -1;
	}
	return mfc_mesh_check(mesh, err);
}
