/* Files of many clouds in HDF5, read by libhdf5 in this process, which it may bring down: for hdf5.c, which begins another, and for tests. The only
 * user of libhdf5, which a build may do without: then opening fails and says so. Not for several threads at once. */
#ifndef MFC_HDF5_FILE_H
#define MFC_HDF5_FILE_H

#include "error.h"

#include <stddef.h>

struct mfc_hdf5_file;

/* As mfc_hdf5_open, mfc_hdf5_next and mfc_hdf5_close; what is not in memory is the file open as descriptor `in`, the caller's. With npy == NULL there
 * is only the name, and no numbers are read. */
int mfc_hdf5_file_open(struct mfc_hdf5_file **file, const char *path, int in, const char *data, size_t size, struct mfc_error *err);
int mfc_hdf5_file_next(struct mfc_hdf5_file *file, const char **member, char **npy, size_t *size, struct mfc_error *err);
void mfc_hdf5_file_close(struct mfc_hdf5_file *file);

#endif
