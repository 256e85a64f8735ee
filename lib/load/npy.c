/* NumPy arrays (N, d) or (N) as point sets. */
#include "load/mesh.h"
#include "array.h"

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
	if (*length > size - *start || *length > 65536)
		return mfc_error_set(err, "byte %zu: ends within the header", size);
	return 0;
}

static int parse_header(const char *text, struct mfc_array *a, bool *fortran, struct mfc_error *err)
{
	const char *descr = entry(text, "descr"), *order = entry(text, "fortran_order"), *shape = entry(text, "shape");
	if (!descr || !order || !shape || *shape != '(' || (*descr != '\'' && *descr != '"'))
		return mfc_error_set(err, "the header is not a plain array's");
	size_t length = strcspn(descr + 1, "'\"");
	if (length != 3 || !strchr("<>|=", descr[1]) || !strchr("fiub", descr[2]) || !strchr("1248", descr[3]) ||
	    (descr[2] == 'f' && descr[3] < '4'))
		return mfc_error_set(err, "dtype '%.*s' cannot be read here", (int)(length < 20 ? length : 20), descr + 1);
	memcpy(a->dtype, descr + 1, 3);
	if (a->dtype[0] == '=')
		a->dtype[0] = '<';
	a->item = (size_t)(a->dtype[2] - '0');
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
	if (a->dims < 1 || a->dims > 2 || a->count == 0)
		return mfc_error_set(err, "an array of %zu dimensions; (N, d) is needed, neither 0", a->dims);
	return 0;
}

int mfc_npy_read(struct mfc_mesh *mesh, const char *data, size_t size, struct mfc_error *err)
{
	size_t start = 0, length = 0, bytes;
	bool fortran = false;
	struct mfc_array a = { 0 };
	if (locate(data, size, &start, &length, err))
		return -1;
	char *text = strndup(data + start, length);
	if (!text)
		return mfc_error_memory(err);
	int status = parse_header(text, &a, &fortran, err);
	free(text);
	if (status)
		return -1;
	if (__builtin_mul_overflow(a.count, a.item, &bytes) || bytes > size - start - length)
		return mfc_error_set(err, "byte %zu: ends within the numbers", size);
	a.data = data + start + length;
	mesh->vertices = a.shape[0];
	mesh->dim = a.dims == 2 ? a.shape[1] : 1;
	if (a.count > SIZE_MAX / sizeof *mesh->position || !(mesh->position = malloc(a.count * sizeof *mesh->position)))
		return mfc_error_memory(err);
	if (!fortran && mfc_array_doubles(&a, 0, a.count, mesh->position, err))
		return -1;
	for (size_t i = 0; fortran && i < a.count; i++)
		if (mfc_array_doubles(&a, i % mesh->dim * mesh->vertices + i / mesh->dim, 1, &mesh->position[i], err))
			return -1;
	return mfc_mesh_check(mesh, err);
}
