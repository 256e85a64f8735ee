/* PLY: ASCII and binary of both byte orders. Vertices with their normals and colours, faces as polygons; other elements are passed over. */
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

struct ply {
	enum { ASCII, LITTLE, BIG } format;
	struct element element[MAX_ELEMENTS];
	size_t elements;
	struct mfc_text text;          /* the header, and the body of an ASCII file; its position within the line is `at` */
	const char *at;
	const char *data, *next, *end; /* the body of a binary one */
	float *normal;                 /* (vertices, 3) or NULL */
	uint8_t *color;
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
	bool vertex = strcmp(e->name, "vertex") == 0, face = strcmp(e->name, "face") == 0;
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
		} else if (named(at, length, "property") && parse_property(p, rest, err)) {
			return -1;
		}
	}
	return mfc_error_set(err, "line %zu: ends within the header", t->number);
}

static int binary_number(struct ply *p, struct type type, double *out, struct mfc_error *err)
{
	unsigned char b[8];
	if ((size_t)(p->end - p->next) < type.size)
		return mfc_error_set(err, "byte %zu: ends within the data", (size_t)(p->end - p->data));
	for (size_t i = 0; i < type.size; i++)
		b[i] = (unsigned char)p->next[p->format == BIG ? type.size - 1 - i : i];
	p->next += type.size;
	uint64_t bits = 0;
	for (size_t i = type.size; i-- > 0;)
		bits = bits << 8 | b[i];
	float f;
	uint32_t low = (uint32_t)bits;
	if (type.kind == 'f' && type.size == 4) {
		memcpy(&f, &low, 4);
		*out = f;
	} else if (type.kind == 'f') {
		memcpy(out, &bits, 8);
	} else if (type.kind == 'i') {
		*out = (double)((int64_t)(bits << (64 - 8 * type.size)) >> (64 - 8 * type.size));
	} else {
		*out = (double)bits;
	}
	return 0;
}

static int number(struct ply *p, struct type type, double *out, struct mfc_error *err)
{
	if (p->format != ASCII)
		return binary_number(p, type, out, err);
	while (mfc_text_blank(&p->text, p->at) == p->text.stop) {
		if (!mfc_text_line(&p->text))
			return mfc_error_set(err, "line %zu: ends within the data", p->text.number);
		p->at = p->text.line;
	}
	if (!mfc_text_real(&p->text, &p->at, out))
		return mfc_error_set(err, "line %zu: not a number", p->text.number);
	return 0;
}

/* Where in the file the walk is, for a message. */
static int misplaced(struct ply *p, struct mfc_error *err, const char *what)
{
	if (p->format == ASCII)
		return mfc_error_set(err, "line %zu: %s", p->text.number, what);
	return mfc_error_set(err, "byte %zu: %s", (size_t)(p->next - p->data), what);
}

static int read_list(struct ply *p, const struct property *q, struct mfc_mesh *mesh, struct mfc_error *err)
{
	double count, value;
	uint32_t corner[MAX_CORNERS];
	if (number(p, q->count, &count, err))
		return -1;
	if (!(count >= 0 && count <= UINT32_MAX) || (q->role == CORNERS && count > MAX_CORNERS))
		return misplaced(p, err, "a list of a strange length");
	for (size_t i = 0; i < (size_t)count; i++) {
		if (number(p, q->type, &value, err))
			return -1;
		if (q->role == CORNERS) {
			if (!(value >= 0 && value < UINT32_MAX))
				return misplaced(p, err, "face index out of range");
			corner[i] = (uint32_t)value;
		}
	}
	return q->role == CORNERS ? mfc_mesh_add_polygon(mesh, corner, (size_t)count, err) : 0;
}

static int keep_attributes(struct ply *p, size_t i, const double *value, bool normals, bool colors, struct mfc_error *err)
{
	if ((i & (i - 1)) == 0) {   /* room doubles as vertices really come */
		size_t room = i ? 2 * i : 1;
		float *normal = normals ? realloc(p->normal, room * 3 * sizeof *normal) : NULL;
		if (normal)
			p->normal = normal;
		uint8_t *color = colors ? realloc(p->color, room * 3) : NULL;
		if (color)
			p->color = color;
		if ((normals && !normal) || (colors && !color))
			return mfc_error_memory(err);
	}
	for (size_t j = 0; j < 3; j++) {
		if (normals)
			p->normal[3 * i + j] = (float)value[NX + j];
		if (colors)
			p->color[3 * i + j] = value[RED + j] > 255 ? 255 : value[RED + j] > 0 ? (uint8_t)value[RED + j] : 0;
	}
	return 0;
}

static int read_element(struct ply *p, const struct element *e, struct mfc_mesh *mesh, struct mfc_error *err)
{
	bool vertex = strcmp(e->name, "vertex") == 0, has[ROLES] = { false };
	for (size_t j = 0; j < e->properties; j++)
		has[e->property[j].role] = true;
	if (vertex && !(has[X] && has[Y] && has[Z]))
		return mfc_error_set(err, "the vertices have no x, y and z");
	if (vertex && mesh->vertices)   /* the arrays would be of the last one alone */
		return misplaced(p, err, "a second element of vertices");
	bool normals = vertex && has[NX] && has[NY] && has[NZ], colors = vertex && has[RED] && has[GREEN] && has[BLUE];
	for (unsigned long long i = 0; i < e->count && e->properties; i++) {
		double value[ROLES] = { 0 };
		for (size_t j = 0; j < e->properties; j++) {
			const struct property *q = &e->property[j];
			if (q->list ? read_list(p, q, mesh, err) : number(p, q->type, &value[q->role], err))
				return -1;
		}
		if (!vertex)
			continue;
		if (!isfinite(value[X]) || !isfinite(value[Y]) || !isfinite(value[Z]))
			return misplaced(p, err, "a coordinate that is not finite");
		if (((normals || colors) && keep_attributes(p, mesh->vertices, value, normals, colors, err)) ||
		    mfc_mesh_add_vertex(mesh, &value[X], err))
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
	p->data = data;
	p->next = p->text.next;
	p->end = data + size;
	p->at = p->text.stop;
	for (size_t i = 0; status == 0 && i < p->elements; i++)
		status = read_element(p, &p->element[i], mesh, err);
	if (status == 0)
		status = keep(mesh, "normal", "<f4", p->normal, err) || keep(mesh, "color", "|u1", p->color, err) ? -1 : 0;
	free(p->normal);
	free(p->color);
	free(p);
	return status ? -1 : mfc_mesh_check(mesh, err);
}
