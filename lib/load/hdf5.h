/* Files of many clouds in HDF5, seen as a sequence of NumPy files, so that nothing else needs to know HDF5. */
#ifndef MFC_HDF5_H
#define MFC_HDF5_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>

struct mfc_hdf5;

/* Open the file at path or, when data is not NULL, one in memory that path names (in messages and labels); data stays the caller's. A file without
 * clouds is an error. With names there are only names, and no numbers are read.
 *
 * Clouds are what every dataset of floats (half, single or double) of shape (M, N, d) or (N, d) holds, d at most 16, none of them 0; datasets are
 * taken in the order of their paths. Nothing but this file is ever read: soft and external links are passed by, and datasets whose numbers
 * lie in other files (external storage, virtual datasets) are errors when their turn comes. So is a dataset that claims to hold much
 * more than the file can, one of chunks beyond 1 GiB a cloud, and one that needs a filter that is not installed.
 *
 * libhdf5 breaks on some files made to break it, so it works in a process of its own (load/apart.h), which gets 64 MiB of memory beside 16 times
 * the file to list it, and beside the cloud and its chunks to read one: what it does not survive is an error. Needs /dev/fd. Safe to call from
 * several threads, each with a file of its own. */
int mfc_hdf5_open(struct mfc_hdf5 **file, const char *path, const char *data, size_t size, bool names, struct mfc_error *err);

/* The next cloud: 1 with its name in *member, borrowed until the next call, and *npy, *size a NumPy file (N, d) of dtype <f4 with npy[size] == 0, the
 * caller's to free, or NULL where there are only names; 0 at the end; -1 for what cannot be read: the rest of that dataset is passed over, and
 * the next call goes on behind it, if libhdf5 lives.
 *
 * Members are called after the dataset: "02691156/train/17.npy" for cloud 17 of an (M, N, d), "shapes/a.npy" for an (N, d). A dataset `data`
 * with an integer `label` (M) or (M, 1) beside it gives "label-K/STEM-17.npy", STEM being the file's name without its extension (and
 * "label-K/GROUP/STEM-17.npy" within a group); in a file of ModelNet40 (ply_data_train0.h5), the category's name and the split:
 * "airplane/train/ply_data_train0-17.npy". `normal`, `label`, `faceId` and `pid` beside a `data` belong to it and are no clouds. */
int mfc_hdf5_next(struct mfc_hdf5 *file, const char **member, char **npy, size_t *size, struct mfc_error *err);

/* NULL is allowed. */
void mfc_hdf5_close(struct mfc_hdf5 *file);

#endif
