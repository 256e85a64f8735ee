/* The denoiser D around the network F, and its training objective: mean-field score matching (Park et al. 2024, J(θ)) in the variables of
 * Karras et al. 2022. With y = x_0 + s ε and the cloud's measure ν,
 *
 *     D(y; s, ν) = skip y + out F(y / √(s²+sd²), ln(s)/4, ν)
 *
 *     edm:      skip = sd² / (s²+sd²),  out = s·sd / √(s²+sd²): F is 0 for Gaussian data
 *     epsilon:  skip = 1,               out = -s:               F is the noise
 *
 * The score of the VP state is (α D - x_t) / σ².
 *
 * The loss of a cloud is the mean over particles and coordinates of (D - x_0)² / out², which is that of (F - T)², T = (x_0 - skip y) / out.
 * But for a constant it is the squared norm of the Wasserstein gradient G, the learnt score less the true one: ‖D - D*‖² / out²,
 * D* = E[x_0 | y, ν].
 *
 * The Sobolev part makes that ‖G‖² + W s² ‖∇G‖² (Frobenius, over the coordinates): it is s² ‖J - J*‖² / out², J = ∂D/∂y of a particle. ∇ is
 * taken in lengths of the noise, s; in these both terms are O(1) where the noise is low, neither they nor their gradients grow where it is
 * high, and W has no unit. J* = I + s² ∇²log p = Cov(x_0 | y) / s², of which r rᵀ, r = (x_0 - D) / s, is unbiased where D is exact (Lu et al.
 * 2022, arXiv 2206.08265), and it is seen through random signs v, as E‖M v‖² = ‖M‖². With e = F - T and c = -s skip / out, the share of ε in T,
 * the part is the mean over particles and coordinates of
 *
 *     ( s ∂F/∂y v - c (v - e (e·v)) )²,   e held constant;
 *
 * at the true D not 0 but the variance of the target, c² (d + 1) for Gaussian data. ∂F/∂y v is a central difference with every particle moved at
 * once, by δ = s/100 along its own v: what a particle gets from another's move has mean zero and is O(1/N). */
#ifndef MFC_DENOISER_H
#define MFC_DENOISER_H

#include "net/weights.h"
#include "rng.h"

struct mfc_denoiser {
	double sd;               /* standard deviation of the data */
	bool epsilon;            /* the form */
	double sobolev;          /* what the gradient weighs the Sobolev part with; 0: none, at no cost */
};

/* Set the form by its name, edm or epsilon. False where it is neither. */
bool mfc_denoiser_named(struct mfc_denoiser *denoiser, const char *name);
/* Clouds that the gradient of one takes through the network: itself and, with a Sobolev part, two that are moved. */
size_t mfc_denoiser_passes(const struct mfc_denoiser *denoiser);
/* The denoiser at noise level s. */
struct mfc_denoiser_frame {
	double r;            /* √(s²+sd²): u = y/r */
	double skip, out;    /* D = skip y + out F */
	real x0, eps;        /* T = x0 x_0 + eps ε */
};
struct mfc_denoiser_frame mfc_denoiser_at(const struct mfc_denoiser *denoiser, double s);
/* 1/out²: what (D - x_0)² is weighed with at noise level s. */
double mfc_denoiser_weight(const struct mfc_denoiser *denoiser, double s);

/* A cloud of a training step; everything is borrowed. */
struct mfc_example {
	size_t n;                /* particles that are learnt from, */
	size_t crowd;            /* and those among whom they have neighbours, of which the first n are they; less than n: these alone */
	const float *x0, *eps;   /* (n or crowd, d) */
	double s;
	double perturb;          /* γ: the particles have √(1+γ²) times the noise that the network is told; ε here is without (input perturbation, Ning et
	                          * al. 2023, arXiv 2301.11706) */
	double weight;           /* of its loss in the sum */
	size_t label;            /* row of the table of labels; of no account to a network without one */
	struct mfc_rng probe;    /* draws v, where there is a Sobolev part */
	double loss;             /* out: mean over particles and coordinates of (D - x_0)² / out² */
	double sobolev;          /* out, with a gradient: the Sobolev part, not weighed; 0 where there is none */
	double prior;            /* out, without one: mean over particles of ‖D - y/(1+s²)‖² / s², D against the denoiser of the prior N(0, I) */
};

/* The buffers that go with a tape: one thread's workplace. */
struct mfc_workplace;
int mfc_workplace_create(struct mfc_workplace **work, const struct mfc_score *net, bool keep, struct mfc_error *err);
void mfc_workplace_free(struct mfc_workplace *work);
/* What one takes once it has seen so many clouds and rows in a pass. */
size_t mfc_workplace_bytes(const struct mfc_score *net, bool keep, size_t clouds, size_t rows);

/* Set the loss of each example; add the gradient of Σ weight · (loss + W · Sobolev part) to grads unless that is NULL (then keep is not needed
 * and the examples are taken one by one, without a Sobolev part). */
int mfc_denoiser_loss(struct mfc_workplace *work, const struct mfc_weights *weights, const struct mfc_denoiser *denoiser, struct mfc_example *example,
    size_t count, real *grads, struct mfc_error *err);
/* Set loss and prior of an example from any D (n, dim), such as the exact one, of y = x_0 + s ε; perturb is not looked at. */
void mfc_denoiser_compare(const struct mfc_denoiser *denoiser, size_t dim, const float *D, struct mfc_example *example);

#endif
