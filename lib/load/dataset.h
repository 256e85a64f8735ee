/* The shapes of a data set: from archives, folders, files and mfc streams, filtered, one after another. */
#ifndef MFC_DATASET_H
#define MFC_DATASET_H

#include "load/mesh.h"
#include "load/split.h"
#include "load/walk.h"

struct mfc_shape {
	char *id, *label, *split;   /* never NULL; label and split may be "" */
	char *path;                 /* where it came from, for messages and listings */
	struct mfc_mesh mesh;       /* once decoded; a cloud of a stream has vertices only; its arrays are in extra */
	double *center, scale;      /* what an earlier normalisation took away; NULL and NAN when none */
	uint64_t size;              /* bytes of its file as claimed, or MFC_SIZE_UNKNOWN; of a cloud 0 */
	struct mfc_member member;   /* the file, once taken */
};
void mfc_shape_clear(struct mfc_shape *shape);
/* Bytes it holds, about. */
size_t mfc_shape_bytes(const struct mfc_shape *shape);

/* Which shapes are wanted. A pattern (fnmatch) is tried on id, label and the id's first and last part; no pattern: all. */
struct mfc_selection {
	const char **pattern; size_t patterns;
	const char *split;          /* "train", "val", "test" or NULL */
	const struct mfc_splits *splits;   /* what the caller's lists say, before all else, or NULL */
	double share[3];            /* of train, val and test among shapes whose path names no split, where there is no list */
	size_t limit;               /* at most so many, 0: all */
	size_t shard, shards;       /* of the wanted ones those whose number modulo shards is shard; shards 0: all */
	bool names_only;            /* shapes are listed, not decoded */
};

struct mfc_dataset;

/* Begin with the paths ("-": standard input, an archive or an mfc stream). All is borrowed until close. Where splits matter, lists of ShapeNet's
 * ("all.csv") in folders and zips are read at once, those in other archives when they are met. */
int mfc_dataset_open(struct mfc_dataset **dataset, const char *const *path, size_t paths, const struct mfc_selection *selection, size_t max_record,
    struct mfc_error *err);
void mfc_dataset_close(struct mfc_dataset *dataset);

enum mfc_dataset_event {
	MFC_DATASET_END,
	MFC_DATASET_SHAPE,     /* a wanted shape: all but its mesh, which take and decode fill (the cloud of a stream has it already) */
	MFC_DATASET_HEADER,    /* the header of a stream, before its clouds: ask mfc_dataset_header */
	MFC_DATASET_TROUBLE,   /* what err says cannot be read, and is passed over */
	MFC_DATASET_OTHER      /* a file that is no shape: err names it */
};
/* The next thing, in the order in which they lie there; or -1, where nothing more can be read. The shape is cleared first, and the caller's. */
int mfc_dataset_next(struct mfc_dataset *dataset, struct mfc_shape *shape, struct mfc_error *err);
const struct mfc_value *mfc_dataset_header(const struct mfc_dataset *dataset);
/* Get hold of the shape's file, before the next call of next. -1: it cannot be read; -2: nothing more can, or should: a bomb. */
int mfc_dataset_take(struct mfc_dataset *dataset, struct mfc_shape *shape, struct mfc_error *err);
/* Read the file and decode it; needs nothing of the data set: any thread, one fetcher each. -1 and -2 as take. */
int mfc_shape_decode(struct mfc_shape *shape, struct mfc_fetcher *fetcher, struct mfc_error *err);
/* Shapes met so far, wanted or not; *unlisted: of those whose split was asked for, and that the lists do not name. */
size_t mfc_dataset_seen(const struct mfc_dataset *dataset, size_t *unlisted);
/* Bytes of the paths that were gone over, and of how many in all (0 where not known). */
void mfc_dataset_progress(const struct mfc_dataset *dataset, double *done, double *total);

#endif
