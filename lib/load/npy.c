/* NumPy arrays (N, d) or (N) as point sets, (M, N, d) as M of them. */
#include "load/npy.h"
#include "load/mesh.h"
#include "array.h"
#include "numpy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The value behind 'key': in the header's Python dictionary, or NULL. */
static const char *entry(const char *header, const char *key)
{
	char quoted[32];
	snprintf(quoted, sizeof quoted, "'%s'", key);
	const char *p = strstr(header, quoted);
	if (!p)
		return NULL;
	p += strlen(quoted);
	p += strspn(p, " :");
	return p;
}

#define MAX_HEADER 65536

/* The header's length and where it begins, by version 1, 2 or 3. */
static int locate(const char *data, size_t size, size_t *start, size_t *length, struct mfc_error *err)
{
	const unsigned char *b = (const unsigned char *)data;
	if (size < 12 || memcmp(data, "\x93NUMPY", 6) != 0)
		return mfc_error_set(err, "byte 0: not a NumPy array");
	if (b[6] == 1) {
		*start = 10;
		*length = b[8] | (size_t)b[9] << 8;
	} else if (b[6] == 2 || b[6] == 3) {
		*start = 12;
		*length = b[8] | (size_t)b[9] << 8 | (size_t)b[10] << 16 | (size_t)b[11] << 24;
	} else {
		return mfc_error_set(err, "byte 6: NumPy format version %d is unknown", b[6]);
	}
	if (*length > size - *start || *length > MAX_HEADER)
		return mfc_error_set(err, "byte %zu: ends within the header", size);
	return 0;
}

static int parse_dtype(const char *descr, struct mfc_array *a, struct mfc_error *err)
{
	if (*descr == '[')
		return mfc_error_set(err, "a structured dtype (columns with names) cannot be read here");
	if (*descr != '\'' && *descr != '"')
		return mfc_error_set(err, "the header is not a plain array's");
	size_t length = strcspn(descr + 1, "'\"");
	if (length == 2 && memcmp(descr + 1, "|O", 2) == 0)
		return mfc_error_set(err, "dtype '|O' cannot be read here: Python objects, no numbers");
	if (length != 3 || !strchr("<>|=", descr[1]) || !strchr("fiub", descr[2]) || !strchr("1248", descr[3]) ||
	    (descr[2] == 'f' && descr[3] == '1'))
		return mfc_error_set(err, "dtype '%.*s' cannot be read here", (int)(length < 20 ? length : 20), descr + 1);
	memcpy(a->dtype, descr + 1, 3);
	if (a->dtype[0] == '=')
		a->dtype[0] = '<';
	a->item = (size_t)(a->dtype[2] - '0');
	return 0;
}

static int parse_header(const char *text, struct mfc_array *a, bool *fortran, struct mfc_error *err)
{
	const char *descr = entry(text, "descr"), *order = entry(text, "fortran_order"), *shape = entry(text, "shape");
	if (!descr || !order || !shape || *shape != '(')
		return mfc_error_set(err, "the header is not a plain array's");
	if (parse_dtype(descr, a, err))
		return -1;
	*fortran = strncmp(order, "True", 4) == 0;
	a->count = 1;
	for (const char *p = shape + 1; *p && *p != ')';) {
		char *end;
		unsigned long long n = strtoull(p, &end, 10);
		if (end == p || a->dims == MFC_ARRAY_DIMS || __builtin_mul_overflow(a->count, (size_t)n, &a->count))
			return mfc_error_set(err, "the shape cannot be read");
		a->shape[a->dims++] = n;
		p = end + strspn(end, ", ");
	}
	return 0;
}

/* What the header says; the array's data is where the numbers should begin. */
static int read_header(const char *data, size_t size, struct mfc_array *a, bool *fortran, struct mfc_error *err)
{
	size_t start = 0, length = 0;
	*a = (struct mfc_array){ 0 };
	if (locate(data, size, &start, &length, err))
		return -1;
	char text[MAX_HEADER + 1];   /* not allocated: who only asks what it is could not tell want of memory from another file */
	memcpy(text, data + start, length);
	text[length] = 0;
	a->data = data + start + length;
	return parse_header(text, a, fortran, err);
}

/* A checked look at the numbers of a file in memory: all of them are there. */
static int view(const char *data, size_t size, struct mfc_array *a, bool *fortran, struct mfc_error *err)
{
	size_t bytes;
	if (read_header(data, size, a, fortran, err))
		return -1;
	if (__builtin_mul_overflow(a->count, a->item, &bytes) || bytes > size - (size_t)(a->data - data))
		return mfc_error_set(err, "byte %zu: ends within the numbers", size);
	return 0;
}

/* IEEE 754 binary16, which no type of C holds everywhere. */
static float half(const char *p, bool big)
{
	unsigned bits = (unsigned)(unsigned char)p[big] | (unsigned)(unsigned char)p[!big] << 8;
	unsigned exponent = bits >> 10 & 31, fraction = bits & 1023;
	float f = exponent == 31 ? (fraction ? NAN : INFINITY) : exponent ? ldexpf((float)(1024 + fraction), (int)exponent - 25) :
	    ldexpf((float)fraction, -24);
	return bits >> 15 ? -f : f;
}

static bool is_half(const struct mfc_array *a)
{
	return a->dtype[1] == 'f' && a->item == 2;
}

static int doubles(const struct mfc_array *a, size_t first, size_t count, double *out, struct mfc_error *err)
{
	if (!is_half(a))
		return mfc_array_doubles(a, first, count, out, err);
	for (size_t i = 0; i < count; i++)
		out[i] = half(a->data + 2 * (first + i), a->dtype[0] == '>');
	return 0;
}

static int floats(const struct mfc_array *a, size_t first, size_t count, float *out, struct mfc_error *err)
{
	if (!is_half(a))
		return mfc_array_floats(a, first, count, out, err);
	for (size_t i = 0; i < count; i++)
		out[i] = half(a->data + 2 * (first + i), a->dtype[0] == '>');
	return 0;
}

int mfc_npy_read(struct mfc_mesh *mesh, const char *data, size_t size, struct mfc_error *err)
{
	bool fortran = false;
	struct mfc_array a;
	if (view(data, size, &a, &fortran, err))
		return -1;
	if (a.dims < 1 || a.dims > 2 || a.count == 0)
		return mfc_error_set(err, "an array of %zu dimensions; (N, d) is needed, neither 0", a.dims);
	mesh->vertices = a.shape[0];
	mesh->dim = a.dims == 2 ? a.shape[1] : 1;
	if (a.count > SIZE_MAX / sizeof *mesh->position || !(mesh->position = malloc(a.count * sizeof *mesh->position)))
		return mfc_error_memory(err);
	if (!fortran && doubles(&a, 0, a.count, mesh->position, err))
		return -1;
	for (size_t i = 0; fortran && i < a.count; i++)
		if (doubles(&a, i % mesh->dim * mesh->vertices + i / mesh->dim, 1, &mesh->position[i], err))
			return -1;
	return mfc_mesh_check(mesh, err);
}

static bool are_many(const struct mfc_array *a, bool fortran)
{
	return a->dims == 3 && !fortran && a->count > 0 && a->shape[2] <= MFC_NPY_WIDTH;
}

static bool many(const char *data, size_t size, struct mfc_array *a)
{
	bool fortran = false;
	return view(data, size, a, &fortran, NULL) == 0 && are_many(a, fortran);
}

bool mfc_npy_stacked(const char *head, size_t size)
{
	bool fortran = false;
	struct mfc_array a;
	return read_header(head, size, &a, &fortran, NULL) == 0 && are_many(&a, fortran);
}

bool mfc_npy_many(const char *data, size_t size, size_t *count)
{
	struct mfc_array a;
	if (!many(data, size, &a))
		return false;
	*count = a.shape[0];
	return true;
}

char *mfc_npy_make(size_t n, size_t d, size_t *bytes, float **numbers)
{
	char header[MFC_NPY_HEADER];
	size_t shape[] = { n, d }, length = mfc_npy_header(header, "<f4", 2, shape), body;
	if (__builtin_mul_overflow(n, d, &body) || body > (SIZE_MAX - MFC_NPY_HEADER - 1) / sizeof **numbers)
		return NULL;
	*bytes = length + body * sizeof **numbers;
	char *npy = malloc(*bytes + 1);
	if (!npy)
		return NULL;
	memcpy(npy, header, length);
	npy[*bytes] = 0;
	*numbers = (float *)(void *)(npy + length);
	return npy;
}

int mfc_npy_row(const char *data, size_t size, size_t i, char **npy, size_t *bytes, struct mfc_error *err)
{
	struct mfc_array a;
	float *numbers;
	if (!many(data, size, &a) || i >= a.shape[0])
		return mfc_error_set(err, "not an array (M, N, d) with a cloud %zu", i);
	size_t count = a.shape[1] * a.shape[2];
	if (!(*npy = mfc_npy_make(a.shape[1], a.shape[2], bytes, &numbers)))
		return mfc_error_memory(err);
	if (floats(&a, i * count, count, numbers, err)) {
		free(*npy);
		*npy = NULL;
		return -1;
	}
	return 0;
}
