/* What the parts of mfc-score train share: options (mfc-score-train.c), beginning and end (mfc-score-begin.c), the loop (mfc-score-learn.c)
 * and --dry-run (mfc-score-dry.c). */
#ifndef MFC_SCORE_TRAIN_H
#define MFC_SCORE_TRAIN_H

#include "mfc-score.h"

#include <sys/stat.h>

struct train {
	struct cli cli;
	struct mfc_model model;
	struct mfc_levels levels;
	struct mfc_adamw optimizer;
	struct mfc_schedule schedule;
	struct mfc_trainer *trainer;
	struct mfc_score_config config;
	struct mfc_denoiser denoiser;
	struct score_batch batch;
	struct score_labels labels;
	struct score_log log;
	FILE *in;
	struct mfc_reader *reader;
	const char *path, *levels_text, *validate, *parametrization, *label_key, *arch, *local;
	double time, checkpoint, perturb;
	size_t total, log_every, accumulate, patience, max_labels;
	bool resume, dry_run;
	struct score_sums sums;           /* of the row of the log that an earlier run was in */
	struct score_training done;       /* its seconds are those of earlier runs */
	double started;                   /* the clock at the start of this one */
	bool kept;                        /* the file holds a model of this training, */
	size_t kept_step;                 /* of this step, */
	double kept_at;                   /* written when the clock said so */
	bool there;                       /* the file was there when it was last looked at or written, */
	struct stat written;              /* as this */
};

/* Open the stream: its dimension and levels. Where --resume finds no model it is taken back, and said. Dies where it cannot, as do the others. */
void train_open(struct train *t);
/* Make the new model, or read the one to go on from. */
void train_prepare(struct train *t);
/* Write the model. */
void train_save(struct train *t);
/* What training would take, as lines of key and value. */
void train_dry_run(struct train *t);
/* Dies where it would take more than --max-memory, with this network or, where it is NULL, the one that is to be made. */
void train_check_memory(struct train *t, const struct mfc_score *net);

/* Learn until the budget is spent, the stream ends, nothing improves or a signal says stop; the model is written, the log completed.
 * Returns the exit status; dies of a signal. */
int train_learn(struct train *t);
/* Seconds of this run and those before it. */
double train_elapsed(const struct train *t);
double train_clock(void);

#endif
