#include "net/layers.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define NORM_EPSILON ((real)1e-5)

/* exp of numbers that are at most about 0 in softmax and of either sign in silu; in float a polynomial on [-ln2/2, ln2/2] (relative
 * error 2e-7) that compilers can vectorise, 0 below -87. */
static inline real fast_exp(real x)
{
#ifdef MFC_DOUBLE
	return exp(x);
#else
	x = x < -87.0f ? -87.0f : x > 88.0f ? 88.0f : x;
	float n = rintf(x * 1.44269504f);
	float r = x - n * 0.693359375f + n * 2.12194440e-4f;
	float p = 1.98756915e-4f;
	p = p * r + 1.39819995e-3f;
	p = p * r + 8.33345190e-3f;
	p = p * r + 4.16657963e-2f;
	p = p * r + 1.66666655e-1f;
	p = p * r + 5.00000012e-1f;
	p = p * r * r + r + 1.0f;
	union { int32_t i; float f; } scale = { .i = ((int32_t)n + 127) * (1 << 23) };
	return p * scale.f;
#endif
}

MFC_VECTORISED
static void set_rows(size_t rows, size_t width, const real *b, bool add, real *y)
{
	for (size_t i = 0; i < rows; i++, y += width)
		if (add)
			for (size_t j = 0; j < width; j++)
				y[j] += b[j];
		else
			memcpy(y, b, width * sizeof *y);
}

void mfc_linear_forward(size_t rows, size_t in, size_t out, const real *x, const real *w, const real *b, bool add, real *y)
{
	set_rows(rows, out, b, add, y);
	mfc_gemm(false, true, rows, out, in, 1, x, in, w, in, 1, y, out);
}

MFC_VECTORISED
static void add_columns(size_t rows, size_t width, const real *x, real *sum)
{
	for (size_t i = 0; i < rows; i++, x += width)
		for (size_t j = 0; j < width; j++)
			sum[j] += x[j];
}

void mfc_linear_backward(size_t rows, size_t in, size_t out, const real *x, const real *w, const real *dy, bool add, real *dx,
    real *dw, real *db)
{
	if (dx)
		mfc_gemm(false, false, rows, in, out, 1, dy, out, w, in, add, dx, in);
	mfc_gemm(true, false, out, in, rows, 1, dy, out, x, in, 1, dw, in);
	add_columns(rows, out, dy, db);
}

MFC_VECTORISED
void mfc_norm_forward(size_t rows, size_t width, const real *x, real *xhat, real *rstd)
{
	for (size_t i = 0; i < rows; i++, x += width, xhat += width) {
		real mean = 0, variance = 0;
#pragma omp simd reduction(+ : mean)
		for (size_t j = 0; j < width; j++)
			mean += x[j];
		mean /= (real)width;
#pragma omp simd reduction(+ : variance)
		for (size_t j = 0; j < width; j++)
			variance += (x[j] - mean) * (x[j] - mean);
		real r = 1 / (real)sqrt(variance / (real)width + NORM_EPSILON);
		for (size_t j = 0; j < width; j++)
			xhat[j] = (x[j] - mean) * r;
		rstd[i] = r;
	}
}

MFC_VECTORISED
void mfc_norm_backward(size_t rows, size_t width, const real *xhat, const real *rstd, const real *dxhat, real *dx)
{
	for (size_t i = 0; i < rows; i++, xhat += width, dxhat += width, dx += width) {
		real sum = 0, dot = 0;
#pragma omp simd reduction(+ : sum, dot)
		for (size_t j = 0; j < width; j++) {
			sum += dxhat[j];
			dot += dxhat[j] * xhat[j];
		}
		sum /= (real)width;
		dot /= (real)width;
		real r = rstd[i];
		for (size_t j = 0; j < width; j++)
			dx[j] += r * (dxhat[j] - sum - xhat[j] * dot);
	}
}

MFC_VECTORISED
void mfc_scale_forward(size_t rows, size_t width, const real *xhat, real one, const real *g, const real *b, real *y)
{
	for (size_t i = 0; i < rows; i++, xhat += width, y += width)
#pragma omp simd
		for (size_t j = 0; j < width; j++)
			y[j] = xhat[j] * (one + g[j]) + b[j];
}

MFC_VECTORISED
void mfc_scale_backward(size_t rows, size_t width, const real *xhat, real one, const real *g, const real *dy, real *dxhat, real *dg,
    real *db)
{
	for (size_t i = 0; i < rows; i++, xhat += width, dy += width, dxhat += width)
#pragma omp simd
		for (size_t j = 0; j < width; j++) {
			real d = dy[j];
			dg[j] += d * xhat[j];
			db[j] += d;
			dxhat[j] = d * (one + g[j]);
		}
}

MFC_VECTORISED
void mfc_silu_forward(size_t count, const real *x, real *y)
{
#pragma omp simd
	for (size_t i = 0; i < count; i++)
		y[i] = x[i] / (1 + fast_exp(-x[i]));
}

MFC_VECTORISED
void mfc_silu_backward(size_t count, const real *x, const real *dy, real *dx)
{
#pragma omp simd
	for (size_t i = 0; i < count; i++) {
		real s = 1 / (1 + fast_exp(-x[i]));
		dx[i] = dy[i] * s * (1 + x[i] * (1 - s));
	}
}

/* Rows of p become weights: p = e^(p - max) / Σ. */
MFC_VECTORISED
static void softmax(size_t rows, size_t width, real *p)
{
	for (size_t i = 0; i < rows; i++, p += width) {
		real top = p[0], sum = 0;
#pragma omp simd reduction(max : top)
		for (size_t j = 0; j < width; j++)
			top = p[j] > top ? p[j] : top;
#pragma omp simd reduction(+ : sum)
		for (size_t j = 0; j < width; j++) {
			p[j] = fast_exp(p[j] - top);
			sum += p[j];
		}
		real r = 1 / sum;
		for (size_t j = 0; j < width; j++)
			p[j] *= r;
	}
}

/* d = p · (d - Σ p d) a row. */
MFC_VECTORISED
static void softmax_backward(size_t rows, size_t width, const real *p, real *d)
{
	for (size_t i = 0; i < rows; i++, p += width, d += width) {
		real dot = 0;
#pragma omp simd reduction(+ : dot)
		for (size_t j = 0; j < width; j++)
			dot += p[j] * d[j];
#pragma omp simd
		for (size_t j = 0; j < width; j++)
			d[j] = p[j] * (d[j] - dot);
	}
}

void mfc_attend_forward(const struct mfc_attention *at, real *out, size_t ldo)
{
	size_t a = at->a, b = at->b, w = at->c / at->heads;
	real scale = 1 / (real)sqrt((double)w);
	for (size_t h = 0; h < at->heads; h++)
		mfc_gemm(false, true, a, b, w, scale, at->q + h * w, at->ldq, at->k + h * w, at->ldkv, 0, at->p + h * a * b, b);
	softmax(at->heads * a, b, at->p);
	for (size_t h = 0; h < at->heads; h++)
		mfc_gemm(false, false, a, w, b, 1, at->p + h * a * b, b, at->v + h * w, at->ldkv, 0, out + h * w, ldo);
}

void mfc_attend_backward(const struct mfc_attention *at, const real *dout, size_t ldo, real *dq, real *dk, real *dv, real *scratch)
{
	size_t a = at->a, b = at->b, w = at->c / at->heads;
	real scale = 1 / (real)sqrt((double)w);
	for (size_t h = 0; h < at->heads; h++) {
		const real *p = at->p + h * a * b, *d = dout + h * w;
		mfc_gemm(true, false, b, w, a, 1, p, b, d, ldo, 0, dv + h * w, at->ldkv);
		mfc_gemm(false, true, a, b, w, 1, d, ldo, at->v + h * w, at->ldkv, 0, scratch, b);
		softmax_backward(a, b, p, scratch);
		mfc_gemm(false, false, a, w, b, scale, scratch, b, at->k + h * w, at->ldkv, 0, dq + h * w, at->ldq);
		mfc_gemm(true, false, b, w, a, scale, scratch, b, at->q + h * w, at->ldq, 0, dk + h * w, at->ldkv);
	}
}
