/* D(y; s, ν) = c_skip y + c_out F(c_in y, ln(s)/4, ν), the denoiser around the network F, and its training objective (Karras et al. 2022;
 * score-network form of mean-field score matching, Park et al. 2024, eq. of J(θ)). y = x_0 + s ε. The score of the VP state is
 * (α D - x_t) / σ². */
#ifndef MFC_DENOISER_H
#define MFC_DENOISER_H

#include "net/score.h"

/* A cloud of a training step; everything is borrowed. */
struct mfc_example {
	size_t n;
	const float *x0, *eps;   /* (n, d) */
	double s;
	double weight;           /* of its loss in the sum */
	size_t label;            /* row of the table of labels; of no account to a network without one */
	double loss;             /* out: mean over particles and coordinates of w(s) (D - x_0)², w = (s² + sd²) / (s·sd)² */
};

/* The buffers that go with a tape: one thread's workplace. */
struct mfc_workplace;
int mfc_workplace_create(struct mfc_workplace **work, const struct mfc_score *net, bool keep, struct mfc_error *err);
void mfc_workplace_free(struct mfc_workplace *work);

/* What a cloud is to be: a row of the table of labels, and the weight W of the guidance towards it, D_null + W (D_label - D_null)
 * (classifier-free guidance, Ho and Salimans 2022). W = 1 is the label's own denoiser, 0 the null label's; another W costs two evaluations. */
struct mfc_condition {
	size_t label;
	double guidance;
};

/* D (n, d) of y (n, d), which may be the same array; the latents read the first `context` particles (0: all). condition NULL: the null label. */
int mfc_denoiser_apply(struct mfc_workplace *work, const real *params, double sd, size_t n, const float *y, double s, size_t context,
    const struct mfc_condition *condition, float *D, struct mfc_error *err);

/* Set the loss of each example; add the gradient of Σ weight · loss to grads unless that is NULL (then keep is not needed and the
 * examples are taken one by one). */
int mfc_denoiser_loss(struct mfc_workplace *work, const real *params, double sd, struct mfc_example *example, size_t count, real *grads,
    struct mfc_error *err);

#endif
