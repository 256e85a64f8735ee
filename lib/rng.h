/* Counter-based random numbers: Philox4x32-10 (Salmon et al., SC 2011) from Random123. A draw is a pure function of
 * (seed, purpose, cloud, step, index): the result depends on neither threads, batches nor shards. */
#ifndef MFC_RNG_H
#define MFC_RNG_H

#include <stddef.h>
#include <stdint.h>

enum mfc_purpose {
	MFC_RNG_SAMPLE = 1,   /* surface points, random subsets of a stored cloud */
	MFC_RNG_ORDER,        /* shuffling of a data set */
	MFC_RNG_AUGMENT,
	MFC_RNG_LEVEL,        /* subsets taken by split */
	MFC_RNG_TIME,         /* the noise level of a cloud */
	MFC_RNG_NOISE,        /* forward noise */
	MFC_RNG_PRIOR,
	MFC_RNG_BRANCH,       /* which particles are copied once more */
	MFC_RNG_SOLVER,       /* noise of the reverse SDE */
	MFC_RNG_INIT,         /* initial weights */
	MFC_RNG_CONTEXT,      /* which particles the latents read */
	MFC_RNG_PROBE,        /* random signs that see a Jacobian */
	MFC_RNG_LABEL,        /* whether a cloud is learnt without its label */
	MFC_RNG_KERNEL,       /* what parts copies */
	MFC_RNG_PERTURB,      /* how much more noise than told */
	MFC_RNG_TEST,
	MFC_RNG_BOOTSTRAP,    /* which clouds are in a replicate */
	MFC_RNG_INTERACT,     /* noise of the interacting system */
	MFC_RNG_LAW,          /* particles of a known law */
	MFC_RNG_SPLIT         /* random halves of a set */
};

struct mfc_rng {
	uint64_t key, stream;  /* fixed by make */
	uint64_t next;         /* index of the next 64-bit draw of bits, uniform, below, shuffle, choose */
	uint64_t spare;        /* that draw, where next is odd: a block makes two */
};

struct mfc_rng mfc_rng_make(uint64_t seed, enum mfc_purpose purpose, uint64_t cloud, uint64_t step);

/* count standard normals, numbers first … first+count-1 of this stream (Box–Muller in double, rounded to float);
 * out[i] depends on first + i alone. Does not move `next`; do not mix with the sequential draws on one stream. */
void mfc_rng_normals(const struct mfc_rng *rng, uint64_t first, size_t count, float *out);

uint64_t mfc_rng_bits(struct mfc_rng *rng);
double mfc_rng_uniform(struct mfc_rng *rng);                       /* in (0, 1), never either end */
uint64_t mfc_rng_below(struct mfc_rng *rng, uint64_t bound);       /* uniform in 0 … bound-1, without bias */
void mfc_rng_shuffle(struct mfc_rng *rng, size_t n, size_t *index);/* permutes index in place */
/* k ≤ n distinct numbers below n, ascending, one from each of k parts that are equal to one: a random subset, spread over what is sorted. out (k). */
void mfc_rng_spread(struct mfc_rng *rng, size_t n, size_t k, size_t *out);
/* k ≤ n distinct numbers below n, in random order: out[0 … k). out has room for n. */
void mfc_rng_choose(struct mfc_rng *rng, size_t n, size_t k, size_t *out);

/* A 64-bit hash of bytes and a mixer of two hashes, for cloud keys. */
uint64_t mfc_rng_hash(const void *data, size_t size);
uint64_t mfc_rng_mix(uint64_t a, uint64_t b);

#endif
