/* The score network F = A + B[ν]: particles that go through blocks of their own (A) and see the others through the cloud's empirical measure
 * alone (B), in one of these architectures:
 *   latent    M latents read the measure and write to the particles (score-network.md; names and shapes are those of its PyTorch reference), O(N·M)
 *   pooled    every block adds a function of the mean of a function of the particles, O(N)
 *   pairwise  one layer: the mean of b(t, x - y) over the particles y in a ball around x, the paper's plain form (Park et al. 2024)
 *   none      A alone, for comparison
 * and, in all but pairwise, a local term: estimates of the score from the particles around (local.h).
 *
 * Sizes in comments: N particles, d coordinates, W particle width, M latents of width Z, E embedding width, H heads. */
#ifndef MFC_SCORE_H
#define MFC_SCORE_H

#include "error.h"
#include "net/real.h"

#include <stdbool.h>
#include <stdint.h>

enum mfc_arch { MFC_ARCH_LATENT, MFC_ARCH_POOLED, MFC_ARCH_PAIRWISE, MFC_ARCH_NONE, MFC_ARCHS };
extern const char *const mfc_arch_name[MFC_ARCHS];
/* False where it names none. */
bool mfc_arch_named(enum mfc_arch *arch, const char *name);

#define MFC_SCORE_MAX_WINDOWS 4

struct mfc_score_config {
	enum mfc_arch arch;
	size_t dim;           /* d */
	size_t width;         /* W, divisible by heads */
	size_t latents;       /* M */
	size_t latent_width;  /* Z, divisible by heads; of pooled: numbers whose mean is taken */
	size_t embed;         /* E */
	size_t heads;         /* H */
	size_t blocks;
	size_t frequencies;   /* of the coordinates' sines and cosines, from MFC_SCORE_PLAIN */
	size_t labels;        /* rows of the table of labels, the null label's not counted; 0: unconditional, without a table */
	size_t windows;       /* of the local term (local.h); 0: none */
	double window[MFC_SCORE_MAX_WINDOWS];   /* their widths in units of the noise */
	double below, crowd;  /* of a local term: the noise level it begins below, and the size of the crowd times s² */
	double radius;        /* of pairwise's ball, in the coordinates u, in which data and noise have variance 1 */
};

#define MFC_SCORE_DEFAULTS { .dim = 3, .width = 64, .latents = 32, .latent_width = 128, .embed = 128, .heads = 4, .blocks = 4, \
	.frequencies = 10, .below = 0.25, .crowd = 64 }
#define MFC_SCORE_RADIUS 0.5           /* of pairwise; */
#define MFC_SCORE_MAX_LABELS 4096
/* sin, cos of ω u, ω = π/4 · 2^i: the first as they are, those above times exp(-½ ω²σ²), what noise of deviation σ = s/√(s²+sd²) in u leaves of them on
 * average, so that they come in as the noise falls below their wavelength. */
#define MFC_SCORE_PLAIN 5
#define MFC_SCORE_MAX_FREQUENCIES 16
#define MFC_SCORE_TIME_FREQUENCIES 16  /* of c · 2^linspace(-2, 3, 16) */

/* One parameter tensor inside the vector of all parameters. */
struct mfc_tensor {
	char name[32];
	size_t dims, shape[2];
	size_t offset, count;
	enum mfc_tensor_init { MFC_INIT_ZERO, MFC_INIT_ONE, MFC_INIT_UNIFORM, MFC_INIT_NORMAL } init;
	size_t fan_in;        /* uniform in ±1/√fan_in */
};

struct mfc_linear { size_t weight, bias, in, out; };   /* offsets into the parameters, and widths */
struct mfc_affine { size_t weight, bias; };

struct mfc_score_block {
	struct mfc_linear film, read_q, read_kv, read_out, self_qkv, self_out, latent_film, latent_mlp_0, latent_mlp_2, write_q, write_kv,
	    write_out, pool_in, pool_out, mlp_0, mlp_2;
	struct mfc_affine read_norm, self_norm, latent_mlp_norm, write_norm;
};

/* The layout of the parameters; holds no numbers. */
struct mfc_score {
	struct mfc_score_config config;
	size_t parameters;                     /* length of the vector of all parameters */
	size_t tensors;
	struct mfc_tensor *tensor;
	struct mfc_linear time_0, time_2, embed, latent_time, out_film, out, local, pair_film, pair_out;
	size_t pair_edge;                      /* offset of (W, d + 1) */
	size_t latent;                         /* offset of z0 (M, Z) */
	size_t label;                          /* offset of the table (labels + 1, E), whose last row is the null label's */
	struct mfc_score_block *block;
};

/* Lay out a network. Refuses widths that are 0, above 65,536 or not divisible by heads, dimensions above 1,024, more than 64 blocks, 4,096 labels or
 * windows, a ball's radius that is not between 0 and 10^6, and a local term in pairwise or in more than 3 dimensions. clear frees. */
int mfc_score_create(struct mfc_score *net, const struct mfc_score_config *config, struct mfc_error *err);
void mfc_score_clear(struct mfc_score *net);

/* Clouds for one forward pass; everything is borrowed. */
struct mfc_crowd;
struct mfc_score_batch {
	size_t clouds;
	const size_t *start;   /* (clouds + 1): cloud i is rows start[i] … start[i+1]-1, start[0] = 0 */
	const real *c;         /* (clouds): ln(s)/4 */
	const real *u;         /* (rows, d): c_in y */
	const struct mfc_crowd *crowd;   /* (clouds), where particles have neighbours (crowd.h) */
	const size_t *label;   /* (clouds): rows of the table of labels, added to time's before its last silu; NULL: the null label for all */
	double sd;             /* standard deviation of the data; 0: 1 */
};

/* s/sd of cloud i. */
static inline double mfc_score_noise(const struct mfc_score_batch *batch, size_t i)
{
	return exp(4 * (double)batch->c[i]) / (batch->sd > 0 ? batch->sd : 1);
}

/* The activations of one pass, reused from pass to pass. keep: all of them, for backward; else O(N·W) numbers, and one cloud at a time.
 * Grows to the largest batch seen. One thread at a time. */
struct mfc_tape;
int mfc_tape_create(struct mfc_tape **tape, const struct mfc_score *net, bool keep, struct mfc_error *err);
void mfc_tape_free(struct mfc_tape *tape);
/* What a tape takes once it has seen so many clouds and rows, but for the particles that are within balls, whose number is the clouds'. */
size_t mfc_tape_bytes(const struct mfc_score *net, bool keep, size_t clouds, size_t rows);

struct mfc_weights;   /* weights.h */
/* f (rows, d) = F(u, c, ν). Fails only for want of memory. */
int mfc_score_forward(const struct mfc_score *net, const struct mfc_weights *weights, struct mfc_tape *tape, const struct mfc_score_batch *batch,
    real *f, struct mfc_error *err);
/* f (rows, d) of further particles, a batch of one cloud, in the field of the cloud that forward was given, whose noise level and label are theirs.
 * `measure` is as forward left it, without keep, of one cloud, and stays so: threads may use it at once, each with a tape without keep of its own
 * that is used for nothing else, which grows with rows. */
int mfc_score_follow(const struct mfc_score *net, const struct mfc_weights *weights, const struct mfc_tape *measure, struct mfc_tape *tape,
    const struct mfc_score_batch *batch, real *f, struct mfc_error *err);
/* Whether a particle sees its neighbours: pairwise, or a local term. */
bool mfc_score_crowded(const struct mfc_score *net);
/* Add to grads (parameters) the gradient of a loss whose gradient by f is df (rows, d); tape (keep) and batch as forward left them. */
void mfc_score_backward(const struct mfc_score *net, const struct mfc_weights *weights, struct mfc_tape *tape,
    const struct mfc_score_batch *batch, const real *df, real *grads);

#endif
