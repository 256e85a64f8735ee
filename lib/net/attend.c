#include "net/attend.h"
#include "net/layers.h"

#include <string.h>

static real scale_of(const struct mfc_attention *at)
{
	return 1 / (real)sqrt((double)(at->c / at->heads));
}

/* p (heads, many, few) = scale · (a of the many) · (b of the few)ᵀ, head by head. */
static void products(const struct mfc_attention *at, real scale, const real *a, size_t a_stride, const real *b, size_t b_stride, real *p)
{
	size_t w = at->c / at->heads;
	mfc_transpose(at->few, at->c, b, b_stride, at->turned, at->few);
	for (size_t h = 0; h < at->heads; h++)
		mfc_gemm(false, false, at->many, at->few, w, scale, a + h * w, a_stride, at->turned + h * w * at->few, at->few, NULL, false,
		    p + h * at->many * at->few, at->few);
}

/* out (of the many) = scale · p · (b of the few). */
static void spread(const struct mfc_attention *at, real scale, const real *p, const real *b, size_t b_stride, real *out, size_t stride)
{
	size_t w = at->c / at->heads;
	for (size_t h = 0; h < at->heads; h++)
		mfc_gemm(false, false, at->many, w, at->few, scale, p + h * at->many * at->few, at->few, b + h * w, b_stride, NULL, false, out + h * w, stride);
}

/* out (of the few) += scale · pᵀ · (b of the many). */
static void gather(const struct mfc_attention *at, real scale, const real *p, const real *b, size_t b_stride, real *out, size_t stride)
{
	size_t w = at->c / at->heads;
	for (size_t h = 0; h < at->heads; h++)
		mfc_gemm(true, false, at->few, w, at->many, scale, p + h * at->many * at->few, at->few, b + h * w, b_stride, NULL, true, out + h * w, stride);
}

void mfc_ask_forward(const struct mfc_attention *at, const real *q, const real *k, const real *v, real *p, real *out)
{
	products(at, scale_of(at), q, at->q_stride, k, at->kv_stride, p);
	mfc_softmax_forward(at->many * at->heads, at->few, p);
	spread(at, 1, p, v, at->kv_stride, out, at->c);
}

void mfc_ask_backward(const struct mfc_attention *at, const real *q, const real *k, const real *v, const real *p, const real *dout, real *dq,
    real *dk, real *dv, real *scratch)
{
	gather(at, 1, p, dout, at->c, dv, at->kv_stride);
	products(at, 1, dout, at->c, v, at->kv_stride, scratch);
	mfc_softmax_backward(at->many * at->heads, at->few, p, scratch);
	spread(at, scale_of(at), scratch, k, at->kv_stride, dq, at->q_stride);
	gather(at, scale_of(at), scratch, q, at->q_stride, dk, at->kv_stride);
}

void mfc_read_begin(const struct mfc_attention *at, real *state, real *out)
{
	size_t row = at->heads * at->few;
	for (size_t i = 0; i < row; i++) {
		state[i] = -INFINITY;
		state[row + i] = 0;
	}
	memset(out, 0, at->few * at->c * sizeof *out);
}

/* Row i, head h of a (few, c) times factor (heads, few) or, `inverse`, over it. */
static void rescale(const struct mfc_attention *at, const real *factor, bool inverse, const real *from, real *to)
{
	size_t w = at->c / at->heads;
	for (size_t i = 0; i < at->few; i++)
		for (size_t h = 0; h < at->heads; h++) {
			real f = factor[h * at->few + i], r = inverse ? 1 / f : f;
			for (size_t j = i * at->c + h * w; j < i * at->c + (h + 1) * w; j++)
				to[j] = from[j] * r;
		}
}

void mfc_read_scores(const struct mfc_attention *at, const real *q, const real *k, real *p, real *state, real *out)
{
	size_t row = at->heads * at->few;
	real *top = state, *sum = state + row, *factor = sum + row;
	products(at, scale_of(at), k, at->kv_stride, q, at->q_stride, p);
	memcpy(factor, top, row * sizeof *factor);
	for (size_t h = 0; h < at->heads; h++)
		mfc_columns_max(at->many, at->few, p + h * at->many * at->few, top + h * at->few);
	for (size_t j = 0; j < row; j++)
		factor[j] -= top[j];
	mfc_rows_exp(row, factor, factor);
	for (size_t j = 0; j < row; j++)
		sum[j] *= factor[j];
	rescale(at, factor, false, out, out);
}

void mfc_read_gather(const struct mfc_attention *at, const real *v, real *p, real *state, real *out)
{
	size_t row = at->heads * at->few;
	for (size_t h = 0; h < at->heads; h++)
		mfc_columns_exp(at->many, at->few, p + h * at->many * at->few, state + h * at->few, state + row + h * at->few);
	gather(at, 1, p, v, at->kv_stride, out, at->c);
}

void mfc_read_end(const struct mfc_attention *at, const real *state, real *out)
{
	rescale(at, state + at->heads * at->few, true, out, out);
}

void mfc_read_backward_begin(const struct mfc_attention *at, const real *state, const real *out, const real *dout, real *share, real *dot)
{
	size_t w = at->c / at->heads;
	rescale(at, state + at->heads * at->few, true, dout, share);
	for (size_t i = 0; i < at->few; i++)
		for (size_t h = 0; h < at->heads; h++) {
			real d = 0;
			for (size_t j = i * at->c + h * w; j < i * at->c + (h + 1) * w; j++)
				d += share[j] * out[j];
			dot[h * at->few + i] = d;
		}
}

void mfc_read_backward(const struct mfc_attention *at, const real *q, const real *k, const real *v, const real *p, const real *share,
    const real *dot, real *dq, real *dk, real *dv, real *scratch)
{
	spread(at, 1, p, share, at->c, dv, at->kv_stride);
	products(at, 1, v, at->kv_stride, share, at->c, scratch);
	for (size_t h = 0; h < at->heads; h++)
		mfc_columns_backward(at->many, at->few, p + h * at->many * at->few, dot + h * at->few, scratch + h * at->many * at->few);
	spread(at, scale_of(at), scratch, q, at->q_stride, dk, at->kv_stride);
	gather(at, scale_of(at), scratch, k, at->kv_stride, dq, at->q_stride);
}
