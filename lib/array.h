/* ARRAY of mfc-stream(5): {"shape": [N, ...], "dtype": "<f4", "data": bin}, seen inside a struct mfc_value. */
#ifndef MFC_ARRAY_H
#define MFC_ARRAY_H

#include "value.h"

#define MFC_ARRAY_DIMS 8

/* A checked look at an ARRAY; data is borrowed from the value and may be unaligned. */
struct mfc_array {
	size_t dims;                   /* at least 1 */
	size_t shape[MFC_ARRAY_DIMS];
	char dtype[4];                 /* numpy's: order '<' '>' or '|', kind 'f' 'i' 'u' or 'b', bytes '1' '2' '4' '8' */
	size_t item;                   /* bytes of one number */
	size_t count;                  /* product of shape; count · item is the length of data */
	const char *data;
};

/* True when v is a well-formed ARRAY (shape against length of data checked without overflow). Sets *out. */
bool mfc_array_view(const struct mfc_value *v, struct mfc_array *out);
/* The same, saying in err what is malformed. */
int mfc_array_check(const struct mfc_value *v, struct mfc_array *out, struct mfc_error *err);
/* Convert count numbers of any dtype but f2, from the one at index first on, into out. -1 for a dtype it cannot read. */
int mfc_array_floats(const struct mfc_array *a, size_t first, size_t count, float *out, struct mfc_error *err);
int mfc_array_doubles(const struct mfc_array *a, size_t first, size_t count, double *out, struct mfc_error *err);
/* A new ARRAY value that copies data (count · item bytes, little-endian unless dtype says otherwise). */
int mfc_array_make(struct mfc_value *out, const char *dtype, size_t dims, const size_t *shape, const void *data,
    struct mfc_error *err);

#endif
