/* The layers of the score network, each forward beside its backward. Arrays are row-major and the caller's. A backward adds to the gradients
 * of parameters and, where it says +=, to those of inputs. Source of the formulas: the chain rule; the tests hold them against differences. */
#ifndef MFC_LAYERS_H
#define MFC_LAYERS_H

#include "net/real.h"

/* y (rows, out) = x (rows, in) · wᵀ + b, with w (out, in), b (out); add: y += instead. */
void mfc_linear_forward(size_t rows, size_t in, size_t out, const real *x, const real *w, const real *b, bool add, real *y);
/* dx (rows, in) = dy · w (+= where add; not computed where dx is NULL); dw += dyᵀ x; db += column sums of dy. */
void mfc_linear_backward(size_t rows, size_t in, size_t out, const real *x, const real *w, const real *dy, bool add, real *dx,
    real *dw, real *db);

/* Layer norm without its affine part: xhat (rows, width) of mean 0 and variance 1 a row, rstd (rows) = 1/√(variance + 1e-5). */
void mfc_norm_forward(size_t rows, size_t width, const real *x, real *xhat, real *rstd);
/* dx += the gradient through the norm of dxhat. */
void mfc_norm_backward(size_t rows, size_t width, const real *xhat, const real *rstd, const real *dxhat, real *dx);

/* y = xhat · (one + g) + b, with g, b (width) shared by the rows: one = 1 modulates by time (FiLM), one = 0 is the affine part of a norm.
 * y may be xhat. */
void mfc_scale_forward(size_t rows, size_t width, const real *xhat, real one, const real *g, const real *b, real *y);
/* dxhat = dy · (one + g) (may be dy itself); dg += Σ dy · xhat; db += Σ dy. */
void mfc_scale_backward(size_t rows, size_t width, const real *xhat, real one, const real *g, const real *dy, real *dxhat, real *dg,
    real *db);

/* y = x / (1 + e^-x); backward: dx = dy · silu'(x), and dx may be dy. */
void mfc_silu_forward(size_t count, const real *x, real *y);
void mfc_silu_backward(size_t count, const real *x, const real *dy, real *dx);

/* Attention of `heads` heads of width c/heads: out (a, c) = softmax(q kᵀ / √(c/heads)) v. q (a, c) has rows ldq apart, k and v (b, c) ldkv,
 * out ldo. p (heads, a, b) keeps the weights. */
struct mfc_attention {
	size_t a, b, c, heads;
	const real *q; size_t ldq;
	const real *k, *v; size_t ldkv;
	real *p;
};
void mfc_attend_forward(const struct mfc_attention *at, real *out, size_t ldo);
/* dq, dk, dv = (strides as of q, k, v) from dout (a, c); scratch (a, b). */
void mfc_attend_backward(const struct mfc_attention *at, const real *dout, size_t ldo, real *dq, real *dk, real *dv, real *scratch);

#endif
