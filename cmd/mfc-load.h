/* The parts of mfc-load: options and the walk over the data set; and from a shape to a cloud of the stream. */
#ifndef MFC_LOAD_COMMAND_H
#define MFC_LOAD_COMMAND_H

#include "cli.h"
#include "load/dataset.h"
#include "load/sample.h"
#include "load/transform.h"

struct load {
	struct cli cli;
	struct mfc_selection selection;
	struct mfc_augment augment;
	enum mfc_sample sample;
	enum mfc_normalize normalize;
	size_t points, limit, epochs, cache;
	bool shuffle, list, strict, augments;
	const char *like;
	uint64_t seed;
	struct mfc_value header;        /* of the stream: that of the first input stream, or empty */
	size_t dim;                     /* of every cloud, 0 before the first */
	double *center, scale;          /* of set-std, once known */
	struct mfc_shape *shape;        /* kept in memory */
	size_t shapes, capacity, bytes;
	size_t loaded, broken;
	FILE *listing;                  /* of --list */
	bool started;                   /* the header is written */
};

/* Visitors of the data set (dataset.h), with struct load as context: the header of a stream, a broken member, and a shape to be listed, passed on or
 * kept. A shape of which no cloud can be made counts as broken. */
int load_keep_header(void *context, const struct mfc_value *header, struct mfc_error *err);
int load_broken(void *context, const struct mfc_error *why, struct mfc_error *err);
int load_list(void *context, struct mfc_shape *shape, struct mfc_error *err);
int load_pass(void *context, struct mfc_shape *shape, struct mfc_error *err);
int load_keep(void *context, struct mfc_shape *shape, struct mfc_error *err);
/* Write the shapes that were kept, epoch after epoch. */
void load_epochs(struct load *l);

/* Make the shape's cloud for an epoch: points, normalisation; not the augmentation. */
int load_cloud(struct load *l, const struct mfc_shape *shape, size_t epoch, struct mfc_cloud *cloud, struct mfc_error *err);
/* Augment the cloud and write it, behind the header when it is the first. */
int load_write(struct load *l, struct mfc_cloud *cloud, struct mfc_error *err);
/* center and scale of set-std, from the shapes kept or from --like. */
void load_statistics(struct load *l);
/* Another mfc stream on standard input while paths were given is a mistake: die. Waits so many milliseconds for it. */
void load_check_stdin(int wait);

#endif
