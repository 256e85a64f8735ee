/* Clouds in the formats of other programs. */
#ifndef MFC_SAVE_H
#define MFC_SAVE_H

#include "cloud.h"
#include "numpy.h"

#include <stdio.h>

/* PLY with normals (key "normal", or "normals") and colours ("color", or "colour"), and the columns of "parents" as the properties
 * parent_0 and so on, where the cloud has them; NPY (N, d); XYZ and CSV a line a particle; OBJ
 * vertices, d = 1 to 3 filled up with 0 in PLY and OBJ, more refused there. */
enum mfc_format { MFC_PLY, MFC_PLY_ASCII, MFC_NPY, MFC_XYZ, MFC_OBJ, MFC_CSV };
/* By name or extension ("ply", "npy", "xyz", "obj", "csv"); false for another. */
bool mfc_format_named(const char *name, enum mfc_format *format);
const char *mfc_format_extension(enum mfc_format format);

/* The cloud as the bytes of a file; the caller frees *data. */
int mfc_save(const struct mfc_cloud *cloud, enum mfc_format format, char **data, size_t *size, struct mfc_error *err);

/* x becomes x · scale + center where the cloud has them, which are dropped then; -1 where that is not finite. */
int mfc_denormalize(struct mfc_cloud *cloud, struct mfc_error *err);

/* A file's name for an id that nobody vouches for: no part is empty, "." or "..", control characters, backslashes and leading dots become "_";
 * the caller frees it. NULL without memory. */
char *mfc_save_name(const char *id);

#endif
