#include "net/rows.h"
#include "net/cells.h"
#include "vectors.h"

#define NORM_EPSILON ((real)1e-5)
#ifdef MFC_DOUBLE
typedef int64_t whole;
#else
typedef int32_t whole;
#endif
typedef real part __attribute__((vector_size(16)));
typedef whole part_mask __attribute__((vector_size(16)));

/* The functions over rows, each with its parameters and what follows rows and width when it is called. */
#define ROWS_FUNCTIONS(F) \
	F(rows_sum, (size_t rows, size_t width, const real *x, real *sum), x, sum) \
	F(norm_forward, (size_t rows, size_t width, const real *x, real one, const real *g, const real *b, real *xhat, real *rstd, real *y), \
	    x, one, g, b, xhat, rstd, y) \
	F(norm_backward, (size_t rows, size_t width, const real *xhat, const real *rstd, real one, const real *g, const real *dy, real *dx, \
	    real *dg, real *db), xhat, rstd, one, g, dy, dx, dg, db) \
	F(scale_forward, (size_t rows, size_t width, const real *x, real one, const real *g, const real *b, real *y), x, one, g, b, y) \
	F(scale_backward, (size_t rows, size_t width, const real *x, real one, const real *g, const real *dy, real *dx, real *dg, real *db), \
	    x, one, g, dy, dx, dg, db) \
	F(softmax_forward, (size_t rows, size_t width, real *p), p) \
	F(softmax_backward, (size_t rows, size_t width, const real *p, real *d), p, d) \
	F(columns_max, (size_t rows, size_t width, const real *p, real *top), p, top) \
	F(columns_exp, (size_t rows, size_t width, real *p, const real *top, real *sum), p, top, sum) \
	F(edge_mean_forward, (size_t rows, size_t width, size_t features, const size_t *start, const real *feature, const real *et, const real *a, \
	    size_t a_stride, real *out), features, start, feature, et, a, a_stride, out) \
	F(edge_mean_backward, (size_t rows, size_t width, size_t features, const size_t *start, const real *feature, const real *et, const real *a, \
	    size_t a_stride, const real *dout, real *da, real *det), features, start, feature, et, a, a_stride, dout, da, det) \
	F(columns_backward, (size_t rows, size_t width, const real *p, const real *dot, real *d), p, dot, d)

#ifdef MFC_VECTORS
#define LANES (64 / sizeof(real))
#define NAME(x) x##_512
#define TARGET __attribute__((target("arch=x86-64-v4")))
#include "net/rows-kernel.h"

#define LANES (32 / sizeof(real))
#define NAME(x) x##_256
#define TARGET __attribute__((target("arch=x86-64-v3")))
#include "net/rows-kernel.h"
#endif

#define LANES (16 / sizeof(real))
#define NAME(x) x##_128
#define TARGET
#include "net/rows-kernel.h"

#ifdef MFC_VECTORS
#define CALL(name, ...) \
	(mfc_vectors() == MFC_VECTORS_AVX512 ? name##_512(__VA_ARGS__) : mfc_vectors() == MFC_VECTORS_AVX2 ? name##_256(__VA_ARGS__) : \
	    name##_128(__VA_ARGS__))
#else
#define CALL(name, ...) name##_128(__VA_ARGS__)
#endif

#define DEFINE(name, parameters, ...) void mfc_##name parameters { CALL(name##_any, rows, width, __VA_ARGS__); }
ROWS_FUNCTIONS(DEFINE)

void mfc_rows_exp(size_t count, const real *x, real *y)
{
	CALL(rows_exp, count, x, y);
}

void mfc_window_moments(size_t windows, size_t runs, const struct mfc_run *run, const real *x, size_t stride, const real *at, real to_noise, real reach,
    const double *width, real *moment)
{
	CALL(window_moments, windows, runs, run, x, stride, at, to_noise, reach, width, moment);
}

void mfc_silu_forward(size_t count, const real *x, real *y)
{
	CALL(silu_forward, count, x, y);
}

void mfc_silu_backward(size_t count, const real *x, const real *dy, real *dx, real *y)
{
	CALL(silu_backward, count, x, dy, dx, y);
}
