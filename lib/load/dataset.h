/* The shapes of a data set: from archives, folders, files and mfc streams, filtered and decoded one after another. */
#ifndef MFC_DATASET_H
#define MFC_DATASET_H

#include "load/mesh.h"

struct mfc_shape {
	char *id, *label, *split;   /* never NULL; label and split may be "" */
	char *path;                 /* where it came from, for messages and listings */
	struct mfc_mesh mesh;       /* a cloud of a stream has vertices only; its arrays are in extra */
	double *center, scale;      /* what an earlier normalisation took away; NULL and NAN when none */
};
void mfc_shape_clear(struct mfc_shape *shape);
/* Bytes it holds, about. */
size_t mfc_shape_bytes(const struct mfc_shape *shape);

/* Which shapes are wanted. A pattern (fnmatch) is tried on id, label and the id's last part; no pattern: all. */
struct mfc_selection {
	const char **pattern; size_t patterns;
	const char *split;          /* "train", "val", "test" or NULL */
	size_t limit;               /* at most so many, 0: all */
	size_t shard, shards;       /* of the wanted ones those whose number modulo shards is shard; shards 0: all */
	bool names_only;            /* do not decode: mesh stays empty */
};

struct mfc_dataset_visitor {
	/* A shape, to be kept by taking what it holds and zeroing it. Non-zero stops. */
	int (*shape)(void *context, struct mfc_shape *shape, struct mfc_error *err);
	/* A member that could not be decoded: the message says which and why. Non-zero stops. */
	int (*broken)(void *context, const struct mfc_error *why, struct mfc_error *err);
	/* The header of a stream, before its clouds. */
	int (*header)(void *context, const struct mfc_value *header, struct mfc_error *err);
	void *context;
};

/* Visit the shapes of the paths ("-": standard input, an archive or an mfc stream) in the order in which they lie there. A ShapeNet split list ("all.csv") among
 * them is read first when a split is asked for. Returns 0, what a visitor returned, or -1. */
int mfc_dataset_visit(const char *const *path, size_t paths, const struct mfc_selection *selection, const struct mfc_dataset_visitor *visitor,
    size_t max_record, struct mfc_error *err);

#endif
