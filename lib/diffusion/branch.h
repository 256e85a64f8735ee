/* Branching: particles multiply at a noise level s, and the reverse SDE parts the copies from there (score-network.md, Branching). */
#ifndef MFC_BRANCH_H
#define MFC_BRANCH_H

#include "rng.h"

/* Which parent each of m ≥ n particles copies: index (m), for mfc_cloud_select. Every parent is copied floor(m/n) times; the remainder are
 * parents chosen at random without repeats. The first n are the parents themselves, in their order, so that the first N_k
 * particles of a cloud remain its leads. Returns 0, or -1 when memory fails. */
int mfc_branch_copies(size_t n, size_t m, struct mfc_rng *rng, size_t *index);

#endif
