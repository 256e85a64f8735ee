#include "numpy.h"

#include <stdio.h>
#include <string.h>

size_t mfc_npy_header(char out[MFC_NPY_HEADER], const char *dtype, size_t dims, const size_t *shape)
{
	char text[MFC_NPY_HEADER];
	int n = snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (", dtype);
	for (size_t i = 0; i < dims; i++)
		n += snprintf(text + n, sizeof text - (size_t)n, "%zu%s", shape[i], i + 1 < dims ? ", " : dims == 1 ? "," : "");
	n += snprintf(text + n, sizeof text - (size_t)n, "), }");
	/* The numbers begin at a multiple of 64. */
	size_t length = (size_t)n + 11 <= 64 ? 64 : 128;
	memset(out, ' ', length);
	memcpy(out, "\x93NUMPY\1\0", 8);
	out[8] = (char)(length - 10);
	out[9] = 0;
	memcpy(out + 10, text, (size_t)n);
	out[length - 1] = '\n';
	return length;
}
