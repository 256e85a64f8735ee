/* Wavefront OBJ: v and f; everything else is passed over. One walk over the bytes, which the 0 behind them ends. */
#include "load/mesh.h"
#include "load/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CORNERS 32768

struct obj {
	struct mfc_mesh *mesh;
	struct mfc_text text;            /* for its ends */
	uint32_t *corner;                /* of the face at hand */
	size_t capacity;
	uint64_t highest;                /* index of any face, from 1: a face may precede its vertices */
	const char *highest_at;
};

static size_t line(const struct obj *o, const char *p)
{
	return mfc_text_line_of(&o->text, p);
}

/* Behind blanks, and behind a backslash that ends a line, which goes on below. */
static inline const char *over(const char *p)
{
	for (p = mfc_text_over(p); *p == '\\'; p = mfc_text_over(p)) {
		const char *feed = mfc_text_over(p + 1);
		if (*feed != '\n' && *feed != '\r' && *feed != 0)
			break;
		p = feed + (*feed == '\r' && feed[1] == '\n') + (*feed != 0);
	}
	return p;
}

/* As much of the word at p as goes into a message. */
static int shown(const struct obj *o, const char *p)
{
	int length = 0;
	while (length < 40 && p + length < o->text.end && (unsigned char)p[length] > ' ')
		length++;
	return length;
}

/* x, y and z; a weight or a colour behind them is left. */
static const char *vertex(struct obj *o, const char *p, struct mfc_error *err)
{
	double x[3];
	for (int i = 0; i < 3; i++) {
		const char *start = over(p);
		p = mfc_text_number(start, o->text.end, &x[i]);
		if (!p)
			return mfc_error_set(err, "line %zu: not a coordinate: \"%.*s\"", line(o, start), shown(o, start), start), NULL;
		if (!isfinite(x[i]))
			return mfc_error_set(err, "line %zu: a coordinate that is not finite", line(o, start)), NULL;
	}
	return mfc_mesh_add_vertex(o->mesh, x, err) ? NULL : p;
}

static int more_corners(struct obj *o, const char *p, struct mfc_error *err)
{
	size_t more = o->capacity ? 2 * o->capacity : 64;
	if (more > MAX_CORNERS)
		return mfc_error_set(err, "line %zu: a face of more than %d corners", line(o, p), MAX_CORNERS);
	uint32_t *grown = realloc(o->corner, more * sizeof *grown);
	if (!grown)
		return mfc_error_memory(err);
	o->corner = grown;
	o->capacity = more;
	return 0;
}

/* The corners of a face, "v", "v/t", "v//n" or "v/t/n" each; only v matters. Negative ones count back from the last vertex. */
static const char *face(struct obj *o, const char *p, struct mfc_error *err)
{
	const char *start = p;
	uint64_t highest = 0;
	size_t count = 0;
	for (;;) {
		uint64_t v;
		p = over(p);
		if (*p == '\n' || *p == '\r' || *p == '#' || p >= o->text.end)
			break;
		bool back = *p == '-';
		const char *word = p, *first = p + (back || *p == '+');
		p = mfc_text_digits(first, o->text.end, &v);
		if (p == first || ((unsigned char)*p > ' ' && *p != '/' && *p != '\\'))
			return mfc_error_set(err, "line %zu: not a face index: \"%.*s\"", line(o, word), shown(o, word), word), NULL;
		if (back)
			v = v <= o->mesh->vertices ? o->mesh->vertices + 1 - v : 0;   /* -0 comes out beyond the last, and is refused like it */
		if (v < 1 || v > UINT32_MAX || (back && v > o->mesh->vertices))
			return mfc_error_set(err, "line %zu: face index %.*s out of range", line(o, word), shown(o, word), word), NULL;
		if (count == o->capacity && more_corners(o, word, err))
			return NULL;
		o->corner[count++] = (uint32_t)(v - 1);
		highest = v > highest ? v : highest;
		if (*p == '/')
			p = mfc_text_past(p, o->text.end);
		p -= p[-1] == '\\';
	}
	if (count < 3)
		return p;
	if (highest > o->highest) {
		o->highest = highest;
		o->highest_at = start;
	}
	return mfc_mesh_add_polygon(o->mesh, o->corner, count, err) ? NULL : p;
}

static int read_lines(struct obj *o, struct mfc_error *err)
{
	const char *p = o->text.data, *end = o->text.end;
	if (end - p >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)   /* a mark of UTF-8 */
		p += 3;
	while (p < end) {
		p = mfc_text_over(p);
		if ((*p == 'v' || *p == 'f') && (p[1] == ' ' || p[1] == '\t')) {
			p = *p == 'v' ? vertex(o, p + 1, err) : face(o, p + 1, err);
			if (!p)
				return -1;
		}
		const char *feed = memchr(p, o->text.feed, (size_t)(end - p));
		p = feed ? feed + 1 : end;
	}
	return 0;
}

int mfc_obj_read(struct mfc_mesh *mesh, const char *data, size_t size, struct mfc_error *err)
{
	struct obj o = { .mesh = mesh, .text = mfc_text_begin(data, size) };
	int status = read_lines(&o, err);
	free(o.corner);
	if (status)
		return -1;
	if (mesh->vertices && o.highest > mesh->vertices)
		return mfc_error_set(err, "line %zu: face index %zu out of range (%zu vertices)", line(&o, o.highest_at), (size_t)o.highest, mesh->vertices);
	return mfc_mesh_check(mesh, err);
}
