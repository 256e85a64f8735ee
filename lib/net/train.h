/* One step of training: the gradient over batches of clouds, shared among threads, clipped, and AdamW. */
#ifndef MFC_TRAIN_H
#define MFC_TRAIN_H

#include "net/denoiser.h"
#include "net/optim.h"

struct mfc_trainer;

/* params, ema, m, v (net->parameters each) stay the caller's and are updated in place. Results are the same bits for the same number of
 * threads. */
struct mfc_train_state { float *params, *ema, *m, *v; };
int mfc_trainer_create(struct mfc_trainer **trainer, const struct mfc_score *net, const struct mfc_denoiser *denoiser,
    const struct mfc_adamw *optimizer, struct mfc_train_state state, size_t threads, struct mfc_error *err);
void mfc_trainer_free(struct mfc_trainer *trainer);

/* Add a batch to the step's objective, Σ weight · loss of its examples, to whose gradient the Sobolev part adds its own: the step is taken on
 * the mean of the batches that were added since the last one, with the memory of the largest. Sets each example's loss and Sobolev part.
 * Fails only for want of memory. */
int mfc_trainer_add(struct mfc_trainer *trainer, struct mfc_example *example, size_t count, struct mfc_error *err);

/* Minimise by one step at learning rate lr; step counts from 0 over the whole training. Sets *loss to the objective and *norm to the gradient's
 * norm before it was clipped. A loss or gradient that is not finite is an error and leaves the state as it was; parameters that
 * the step threw out of the finite numbers are an error too, and the state is lost. */
int mfc_trainer_step(struct mfc_trainer *trainer, size_t step, double lr, double *loss, double *norm, struct mfc_error *err);

/* The bytes that a trainer takes by itself once it has seen a batch of these sizes (n of each example is looked at): those of create, and
 * what the threads' activations grow to. A pass takes whole clouds: those of one at least. */
struct mfc_trainer_bytes { size_t gradients, activations; };
int mfc_trainer_bytes(struct mfc_trainer_bytes *bytes, const struct mfc_score *net, const struct mfc_denoiser *denoiser, size_t threads,
    const struct mfc_example *example, size_t count, struct mfc_error *err);

#endif
