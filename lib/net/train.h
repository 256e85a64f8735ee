/* One step of training: the gradient over a batch of clouds, shared among threads, clipped, and AdamW. */
#ifndef MFC_TRAIN_H
#define MFC_TRAIN_H

#include "net/denoiser.h"
#include "net/optim.h"

struct mfc_trainer;

/* params, ema, m, v (net->parameters each) stay the caller's and are updated in place. Results are the same bits for the same number of
 * threads. */
struct mfc_train_state { float *params, *ema, *m, *v; };
int mfc_trainer_create(struct mfc_trainer **trainer, const struct mfc_score *net, double sd, const struct mfc_adamw *optimizer,
    struct mfc_train_state state, size_t threads, struct mfc_error *err);
void mfc_trainer_free(struct mfc_trainer *trainer);

/* Minimise Σ weight · loss of the examples by one step at learning rate lr; step counts from 0 over the whole training. Sets each example's
 * loss, *loss to the weighted sum and *norm to the gradient's norm before it was clipped to 1. A loss or gradient that is not finite is an
 * error and leaves the state as it was. */
int mfc_trainer_step(struct mfc_trainer *trainer, struct mfc_example *example, size_t count, size_t step, double lr, double *loss, double *norm,
    struct mfc_error *err);

#endif
