/* NumPy files that hold many clouds, and NumPy files made of one. */
#ifndef MFC_NPY_H
#define MFC_NPY_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>

/* Numbers a point in an array of many clouds: an array with more is something else, such as a volume. */
#define MFC_NPY_WIDTH 16

/* Whether a file in memory is an array (M, N, d) of M clouds, in C order, of numbers, whole, none of the three 0 and d at most MFC_NPY_WIDTH;
 * M in *count. Looks at the header alone. */
bool mfc_npy_many(const char *data, size_t size, size_t *count);
/* Whether a file that begins so claims to be one: the header is enough. */
bool mfc_npy_stacked(const char *head, size_t size);
/* Cloud i of such a file, i < M, as a file (N, d) of its own with dtype <f4; the caller frees *npy, and (*npy)[*bytes] is 0. */
int mfc_npy_row(const char *data, size_t size, size_t i, char **npy, size_t *bytes, struct mfc_error *err);

/* A file (n, d) of dtype <f4 whose numbers the caller fills in at *numbers, which is aligned; NULL without memory. It is followed by a 0 that *bytes
 * does not count. */
char *mfc_npy_make(size_t n, size_t d, size_t *bytes, float **numbers);

#endif
