/* A trained network in a file: mfc-model(5), a stream of one record per parameter tensor. */
#ifndef MFC_MODEL_H
#define MFC_MODEL_H

#include "net/score.h"
#include "net/train.h"
#include "value.h"

#include <stdbool.h>

struct mfc_model {
	struct mfc_score net;
	struct mfc_denoiser denoiser;  /* around it; sobolev is no part of the file */
	struct mfc_train_state state;  /* params and ema, (parameters) each; m and v are NULL where the file keeps no optimiser */
	float *memory;                 /* that they lie in */
	struct mfc_value header;       /* map: "model" as read or made, and what the commands keep: "levels", "labels" (net/labels.h),
	                                * "normalize", "training", "history" */
};

/* A new network with initial parameters drawn from seed, an EMA equal to them and an optimiser at rest. header: what it is to keep besides
 * "model" and "dim", copied; may be NULL. */
int mfc_model_create(struct mfc_model *model, const struct mfc_score_config *config, const struct mfc_denoiser *denoiser, uint64_t seed,
    const struct mfc_value *header, struct mfc_error *err);
void mfc_model_clear(struct mfc_model *model);
/* What the parameters, their average and, with it, the optimiser's state take in memory. */
size_t mfc_model_bytes(const struct mfc_score *net, bool optimizer);

/* Read from a file ("-": standard input). The tensors must be those of the network that the header describes, each once. Errors name the
 * file and the tensor. */
int mfc_model_read(struct mfc_model *model, const char *path, struct mfc_error *err);
/* Write atomically; where `slim`, the average alone, which is all that denoises: it is then the parameters too. */
int mfc_model_write(const struct mfc_model *model, const char *path, bool slim, struct mfc_error *err);

#endif
