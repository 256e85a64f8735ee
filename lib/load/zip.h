/* Zip files on disk, read entry by entry in any order and fast: what most data sets are distributed as. Deflated and stored entries only, unpacked
 * in one go by libdeflate; for the rest there is load/archive. */
#ifndef MFC_ZIP_H
#define MFC_ZIP_H

#include "error.h"

#include <stddef.h>

struct mfc_zip;

/* Read the directory (zip64 too). -1: there is none that can be read here. */
int mfc_zip_open(struct mfc_zip **zip, const char *path, struct mfc_error *err);
void mfc_zip_close(struct mfc_zip *zip);

/* The bytes of entry `number`, counted in the order in which the entries lie in the file: *data, the caller's, with data[*size] == 0. 1: it is
 * not called `name`, or is packed in a way not read here: nothing is said of it. -1: it is damaged, by its checksum or otherwise; -3: a
 * decompression bomb. */
int mfc_zip_read(struct mfc_zip *zip, size_t number, const char *name, char **data, size_t *size, struct mfc_error *err);

#endif
