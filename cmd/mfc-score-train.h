/* What the parts of mfc-score train share: its options (mfc-score-train.c) and its loop (mfc-score-learn.c). */
#ifndef MFC_SCORE_TRAIN_H
#define MFC_SCORE_TRAIN_H

#include "mfc-score.h"

struct train {
	struct cli cli;
	struct mfc_model model;
	struct mfc_levels levels;
	struct mfc_adamw optimizer;
	struct mfc_trainer *trainer;
	struct mfc_score_config config;
	struct score_batch batch;
	struct score_labels labels;
	struct score_log log;
	struct mfc_reader *reader;
	const char *path, *levels_text, *validate, *label_key;
	double time, checkpoint, sd;
	size_t total, log_every, max_labels;
	bool resume;
	struct score_training done;       /* its seconds are those of earlier runs */
	double started;                   /* the clock at the start of this one */
};

/* Open the stream and make the new model, or read the one to go on from. Dies where it cannot, as do the others. */
void train_prepare(struct train *t);
/* Steps until the budget is spent, the stream ends or a signal says stop. */
void train_learn(struct train *t);
/* Write the model. */
void train_save(struct train *t);
/* Die of the signal that stopped the training, if one did. */
void train_raise(void);

#endif
