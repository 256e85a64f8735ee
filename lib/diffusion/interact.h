/* The interacting forward system of method.md §2, a McKean–Vlasov Ornstein–Uhlenbeck process: every particle is drawn to the cloud's mean m,
 *
 *     dX_i = -½ β X_i dt - κ β (X_i - m) dt + √β dB_i,
 *
 * each coordinate by itself. In the clock τ = ∫β dt the mean and the deviations from it are Ornstein–Uhlenbeck processes of rates ½ and ½ + κ, driven
 * by the mean of the noise and by what is left of it, which are independent. So the law of a step of any length is closed, and so are that of N
 * particles and its limit for N → ∞, in which particles are independent (Sznitman 1991, Topics in propagation of chaos). */
#ifndef MFC_INTERACT_H
#define MFC_INTERACT_H

#include "error.h"
#include "rng.h"

#include <stdbool.h>

enum mfc_scheme {
	MFC_EXACT,              /* each step in its law: that of the end does not depend on how many there are */
	MFC_EULER,              /* Euler–Maruyama: the law of the end is off by O(1/steps) */
	MFC_SCHEMES
};
extern const char *const mfc_scheme_name[MFC_SCHEMES];   /* "exact", "euler-maruyama" */
bool mfc_scheme_named(const char *name, enum mfc_scheme *scheme);   /* false for another name */

struct mfc_interact {
	double kappa;           /* attraction, above -½, where the deviations have a stationary law */
	double clock;           /* τ from the start to the end, mfc_sde_clock(t_from, t_to) */
	enum mfc_scheme scheme;
	size_t steps;           /* equal in τ; at least 1 */
};

/* What a step does: m' = mean m + mean_noise z̄, and of the deviations x_i' = deviation x_i + deviation_noise (z_i - z̄). */
struct mfc_interact_step { double mean, mean_noise, deviation, deviation_noise; };
struct mfc_interact_step mfc_interact_step(const struct mfc_interact *system);

/* Advance x (n, dim) in place, with room for one such array. Noise of step i is normals i·n·dim … of rng. */
int mfc_interact_run(const struct mfc_interact *system, const struct mfc_rng *rng, size_t n, size_t dim, float *x, struct mfc_error *err);

/* The law of a coordinate at the end when particles began independent, of the same mean and variance; exact for the exact scheme. */
struct mfc_interact_law {
	double mean;            /* of a particle, at any N */
	double limit;           /* variance of a particle for N → ∞; where it began normal, it is normal */
	double variance;        /* variance of a particle of n */
	double mean_variance;   /* variance of the mean of n */
	double correlation;     /* of two particles of n: c/n for large n */
};
struct mfc_interact_law mfc_interact_law(const struct mfc_interact *system, double mean, double variance, size_t n);

#endif
