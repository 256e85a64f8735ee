/* The beginning of a NumPy file. */
#ifndef MFC_NUMPY_H
#define MFC_NUMPY_H

#include <stddef.h>

/* The header of an NPY file of numbers of this dtype ("<f4") and shape (dims numbers, at most 3), version 1.0; returns its length, a multiple of
 * 64. */
#define MFC_NPY_HEADER 128
size_t mfc_npy_header(char out[MFC_NPY_HEADER], const char *dtype, size_t dims, const size_t *shape);

#endif
