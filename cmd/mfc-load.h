/* The parts of mfc-load: options; the pass over the data set, which all threads share; from a shape to a cloud of the stream; epochs; and going on
 * after an interruption. */
#ifndef MFC_LOAD_COMMAND_H
#define MFC_LOAD_COMMAND_H

#include "cli.h"
#include "file.h"
#include "load/dataset.h"
#include "load/sample.h"
#include "load/transform.h"
#include "onehot.h"

struct load {
	struct cli cli;
	struct mfc_selection selection;
	struct mfc_augment augment;
	enum mfc_sample sample;
	enum mfc_normalize normalize;
	size_t points, limit, epochs, cache;
	bool shuffle, list, strict, augments, normals, centers;
	struct mfc_onehot onehot;       /* of --one-hot or of the header of --like; count 0: none */
	bool is_onehot;                 /* the stream that is read has it already */
	const char *like, *resume;
	struct mfc_dataset *dataset;
	struct mfc_fetcher *fetcher;    /* one a thread */
	uint64_t seed;
	struct mfc_value header;        /* of the stream: that of the first input stream, or empty */
	size_t dim;                     /* of every cloud, 0 before the first */
	struct mfc_writer *writer;      /* where the clouds go: the output, or what is still to be normalised */
	struct mfc_statistics statistics;
	double *center, scale;          /* of set-std, once known */
	bool warned;                    /* that a shape is in other units than --like */
	double *told, told_scale;       /* those of the header, for the raw coordinates */
	struct mfc_shape *shape;        /* kept in memory */
	size_t shapes, capacity, bytes;
	size_t loaded, broken, other;
	bool begun, started;            /* a shape or header was met; the output's header is written */
	char **done; size_t dones, next;/* the ids that an interrupted run wrote, and the next of them to be met */
};

/* Make the shape's cloud for an epoch: points, normalisation of the cloud by itself. Any thread. */
int load_cloud(const struct load *l, const struct mfc_shape *shape, size_t epoch, struct mfc_cloud *cloud, struct mfc_error *err);
/* Normalise by the set, augment and write the cloud, behind the header when it is the first. */
int load_write(struct load *l, struct mfc_cloud *cloud, struct mfc_error *err);
/* All clouds have the same coordinates. */
int load_check_dim(struct load *l, const struct mfc_cloud *cloud, struct mfc_error *err);
/* A stream's header: whether it has a one-hot, which must be that asked for. */
int load_onehot(struct load *l, const struct mfc_value *header, struct mfc_error *err);
/* center and scale of set-std, and the one-hot, from those of --like, or from the statistics that were gathered. */
void load_like(struct load *l);
void load_statistics(struct load *l);

/* Go over the data set once: list the shapes, or give each usable one to `give`, in order; the cloud is epoch 0's, and both may be
 * taken; without `keeps` the shape's mesh is gone by then. */
void load_list(struct load *l, FILE *listing);
void load_pass(struct load *l, bool keeps, int (*give)(struct load *l, struct mfc_shape *shape, struct mfc_cloud *cloud, struct mfc_error *err));

/* Write each cloud as it comes; those of set-std when all have come. */
void load_once(struct load *l);
/* Keep the shapes in memory and write them epoch after epoch. */
void load_epochs(struct load *l);

/* What --resume's file and an earlier run's part of it hold: true when nothing is left to do; else the part is open and l->writer set. */
bool load_resume(struct load *l);
/* Was the shape written before the interruption, in an earlier run? Shapes that were broken then are not among the ids, and passed over on the way. The
 * last one is looked at: a broken one of the same name may come before it. */
bool load_done_before(struct load *l, struct mfc_shape *shape);
/* Is the last stage in a header's history this very command, and had it the same statistics from --like? */
bool load_same_command(const struct load *l, const struct mfc_value *header);
/* The part is whole: give it its name. */
void load_resume_end(struct load *l, bool is_spool);

/* Another mfc stream on standard input while paths were given is a mistake: die. Waits so many milliseconds for it. */
void load_check_stdin(int wait);

#endif
