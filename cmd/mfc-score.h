/* What the subcommands of mfc-score share. */
#ifndef MFC_SCORE_COMMAND_H
#define MFC_SCORE_COMMAND_H

#include "sampler.h"

int score_train(int argc, char **argv);
int score_denoise(int argc, char **argv);
int score_loss(int argc, char **argv);
int score_show(int argc, char **argv);

/* Under -v: which kernels the dense products use, and whether they had to be chosen for OpenBLAS. */
void score_note_kernels(void);

/* The levels of training: those that --levels gives (NULL: not given), or the stream's, or the default. Dies where they are none. */
void score_levels(struct mfc_levels *levels, const char *text, const struct mfc_value *header);

/* Warn where a stream's header says that its clouds are not in the units that the model was trained in; name: the stream. */
void score_check_normalize(const struct mfc_model *model, const struct mfc_value *header, const char *name);

/* Noised clouds as the examples of a training step. */
struct score_batch {
	size_t count, capacity;
	struct mfc_example *example;   /* sorted by number of particles; x0 is owned here, eps by the cloud */
	size_t *level;                 /* (count) of each example */
	struct mfc_cloud *cloud;       /* (count) */
};
/* What training does with labels. Names that the model does not know yet take rows of its table, in the order of the stream; a cloud is learnt
 * under the null label with probability drop, by seed and the cloud's number in training. */
struct score_labels {
	struct mfc_model *model;
	double drop;
	uint64_t seed;
	size_t clouds, named;          /* met so far in all of training, and those with a label in this run */
};
/* Read up to `clouds` clouds: the count read is batch->count, 0 at the end of the stream. Clouds must be noised, with eps. Weighs each
 * example by its level's probability, shared by the clouds of that level. labels: for training, else NULL and the examples' labels are left at
 * 0. The batch is reused from call to call. */
int score_batch_read(struct score_batch *batch, struct mfc_reader *reader, size_t dim, const struct mfc_levels *levels, size_t clouds,
    struct score_labels *labels, struct mfc_error *err);
/* What a batch of so many clouds takes in memory. */
size_t score_batch_bytes(size_t clouds, size_t particles, size_t dim);
/* Draw what the examples of a step have of their own, from seed, step and cloud, so that it depends on neither threads nor the runs that training is cut
 * into: the probes of the Sobolev part; and for those at noise levels below `below` their perturbation, uniform from 0 to `perturb`. */
void score_batch_draw(struct score_batch *batch, uint64_t seed, size_t step, double perturb, double below);
/* Mean loss of the examples of level k; NAN when there is none. */
double score_batch_level_loss(const struct score_batch *batch, size_t k);
void score_batch_clear(struct score_batch *batch);

/* A cloud of training, before the batch is sorted: it is numbered (key), and its name learnt. */
int score_labels_meet(struct score_labels *labels, struct mfc_cloud *cloud, struct mfc_error *err);
/* Then the examples' labels: the clouds', or null where they are dropped. */
int score_labels_assign(const struct score_labels *labels, struct score_batch *batch, struct mfc_error *err);
/* Outside of training: the labels of the clouds. Those that the model does not know are an error, or without strict no label. */
int score_labels_look_up(const struct mfc_model *model, struct score_batch *batch, bool strict, struct mfc_error *err);
/* What training has spent, over all runs; seconds 0 where they are not counted. best: the lowest validation loss so far, INFINITY where there is
 * none, and the step that it was seen at. */
struct score_training { size_t steps, clouds, particles, best_step; double seconds, best; };
/* What the next row of the log is made from: sums over the steps since the last one, and the last step's learning rate. */
struct score_sums {
	double loss, norm, lr, sobolev, level[MFC_MAX_LEVELS];
	size_t steps, batches, seen[MFC_MAX_LEVELS];
};
/* Write the model, with what was spent on it and a row that is not complete, atomically; lr is the peak rate. Dies where it cannot. */
void score_checkpoint_write(struct mfc_model *model, const char *path, const struct score_training *done, const struct score_sums *sums,
    size_t levels, double lr);
/* Read the model to go on from. The sums are 0 where they were of other levels. */
void score_checkpoint_read(struct mfc_model *model, const char *path, size_t dim, size_t levels, struct score_training *done, struct score_sums *sums);
/* Pass over the clouds of the stream that the model at path has seen. */
void score_checkpoint_skip(struct mfc_reader *reader, const char *path, size_t clouds);

/* The TSV log of training, and the clouds of --validate. */
struct score_log {
	struct cli *cli;
	const struct mfc_levels *levels;
	FILE *out;
	struct mfc_workplace *judge;
	struct mfc_weights weights;    /* the EMA, for the judge */
	struct score_batch validation;
	bool stalled;                  /* it takes no more: a signal came while the reader of a row kept it waiting, or */
	int failed;                    /* (errno) it could not be written */
	struct score_sums sums;
};
/* Begin the log where -o says, with its first line; or go on, after `kept` steps, with the file that is there: rows of later steps leave it.
 * sums: to go on from. validate: a file of noised clouds, or NULL. Dies where it cannot, as do the others. */
void score_log_start(struct score_log *log, struct cli *cli, const struct mfc_model *model, const struct mfc_levels *levels, const char *validate,
    const struct score_sums *sums, const size_t *kept);
/* Take in the levels' losses and the Sobolev part of a batch, and the loss, the gradient's norm and the learning rate of a step. */
void score_log_add(struct score_log *log, const struct score_batch *batch);
void score_log_step(struct score_log *log, double loss, double norm, double lr);
/* A row of means since the last one; nan where there was no step. Returns the validation loss, NAN without one. */
double score_log_row(struct score_log *log, const struct mfc_model *model, const struct score_training *done, double seconds);
/* What is written so far is in its place and on the disk, if the log takes any more. */
void score_log_publish(struct score_log *log);
void score_log_end(struct score_log *log);

#endif
