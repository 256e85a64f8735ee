/* Object File Format, text and binary: [ST][C][N][4]OFF, whose numbers a vertex beyond the coordinates are passed over, and ModelNet's form with
 * the counts on the first line, even without a blank ("OFF490 518 0"). */
#include "load/mesh.h"
#include "load/text.h"

#include <math.h>
#include <string.h>

#define MAX_CORNERS 4096

struct head {
	long long vertices, faces;
	size_t numbers;   /* a vertex in a binary file */
	bool weighted;    /* 4OFF: the fourth divides the others */
	bool binary;
};

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

static bool prefix(struct mfc_text *t, const char **p, const char *word)
{
	size_t length = strlen(word);
	if ((size_t)(t->stop - *p) < length || memcmp(*p, word, length) != 0)
		return false;
	*p += length;
	return true;
}

/* The counts of vertices and faces are behind the keyword or on the line after it; those of a binary file are read with its body. */
static int parse_head(struct mfc_text *t, struct head *h, struct mfc_error *err)
{
	const char *p;
	if (!next(t, &p))
		return mfc_error_set(err, "empty");
	h->numbers = 3;
	for (size_t more = 1; more; h->numbers += more)   /* also out of order, as some write them */
		more = prefix(t, &p, "ST") ? 2 : prefix(t, &p, "C") ? 4 : prefix(t, &p, "N") ? 3 : 0;
	h->weighted = prefix(t, &p, "4");
	h->numbers += h->weighted;
	if (prefix(t, &p, "nOFF"))
		return mfc_error_set(err, "line %zu: OFF of any dimension (nOFF) is not read here", t->number);
	if (!prefix(t, &p, "OFF"))
		return mfc_error_set(err, "line %zu: does not begin with OFF", t->number);
	p = mfc_text_blank(t, p);
	h->binary = prefix(t, &p, "BINARY");
	if (h->binary)
		return 0;
	if ((p == t->stop || *p == '#') && !next(t, &p))
		return mfc_error_set(err, "line %zu: ends before the counts", t->number);
	if (!mfc_text_integer(t, &p, &h->vertices) || !mfc_text_integer(t, &p, &h->faces) || h->vertices < 0 || h->faces < 0)
		return mfc_error_set(err, "line %zu: not the counts of vertices and faces", t->number);
	return 0;
}

/* Divide by the fourth number where there is one; false when something is not finite then. */
static bool place(double x[4], bool weighted)
{
	for (int i = 0; weighted && i < 3; i++)
		x[i] /= x[3];
	return isfinite(x[0]) && isfinite(x[1]) && isfinite(x[2]);
}

static int text_vertices(struct mfc_mesh *mesh, struct mfc_text *t, const struct head *h, struct mfc_error *err)
{
	const char *p;
	for (long long i = 0; i < h->vertices; i++) {
		double x[4];
		bool good = true;
		if (!next(t, &p))
			return mfc_error_set(err, "line %zu: ends after %lld of %lld vertices", t->number, i, h->vertices);
		for (int j = 0; j < 3 + h->weighted; j++)
			good = good && mfc_text_real(t, &p, &x[j]);
		if (!good || !place(x, h->weighted))
			return mfc_error_set(err, "line %zu: not %s finite coordinates", t->number, h->weighted ? "four" : "three");
		if (mfc_mesh_add_vertex(mesh, x, err))
			return -1;
	}
	return 0;
}

static int text_faces(struct mfc_mesh *mesh, struct mfc_text *t, const struct head *h, struct mfc_error *err)
{
	uint32_t corner[MAX_CORNERS];
	const char *p;
	for (long long i = 0; i < h->faces; i++) {
		long long count, index;
		if (!next(t, &p))
			return mfc_error_set(err, "line %zu: ends after %lld of %lld faces", t->number, i, h->faces);
		if (!mfc_text_integer(t, &p, &count) || count < 0 || count > MAX_CORNERS)
			return mfc_error_set(err, "line %zu: not a face of at most %d corners", t->number, MAX_CORNERS);
		for (long long j = 0; j < count; j++) {
			if (!mfc_text_integer(t, &p, &index) || index < 0 || index >= h->vertices)
				return mfc_error_set(err, "line %zu: face index out of range (%lld vertices)", t->number, h->vertices);
			corner[j] = (uint32_t)index;
		}
		if (mfc_mesh_add_polygon(mesh, corner, (size_t)count, err))
			return -1;
	}
	return 0;
}

static uint32_t big32(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | (uint32_t)b[3];
}

static int binary_vertices(struct mfc_mesh *mesh, const struct mfc_text *t, const char *p, const struct head *h, struct mfc_error *err)
{
	if (mfc_mesh_more_vertices(mesh, (size_t)h->vertices, err))
		return -1;
	for (long long i = 0; i < h->vertices; i++, p += 4 * h->numbers) {
		double x[4];
		for (size_t j = 0; j < 3u + h->weighted; j++) {
			uint32_t bits = big32(p + 4 * j);
			float f;
			memcpy(&f, &bits, 4);
			x[j] = f;
		}
		if (!place(x, h->weighted))
			return mfc_error_set(err, "byte %zu: a coordinate that is not finite", (size_t)(p - t->data));
		if (mfc_mesh_add_vertex(mesh, x, err))
			return -1;
	}
	return 0;
}

/* A face is its corners' number, they, and a number of colours with these. */
static int binary_faces(struct mfc_mesh *mesh, const struct mfc_text *t, const char *p, const struct head *h, struct mfc_error *err)
{
	uint32_t corner[MAX_CORNERS];
	for (long long i = 0; i < h->faces; i++) {
		size_t left = (size_t)(t->end - p) / 4, count = left ? big32(p) : 0;
		if (left && count > MAX_CORNERS)
			return mfc_error_set(err, "byte %zu: not a face of at most %d corners", (size_t)(p - t->data), MAX_CORNERS);
		if (left < 2 + count || left - 2 - count < big32(p + 4 + 4 * count))
			return mfc_error_set(err, "byte %zu: ends after %lld of %lld faces", (size_t)(t->end - t->data), i, h->faces);
		p += 4;
		for (size_t j = 0; j < count; j++, p += 4)
			if ((corner[j] = big32(p)) >= mesh->vertices)
				return mfc_error_set(err, "byte %zu: face index out of range (%zu vertices)", (size_t)(p - t->data), mesh->vertices);
		p += 4 + 4 * (size_t)big32(p);
		if (mfc_mesh_add_polygon(mesh, corner, count, err))
			return -1;
	}
	return 0;
}

/* Big-endian behind the line of the keyword: the counts of vertices, faces and edges, then the numbers of each vertex as floats. */
static int read_binary(struct mfc_mesh *mesh, const struct mfc_text *t, struct head *h, struct mfc_error *err)
{
	const char *p = t->next + 12;
	if (t->end - t->next < 12)
		return mfc_error_set(err, "byte %zu: ends before the counts", (size_t)(t->end - t->data));
	h->vertices = big32(t->next);
	h->faces = big32(t->next + 4);
	size_t row = 4 * h->numbers, whole = (size_t)(t->end - p) / row;
	if ((unsigned long long)h->vertices > whole)
		return mfc_error_set(err, "byte %zu: ends after %zu of %lld vertices", (size_t)(t->end - t->data), whole, h->vertices);
	if (binary_vertices(mesh, t, p, h, err))
		return -1;
	return binary_faces(mesh, t, p + row * (size_t)h->vertices, h, err);
}

int mfc_off_read(struct mfc_mesh *mesh, const char *data, size_t size, struct mfc_error *err)
{
	struct mfc_text t = mfc_text_begin(data, size);
	struct head h = { 0 };
	if (parse_head(&t, &h, err))
		return -1;
	if (h.binary ? read_binary(mesh, &t, &h, err) : text_vertices(mesh, &t, &h, err) || text_faces(mesh, &t, &h, err))
		return -1;
	return mfc_mesh_check(mesh, err);
}
