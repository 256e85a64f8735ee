/* What the layers do to numbers one by one or to rows as a whole: all but the dense products. Arrays are row-major and the caller's; `width` is the
 * length of a row. Vectors of AVX-512 or AVX2 where the processor has them, chosen when the program runs. */
#ifndef MFC_ROWS_H
#define MFC_ROWS_H

#include "net/real.h"

/* y = e^x, the function that all below use; y may be x. In float within 2 ulp of the exact value from -87 to 88 and held there beyond; in
 * double libm's. */
void mfc_rows_exp(size_t count, const real *x, real *y);

/* sum (width) += the rows of x. */
void mfc_rows_sum(size_t rows, size_t width, const real *x, real *sum);

/* Layer norm: xhat (rows, width) of mean 0 and variance 1 a row, rstd (rows) = 1/√(variance + 1e-5), and y = xhat · (one + g) + b, with g, b (width)
 * shared by the rows: one = 1 modulates by time (FiLM), one = 0 is the affine part of a norm. */
void mfc_norm_forward(size_t rows, size_t width, const real *x, real one, const real *g, const real *b, real *xhat, real *rstd, real *y);
/* dx += the gradient through both of dy (rows, width); dg += Σ dy · xhat; db += Σ dy. */
void mfc_norm_backward(size_t rows, size_t width, const real *xhat, const real *rstd, real one, const real *g, const real *dy, real *dx, real *dg,
    real *db);

/* The second part alone: y = x · (one + g) + b; dx = dy · (one + g) (may be dy itself). */
void mfc_scale_forward(size_t rows, size_t width, const real *x, real one, const real *g, const real *b, real *y);
void mfc_scale_backward(size_t rows, size_t width, const real *x, real one, const real *g, const real *dy, real *dx, real *dg, real *db);

/* y = x / (1 + e^-x); backward: dx = dy · silu'(x), and y once more unless it is NULL. dx may be dy. */
void mfc_silu_forward(size_t count, const real *x, real *y);
void mfc_silu_backward(size_t count, const real *x, const real *dy, real *dx, real *y);

/* Rows of p become weights: p = e^(p - max) / Σ. Backward: d = p · (d - Σ p d). */
void mfc_softmax_forward(size_t rows, size_t width, real *p);
void mfc_softmax_backward(size_t rows, size_t width, const real *p, real *d);

/* Softmax down the columns in its steps: top (width) = the larger of it and the columns' maxima; p = e^(p - top) and sum += its columns;
 * d = p · (d - dot), dot (width). */
void mfc_columns_max(size_t rows, size_t width, const real *p, real *top);
void mfc_columns_exp(size_t rows, size_t width, real *p, const real *top, real *sum);
void mfc_columns_backward(size_t rows, size_t width, const real *p, const real *dot, real *d);

/* The moments of the points z of the runs (cells.h; x (3, stride)) in Gaussian windows about `at` (3), of each width (windows): o = (z - at) · to_noise,
 * w = exp(-|o|²/(2 width²)) where 0 < |o| ≤ reach, else 0, times the run's weight; moment (windows, 10) = Σ w, Σ w o (3), Σ w o oᵀ (xx yy zz xy xz yz). */
struct mfc_run;
void mfc_window_moments(size_t windows, size_t runs, const struct mfc_run *run, const real *x, size_t stride, const real *at, real to_noise, real reach,
    const double *width, real *moment);

/* For each row i with its edges start[i] … start[i+1]-1 : out = mean over them of silu(a_i + Σ_q feature_q · et_q), 0 where there are
 * none, with et (features, width); rows of a lie a_stride apart. Backward: da, det += (edges.h). */
void mfc_edge_mean_forward(size_t rows, size_t width, size_t features, const size_t *start, const real *feature, const real *et, const real *a,
    size_t a_stride, real *out);
void mfc_edge_mean_backward(size_t rows, size_t width, size_t features, const size_t *start, const real *feature, const real *et, const real *a,
    size_t a_stride, const real *dout, real *da, real *det);

#endif
