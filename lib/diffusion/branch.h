/* Branching: particles multiply at a noise level s (score-network.md, Branching; Park et al. 2024, Id ⊗ Ψ_θ). What parts the copies from their
 * parents is a kernel, which must leave the law of a particle given the cloud's measure as it is. */
#ifndef MFC_BRANCH_H
#define MFC_BRANCH_H

#include "diffusion/solver.h"

/* Which parent each of m ≥ n particles copies: index (m), for mfc_cloud_select. Every parent is copied floor(m/n) times; the remainder are
 * parents chosen at random without repeats. The first n are the parents themselves, in their order, so that the first N_k
 * particles of a cloud remain its leads. Returns 0, or -1 when memory fails. */
int mfc_branch_copies(size_t n, size_t m, struct mfc_rng *rng, size_t *index);

enum mfc_kernel {
	MFC_KERNEL_SDE,       /* none: copies, which the reverse SDE parts on its way down, as it leaves the law as it is and gives each noise of its own */
	MFC_KERNEL_LANGEVIN,  /* copies take steps of Langevin dynamics at s: y += a (D - y) + √(2a) s z */
	MFC_KERNEL_TWEEDIE,   /* copies are noised anew from what they are denoised to: D + s z */
	MFC_KERNEL_RESTART,   /* all are noised on to 2s and come back along the reverse SDE (Xu et al. 2023, arXiv 2306.14878); the copies of
	                         data come back from `spread` along the ODE, in the field of the data noised */
	MFC_KERNELS
};
extern const char *const mfc_kernel_name[MFC_KERNELS];   /* "sde", "langevin", "tweedie", "restart" */
bool mfc_kernel_named(const char *name, enum mfc_kernel *kernel);

struct mfc_branching {
	enum mfc_kernel kernel;
	double s;         /* 0: data, which only a restart can part */
	double spread;    /* of data */
	size_t steps;     /* of Langevin dynamics, or of the way back of a restart; at least 1 */
	size_t parents;   /* the first, which only a restart of noised clouds moves */
	size_t threads;   /* for all but the denoiser */
};
/* What noise carries n points over the gaps between them: N s^m = 12 on a set of dimension m (measured: tests/bench/subdivide.sh upsample). */
double mfc_branch_spread(size_t n, double dimension);
#define MFC_BRANCH_STEPS 8   /* a step of Langevin dynamics has a = 1/8 */

/* Part the copies in y (n, dim), y = x_0 + s ε. Draws the numbers of rng. A restart of data asks the denoiser for 2n points, of which the first n
 * are to be all that it sees of the cloud. */
int mfc_branch_part(const struct mfc_branching *b, const struct mfc_rng *rng, size_t n, size_t dim, float *y, mfc_denoise *denoise, void *context,
    struct mfc_error *err);

#endif
