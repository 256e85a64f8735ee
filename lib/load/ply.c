/* PLY: ASCII and binary of both byte orders. Vertices with their normals and colours, faces as polygons, triangle strips; other elements are
 * passed over. */
#include "load/mesh.h"
#include "array.h"
#include "load/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ELEMENTS 32
#define MAX_PROPERTIES 128
#define MAX_CORNERS 4096

enum role { NONE, X, Y, Z, NX, NY, NZ, RED, GREEN, BLUE, CORNERS, ROLES };

struct type { char kind; size_t size; };   /* 'i'nteger, 'u'nsigned or 'f'loat */
struct property { struct type type, count; bool list; enum role role; };
struct element { char name[32]; unsigned long long count; size_t properties; struct property property[MAX_PROPERTIES]; };

/* A triangle strip as it comes: its last two corners. */
struct strip { uint32_t corner[2]; size_t count; };

struct ply {
	enum { ASCII, LITTLE, BIG } format;
	bool swap;                     /* a binary file of the other byte order */
	struct element element[MAX_ELEMENTS];
	size_t elements;
	unsigned long long vertices;   /* as the header claims */
	struct mfc_text text;          /* the header */
	const char *next;              /* what was not yet read of the body, which ends with the text */
	float *normal;                 /* (vertices, 3) or NULL */
	uint8_t *color;
	size_t room;                   /* rows of these two */
};

static bool named(const char *word, size_t length, const char *name)
{
	return strlen(name) == length && memcmp(word, name, length) == 0;
}

static bool parse_type(const char *word, size_t length, struct type *type)
{
	static const struct { const char *name; struct type type; } known[] = {
		{ "char", { 'i', 1 } }, { "int8", { 'i', 1 } }, { "uchar", { 'u', 1 } }, { "uint8", { 'u', 1 } }, { "short", { 'i', 2 } },
		{ "int16", { 'i', 2 } }, { "ushort", { 'u', 2 } }, { "uint16", { 'u', 2 } }, { "int", { 'i', 4 } }, { "int32", { 'i', 4 } },
		{ "uint", { 'u', 4 } }, { "uint32", { 'u', 4 } }, { "float", { 'f', 4 } }, { "float32", { 'f', 4 } }, { "double", { 'f', 8 } },
		{ "float64", { 'f', 8 } }
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (named(word, length, known[i].name)) {
			*type = known[i].type;
			return true;
		}
	return false;
}

static enum role role_of(const char *word, size_t length)
{
	static const struct { const char *name; enum role role; } known[] = {
		{ "x", X }, { "y", Y }, { "z", Z }, { "nx", NX }, { "ny", NY }, { "nz", NZ }, { "red", RED }, { "green", GREEN }, { "blue", BLUE },
		{ "vertex_indices", CORNERS }, { "vertex_index", CORNERS }
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (named(word, length, known[i].name))
			return known[i].role;
	return NONE;
}

static bool is_strip(const struct element *e)
{
	return strcmp(e->name, "tristrips") == 0;
}

static int parse_property(struct ply *p, const char *at, struct mfc_error *err)
{
	struct mfc_text *t = &p->text;
	struct element *e = p->elements ? &p->element[p->elements - 1] : NULL;
	if (!e || e->properties == MAX_PROPERTIES)
		return mfc_error_set(err, "line %zu: a property out of place, or more than %d", t->number, MAX_PROPERTIES);
	struct property *q = &e->property[e->properties++];
	*q = (struct property){ 0 };
	size_t length = mfc_text_word(t, &at);
	if (named(at, length, "list")) {
		q->list = true;
		at += length;
		length = mfc_text_word(t, &at);
		if (!parse_type(at, length, &q->count) || q->count.kind == 'f')
			return mfc_error_set(err, "line %zu: not an integer type: \"%.*s\"", t->number, (int)(length < 20 ? length : 20), at);
		at += length;
		length = mfc_text_word(t, &at);
	}
	if (!parse_type(at, length, &q->type))
		return mfc_error_set(err, "line %zu: not a type: \"%.*s\"", t->number, (int)(length < 20 ? length : 20), at);
	at += length;
	length = mfc_text_word(t, &at);
	enum role role = role_of(at, length);
	bool vertex = strcmp(e->name, "vertex") == 0, face = strcmp(e->name, "face") == 0 || is_strip(e);
	if ((vertex && !q->list && role != CORNERS) || (face && q->list && role == CORNERS))
		q->role = role;
	return 0;
}

static int parse_header(struct ply *p, struct mfc_error *err)
{
	struct mfc_text *t = &p->text;
	bool format = false;
	if (!mfc_text_line(t) || t->stop - t->line < 3 || memcmp(t->line, "ply", 3) != 0)
		return mfc_error_set(err, "line 1: does not begin with ply");
	while (mfc_text_line(t)) {
		const char *at = t->line;
		size_t length = mfc_text_word(t, &at);
		const char *rest = at + length;
		if (named(at, length, "end_header"))
			return format ? 0 : mfc_error_set(err, "line %zu: no format line before the end of the header", t->number);
		if (named(at, length, "format")) {
			length = mfc_text_word(t, &rest);
			format = true;
			if (named(rest, length, "ascii"))
				p->format = ASCII;
			else if (named(rest, length, "binary_little_endian"))
				p->format = LITTLE;
			else if (named(rest, length, "binary_big_endian"))
				p->format = BIG;
			else
				return mfc_error_set(err, "line %zu: format \"%.*s\" is unknown", t->number, (int)(length < 30 ? length : 30), rest);
		} else if (named(at, length, "element")) {
			long long count;
			length = mfc_text_word(t, &rest);
			if (p->elements == MAX_ELEMENTS || length >= sizeof p->element->name)
				return mfc_error_set(err, "line %zu: more than %d elements or too long a name", t->number, MAX_ELEMENTS);
			struct element *e = &p->element[p->elements++];
			memcpy(e->name, rest, length);
			rest += length;
			if (!mfc_text_integer(t, &rest, &count) || count < 0)
				return mfc_error_set(err, "line %zu: not a count", t->number);
			e->count = (unsigned long long)count;
			if (strcmp(e->name, "vertex") == 0 && e->count) {
				if (p->vertices)
					return mfc_error_set(err, "line %zu: a second element of vertices", t->number);
				p->vertices = e->count;
			}
		} else if (named(at, length, "property") && parse_property(p, rest, err)) {
			return -1;
		}
	}
	return mfc_error_set(err, "line %zu: ends within the header", t->number);
}

/* Where in the file the walk is, for a message. */
static int misplaced(const struct ply *p, struct mfc_error *err, const char *what)
{
	if (p->format == ASCII)
		return mfc_error_set(err, "line %zu: %s", mfc_text_line_of(&p->text, p->next), what);
	return mfc_error_set(err, "byte %zu: %s", (size_t)(p->next - p->text.data), what);
}

static int cut_short(struct ply *p, struct mfc_error *err)
{
	p->next = p->format == ASCII ? p->text.end - 1 : p->text.end;   /* the last line is not the empty one behind it */
	return misplaced(p, err, "ends within the data");
}

static inline double load(const char *at, struct type type, bool swap)
{
	uint64_t eight;
	uint32_t four;
	uint16_t two;
	double d;
	float f;
	switch (type.size) {
	case 1:
		return type.kind == 'i' ? (double)(int8_t)*at : (double)(uint8_t)*at;
	case 2:
		memcpy(&two, at, 2);
		two = swap ? __builtin_bswap16(two) : two;
		return type.kind == 'i' ? (double)(int16_t)two : (double)two;
	case 4:
		memcpy(&four, at, 4);
		four = swap ? __builtin_bswap32(four) : four;
		memcpy(&f, &four, 4);
		return type.kind == 'f' ? (double)f : type.kind == 'i' ? (double)(int32_t)four : (double)four;
	default:
		memcpy(&eight, at, 8);
		eight = swap ? __builtin_bswap64(eight) : eight;
		memcpy(&d, &eight, 8);
		return d;
	}
}

static int number(struct ply *p, struct type type, double *out, struct mfc_error *err)
{
	if (p->format != ASCII) {
		if ((size_t)(p->text.end - p->next) < type.size)
			return cut_short(p, err);
		*out = load(p->next, type, p->swap);
		p->next += type.size;
		return 0;
	}
	while (*p->next == ' ' || *p->next == '\n' || *p->next == '\t' || *p->next == '\r')
		p->next++;
	if (p->next >= p->text.end)
		return cut_short(p, err);
	const char *after = mfc_text_number(p->next, p->text.end, out);
	if (!after)
		return misplaced(p, err, "not a number");
	p->next = after;
	return 0;
}

static bool is_corner(const struct ply *p, double value)
{
	return value >= 0 && value < (double)p->vertices && value < UINT32_MAX && value == (uint32_t)value;
}

/* Pass over count numbers. */
static int pass(struct ply *p, struct type type, size_t count, struct mfc_error *err)
{
	double value;
	if (p->format != ASCII) {
		if (count > (size_t)(p->text.end - p->next) / type.size)
			return cut_short(p, err);
		p->next += count * type.size;
		return 0;
	}
	while (count-- > 0)
		if (number(p, type, &value, err))
			return -1;
	return 0;
}

static int read_polygon(struct ply *p, struct type type, size_t count, struct mfc_mesh *mesh, struct mfc_error *err)
{
	uint32_t corner[MAX_CORNERS];
	double value;
	if (count > MAX_CORNERS)
		return misplaced(p, err, "a list of a strange length");
	if (p->format != ASCII && count > (size_t)(p->text.end - p->next) / type.size)
		return cut_short(p, err);
	for (size_t i = 0; i < count; i++) {
		if (p->format == ASCII && number(p, type, &value, err))
			return -1;
		if (p->format != ASCII) {
			value = load(p->next, type, p->swap);
			p->next += type.size;
		}
		if (!is_corner(p, value))
			return misplaced(p, err, "face index out of range");
		corner[i] = (uint32_t)value;
	}
	return mfc_mesh_add_polygon(mesh, corner, count, err);
}

/* Every corner makes a triangle with the two before it, whose side alternates; -1 begins a new strip. Strips are joined by repeating
 * corners, which makes triangles without area: those are left out. */
static int read_strips(struct ply *p, struct type type, size_t count, struct mfc_mesh *mesh, struct mfc_error *err)
{
	struct strip s = { .count = 0 };
	double value;
	while (count-- > 0) {
		if (number(p, type, &value, err))
			return -1;
		if (value == -1) {
			s.count = 0;
			continue;
		}
		if (!is_corner(p, value))
			return misplaced(p, err, "strip index out of range");
		uint32_t a = s.corner[s.count % 2], b = s.corner[1 - s.count % 2], c = (uint32_t)value;
		if (s.count >= 2 && a != b && b != c && c != a &&
		    (s.count % 2 ? mfc_mesh_add_triangle(mesh, b, a, c, err) : mfc_mesh_add_triangle(mesh, a, b, c, err)))
			return -1;
		s.corner[s.count++ % 2] = c;
	}
	return 0;
}

static int read_list(struct ply *p, const struct element *e, const struct property *q, struct mfc_mesh *mesh, struct mfc_error *err)
{
	double count;
	if (number(p, q->count, &count, err))
		return -1;
	if (!(count >= 0 && count <= UINT32_MAX && count == (uint32_t)count))
		return misplaced(p, err, "a list of a strange length");
	if (q->role != CORNERS)
		return pass(p, q->type, (size_t)count, err);
	return is_strip(e) ? read_strips(p, q->type, (size_t)count, mesh, err) : read_polygon(p, q->type, (size_t)count, mesh, err);
}

static int keep_attributes(struct ply *p, size_t i, const double *value, bool normals, bool colors, struct mfc_error *err)
{
	if (i >= p->room) {
		size_t room = p->room ? 2 * p->room : 64;
		float *normal = normals ? realloc(p->normal, room * 3 * sizeof *normal) : NULL;
		if (normal)
			p->normal = normal;
		uint8_t *color = colors ? realloc(p->color, room * 3) : NULL;
		if (color)
			p->color = color;
		if ((normals && !normal) || (colors && !color))
			return mfc_error_memory(err);
		p->room = room;
	}
	for (size_t j = 0; j < 3; j++) {
		if (normals)
			p->normal[3 * i + j] = (float)value[NX + j];
		if (colors)
			p->color[3 * i + j] = value[RED + j] > 255 ? 255 : value[RED + j] > 0 ? (uint8_t)value[RED + j] : 0;
	}
	return 0;
}

/* The bytes of each of an element's rows in a binary file, or 0 when they differ or it is text. */
static size_t row_bytes(const struct ply *p, const struct element *e)
{
	size_t bytes = 0;
	for (size_t j = 0; j < e->properties; j++) {
		if (p->format == ASCII || e->property[j].list)
			return 0;
		bytes += e->property[j].type.size;
	}
	return bytes;
}

static int read_row(struct ply *p, const struct element *e, bool fixed, double *value, struct mfc_mesh *mesh, struct mfc_error *err)
{
	for (size_t j = 0; j < e->properties; j++) {
		const struct property *q = &e->property[j];
		if (fixed) {   /* its bytes are known to be there */
			if (q->role != NONE)
				value[q->role] = load(p->next, q->type, p->swap);
			p->next += q->type.size;
		} else if (q->list ? read_list(p, e, q, mesh, err) : number(p, q->type, &value[q->role], err)) {
			return -1;
		}
	}
	return 0;
}

static int read_vertices(struct ply *p, const struct element *e, size_t row, struct mfc_mesh *mesh, struct mfc_error *err)
{
	bool has[ROLES] = { false };
	for (size_t j = 0; j < e->properties; j++)
		has[e->property[j].role] = true;
	if (!(has[X] && has[Y] && has[Z]))
		return mfc_error_set(err, "the vertices have no x, y and z");
	bool normals = has[NX] && has[NY] && has[NZ], colors = has[RED] && has[GREEN] && has[BLUE];
	if (row && mfc_mesh_more_vertices(mesh, (size_t)e->count, err))
		return -1;
	for (unsigned long long i = 0; i < e->count; i++) {
		double value[ROLES];
		if (read_row(p, e, row > 0, value, mesh, err))
			return -1;
		if (!isfinite(value[X]) || !isfinite(value[Y]) || !isfinite(value[Z]))
			return misplaced(p, err, "a coordinate that is not finite");
		if (((normals || colors) && keep_attributes(p, mesh->vertices, value, normals, colors, err)) ||
		    mfc_mesh_add_vertex(mesh, &value[X], err))
			return -1;
	}
	return 0;
}

static int read_element(struct ply *p, const struct element *e, struct mfc_mesh *mesh, struct mfc_error *err)
{
	size_t row = row_bytes(p, e);
	if (row && e->count > (size_t)(p->text.end - p->next) / row)
		return cut_short(p, err);
	if (strcmp(e->name, "vertex") == 0)
		return read_vertices(p, e, row, mesh, err);
	if (row)
		p->next += row * (size_t)e->count;
	for (unsigned long long i = 0; !row && e->properties && i < e->count; i++) {
		double value[ROLES];
		if (read_row(p, e, false, value, mesh, err))
			return -1;
	}
	return 0;
}

static int keep(struct mfc_mesh *mesh, const char *name, const char *dtype, const void *data, struct mfc_error *err)
{
	struct mfc_value v;
	size_t shape[2] = { mesh->vertices, 3 };
	if (!data || mesh->vertices == 0)
		return 0;
	return mfc_array_make(&v, dtype, 2, shape, data, err) || mfc_value_put(&mesh->extra, name, v, err) ? -1 : 0;
}

int mfc_ply_read(struct mfc_mesh *mesh, const char *data, size_t size, struct mfc_error *err)
{
	struct ply *p = calloc(1, sizeof *p);
	if (!p)
		return mfc_error_memory(err);
	p->text = mfc_text_begin(data, size);
	int status = parse_header(p, err);
	p->next = p->text.next;
	p->swap = p->format == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? BIG : LITTLE);
	for (size_t i = 0; status == 0 && i < p->elements; i++)
		status = read_element(p, &p->element[i], mesh, err);
	if (status == 0)
		status = keep(mesh, "normal", "<f4", p->normal, err) || keep(mesh, "color", "|u1", p->color, err) ? -1 : 0;
	free(p->normal);
	free(p->color);
	free(p);
	return status ? -1 : mfc_mesh_check(mesh, err);
}
