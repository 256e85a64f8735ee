/* Attention between a few (the latents) and many (the particles), dense products a head. Heads of width c/heads lie side by side in rows of c
 * numbers; the rows of q lie q_stride apart, those of k and v kv_stride, and so do their gradients; other rows follow each other. The weights
 * p (heads, many, few) are the caller's: forward fills them and backward needs them. */
#ifndef MFC_ATTEND_H
#define MFC_ATTEND_H

#include "net/real.h"

struct mfc_attention {
	size_t few, many, c, heads, q_stride, kv_stride;
	real *turned;   /* scratch (c, few) */
};

/* The many ask: out (many, c) = softmax over the few of (q kᵀ / √(c/heads)) · v, with q of the many, k and v of the few. */
void mfc_ask_forward(const struct mfc_attention *at, const real *q, const real *k, const real *v, real *p, real *out);
/* From dout (many, c): dq =, dk and dv +=. scratch: as large as p. */
void mfc_ask_backward(const struct mfc_attention *at, const real *q, const real *k, const real *v, const real *p, const real *dout, real *dq,
    real *dk, real *dv, real *scratch);

/* The few read: out (few, c) = softmax over the many of (q kᵀ / √(c/heads)) · v, with q of the few, k and v of the many, in as many parts as
 * the many come in, none of them empty. begin; for each part scores, then gather (p then holds its weights, not normalised: relative to the
 * largest score so far); end. For a backward all scores must come before the first gather. state (3, heads, few): the largest scores, the sums
 * of weights, scratch. */
void mfc_read_begin(const struct mfc_attention *at, real *state, real *out);
void mfc_read_scores(const struct mfc_attention *at, const real *q, const real *k, real *p, real *state, real *out);
void mfc_read_gather(const struct mfc_attention *at, const real *v, real *p, real *state, real *out);
void mfc_read_end(const struct mfc_attention *at, const real *state, real *out);

/* Before its backward: share (few, c) = dout / the sum of weights, and dot (heads, few) = share · out; dout (few, c). */
void mfc_read_backward_begin(const struct mfc_attention *at, const real *state, const real *out, const real *dout, real *share, real *dot);
/* The gradients of any part of the many: dq +=, dk and dv =. scratch: as large as the part's p. */
void mfc_read_backward(const struct mfc_attention *at, const real *q, const real *k, const real *v, const real *p, const real *share,
    const real *dot, real *dq, real *dk, real *dv, real *scratch);

#endif
