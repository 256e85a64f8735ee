/* The functions of rows.h for one width of vectors. Included by rows.c for each, with
 *   LANES  numbers in a vector   NAME(x)  x with a suffix of its own   TARGET  the function attribute that allows such vectors */

typedef real NAME(vector) __attribute__((vector_size(LANES * sizeof(real)), aligned(sizeof(real)), may_alias));
typedef whole NAME(mask) __attribute__((vector_size(LANES * sizeof(real))));
#define VECTOR NAME(vector)
#define INLINE static inline __attribute__((always_inline)) TARGET

/* The next n ≤ LANES numbers, with `fill` behind them. n is LANES, and known to be, wherever the width is a constant. */
INLINE VECTOR NAME(get)(const real *p, size_t n, real fill)
{
	if (n == LANES)
		return *(const VECTOR *)(const void *)p;
	VECTOR v = (VECTOR){ 0 } + fill;
	for (size_t i = 0; i < n; i++)
		v[i] = p[i];
	return v;
}

INLINE void NAME(put)(real *p, size_t n, VECTOR v)
{
	if (n == LANES)
		*(VECTOR *)(void *)p = v;
	else
		for (size_t i = 0; i < n; i++)
			p[i] = v[i];
}

/* Zeros behind the first n. */
INLINE VECTOR NAME(cut)(VECTOR v, size_t n)
{
	for (size_t i = n; i < LANES; i++)
		v[i] = 0;
	return v;
}

INLINE VECTOR NAME(larger)(VECTOR a, VECTOR b)
{
	NAME(mask) m = a > b;
	return (VECTOR)(((NAME(mask))a & m) | ((NAME(mask))b & ~m));
}

/* The sum of the lanes, and the largest: first of their parts of 16 bytes, which every processor has. */
INLINE real NAME(total)(VECTOR v)
{
	union { VECTOR all; part of[LANES * sizeof(real) / sizeof(part)]; } u = { .all = v };
	part sum = u.of[0];
	for (size_t i = 1; i < sizeof u / sizeof(part); i++)
		sum += u.of[i];
	real x = sum[0] + sum[1];
	for (size_t i = 2; i < sizeof(part) / sizeof(real); i += 2)
		x += sum[i] + sum[i + 1];
	return x;
}

INLINE real NAME(largest)(VECTOR v)
{
	union { VECTOR all; part of[LANES * sizeof(real) / sizeof(part)]; } u = { .all = v };
	part top = u.of[0];
	for (size_t i = 1; i < sizeof u / sizeof(part); i++) {
		part_mask m = top > u.of[i];
		top = (part)(((part_mask)top & m) | ((part_mask)u.of[i] & ~m));
	}
	real x = top[0];
	for (size_t i = 1; i < sizeof(part) / sizeof(real); i++)
		x = x > top[i] ? x : top[i];
	return x;
}

/* In float 2^n times a polynomial on [-ln2/2, ln2/2] with Cephes' coefficients, from -87 to 88; beyond it is any number. */
INLINE VECTOR NAME(exp_within)(VECTOR x)
{
#ifdef MFC_DOUBLE
	for (size_t i = 0; i < LANES; i++)
		x[i] = exp(x[i]);
	return x;
#else
	const float round = 12582912.0f;   /* 1.5 · 2^23: what is added to it is rounded to a whole number, in its last bits */
	VECTOR n = x * 1.44269504f + round, k = n - round, r = x - k * 0.693359375f + k * 2.12194440e-4f, r2 = r * r;
	VECTOR a = 1.98756915e-4f * r + 1.39819995e-3f, b = 8.33345190e-3f * r + 4.16657963e-2f, c = 1.66666655e-1f * r + 5.00000012e-1f;
	VECTOR p = ((a * r2 + b) * r2 + c) * r2 + r + 1.0f;
	return (VECTOR)((NAME(mask))p + ((NAME(mask))n << 23));
#endif
}

/* Held at the ends of the range; NAN, as arithmetic makes it, stays NAN. */
INLINE VECTOR NAME(exp)(VECTOR x)
{
#ifndef MFC_DOUBLE
	x = NAME(larger)((VECTOR){ 0 } - 87.0f, x);   /* in this order NAN passes */
	x = -NAME(larger)((VECTOR){ 0 } - 88.0f, -x);
#endif
	return NAME(exp_within)(x);
}

/* A loop over the vectors of a row: j counts numbers, n are in this one. */
#define ROW(width) for (size_t j = 0, n; j < (width) && (n = (width) - j < LANES ? (width) - j : LANES, true); j += LANES)
#define GET(p) NAME(get)((p) + j, n, 0)
#define PUT(p, v) NAME(put)((p) + j, n, v)

TARGET static void NAME(rows_exp)(size_t count, const real *x, real *y)
{
	ROW(count)
		PUT(y, NAME(exp)(GET(x)));
}

INLINE void NAME(rows_sum)(size_t rows, size_t width, const real *x, real *restrict sum)
{
	for (size_t i = 0; i < rows; i++, x += width)
		ROW(width)
			PUT(sum, GET(sum) + GET(x));
}

INLINE void NAME(norm_forward)(size_t rows, size_t width, const real *x, real one, const real *restrict g, const real *restrict b,
    real *restrict xhat, real *restrict rstd, real *restrict y)
{
	for (size_t i = 0; i < rows; i++, x += width, xhat += width, y += width) {
		VECTOR sum = { 0 }, square = { 0 };
		ROW(width)
			sum += GET(x);
		real mean = NAME(total)(sum) / (real)width;
		ROW(width) {
			VECTOR d = NAME(cut)(GET(x) - mean, n);
			square += d * d;
		}
		real r = 1 / (real)sqrt(NAME(total)(square) / (real)width + NORM_EPSILON);
		ROW(width) {
			VECTOR hat = (GET(x) - mean) * r;
			PUT(xhat, hat);
			PUT(y, hat * (one + GET(g)) + GET(b));
		}
		rstd[i] = r;
	}
}

INLINE void NAME(norm_backward)(size_t rows, size_t width, const real *xhat, const real *rstd, real one, const real *g, const real *dy,
    real *restrict dx, real *restrict dg, real *restrict db)
{
	for (size_t i = 0; i < rows; i++, xhat += width, dy += width, dx += width) {
		VECTOR sum = { 0 }, dot = { 0 };
		ROW(width) {
			VECTOR d = GET(dy), hat = GET(xhat), scaled = d * (one + GET(g));
			PUT(dg, GET(dg) + d * hat);
			PUT(db, GET(db) + d);
			sum += scaled;
			dot += scaled * hat;
		}
		real mean = NAME(total)(sum) / (real)width, share = NAME(total)(dot) / (real)width;
		real r = rstd[i];
		ROW(width)
			PUT(dx, GET(dx) + r * (GET(dy) * (one + GET(g)) - mean - GET(xhat) * share));
	}
}

INLINE void NAME(scale_forward)(size_t rows, size_t width, const real *x, real one, const real *g, const real *b, real *restrict y)
{
	for (size_t i = 0; i < rows; i++, x += width, y += width)
		ROW(width)
			PUT(y, GET(x) * (one + GET(g)) + GET(b));
}

INLINE void NAME(scale_backward)(size_t rows, size_t width, const real *x, real one, const real *g, const real *dy, real *dx, real *restrict dg,
    real *restrict db)
{
	for (size_t i = 0; i < rows; i++, x += width, dy += width, dx += width)
		ROW(width) {
			VECTOR d = GET(dy);
			PUT(dg, GET(dg) + d * GET(x));
			PUT(db, GET(db) + d);
			PUT(dx, d * (one + GET(g)));
		}
}

TARGET static void NAME(silu_forward)(size_t count, const real *x, real *y)
{
	ROW(count) {
		VECTOR v = GET(x);
		PUT(y, v / (1 + NAME(exp)(-v)));
	}
}

TARGET static void NAME(silu_backward)(size_t count, const real *x, const real *dy, real *dx, real *y)
{
	ROW(count) {
		VECTOR v = GET(x), s = 1 / (1 + NAME(exp)(-v)), a = v * s;
		if (y)
			PUT(y, a);
		PUT(dx, GET(dy) * (s + a * (1 - s)));
	}
}

/* In steps over a few rows at a time: one row's sums and maxima are long chains, those of several run side by side. */
INLINE void NAME(softmax_forward)(size_t rows, size_t width, real *p)
{
	enum { SIDE = 8 };
	for (size_t first = 0; first < rows; first += SIDE, p += SIDE * width) {
		size_t count = rows - first < SIDE ? rows - first : SIDE;
		real value[SIDE];
		for (size_t i = 0; i < count; i++) {
			VECTOR top = (VECTOR){ 0 } - INFINITY;
			ROW(width)
				top = NAME(larger)(top, NAME(get)(p + i * width + j, n, -INFINITY));
			value[i] = NAME(largest)(top);
		}
		for (size_t i = 0; i < count; i++) {
			VECTOR sum = { 0 };
			ROW(width) {
				VECTOR e = NAME(cut)(NAME(exp)(GET(p + i * width) - value[i]), n);
				PUT(p + i * width, e);
				sum += e;
			}
			value[i] = 1 / NAME(total)(sum);
		}
		for (size_t i = 0; i < count; i++)
			ROW(width)
				PUT(p + i * width, GET(p + i * width) * value[i]);
	}
}

INLINE void NAME(softmax_backward)(size_t rows, size_t width, const real *p, real *restrict d)
{
	for (size_t i = 0; i < rows; i++, p += width, d += width) {
		VECTOR sum = { 0 };
		ROW(width)
			sum += GET(p) * GET(d);
		real dot = NAME(total)(sum);
		ROW(width)
			PUT(d, GET(p) * (GET(d) - dot));
	}
}

INLINE void NAME(columns_max)(size_t rows, size_t width, const real *p, real *restrict top)
{
	for (size_t i = 0; i < rows; i++, p += width)
		ROW(width)
			PUT(top, NAME(larger)(GET(p), GET(top)));
}

INLINE void NAME(columns_exp)(size_t rows, size_t width, real *restrict p, const real *restrict top, real *restrict sum)
{
	for (size_t i = 0; i < rows; i++, p += width)
		ROW(width) {
			VECTOR e = NAME(exp)(GET(p) - GET(top));
			PUT(p, e);
			PUT(sum, GET(sum) + e);
		}
}

INLINE void NAME(columns_backward)(size_t rows, size_t width, const real *p, const real *dot, real *restrict d)
{
	for (size_t i = 0; i < rows; i++, p += width, d += width)
		ROW(width)
			PUT(d, GET(p) * (GET(d) - GET(dot)));
}

/* What goes into silu at one edge. */
INLINE VECTOR NAME(edge)(size_t j, size_t n, size_t features, const real *feature, const real *et, size_t width, const real *a)
{
	VECTOR x = GET(a);
	for (size_t q = 0; q < features; q++)
		x += feature[q] * GET(et + q * width);
	return x;
}

/* The zeroth, first and second moments, xx yy zz xy xz yz, of `windows` windows, one or two; doubled: the second is twice as wide as the first. Both are
 * known to the compiler, so that one pass over the points serves both windows, with sums in registers. */
INLINE void NAME(moments)(size_t windows, bool doubled, size_t runs, const struct mfc_run *run, const real *x, size_t stride, const real *at,
    real to_noise, real reach, const double *width, real *moment)
{
	VECTOR m[2][10] = { 0 }, e[2], lane;
	real rate[2];
	for (size_t i = 0; i < LANES; i++)
		lane[i] = (real)i;
	for (size_t k = 0; k < windows; k++)
		rate[k] = (real)(-0.5 / (width[k] * width[k]));
	for (size_t r = 0; r < runs; r++, run++) {
		VECTOR left = (VECTOR){ 0 } + (real)run->count - lane;
		for (size_t j = 0; j < run->count; j += LANES, left -= LANES) {
			const real *p = x + run->first + j;
			VECTOR a = (NAME(get)(p, LANES, 0) - at[0]) * to_noise, b = (NAME(get)(p + stride, LANES, 0) - at[1]) * to_noise,
			    c = (NAME(get)(p + 2 * stride, LANES, 0) - at[2]) * to_noise, square = a * a + b * b + c * c;
			NAME(mask) counts = (left > 0) & (square > 0) & (square <= reach * reach);
			for (size_t k = windows; k-- > 0;) {
				if (doubled && k == 0)
					e[0] = e[1] * e[1] * (e[1] * e[1]);
				else
					e[k] = (VECTOR)((NAME(mask))NAME(exp_within)(NAME(larger)((VECTOR){ 0 } - 87, square * rate[k])) & counts);
				VECTOR w = e[k] * run->weight, wa = w * a, wb = w * b, wc = w * c, *sum = m[k];
				sum[0] += w;
				sum[1] += wa;
				sum[2] += wb;
				sum[3] += wc;
				sum[4] += wa * a;
				sum[5] += wb * b;
				sum[6] += wc * c;
				sum[7] += wa * b;
				sum[8] += wa * c;
				sum[9] += wb * c;
			}
		}
	}
	for (size_t k = 0; k < windows; k++)
		for (size_t i = 0; i < 10; i++)
			moment[10 * k + i] = NAME(total)(m[k][i]);
}

TARGET static void NAME(window_moments)(size_t windows, size_t runs, const struct mfc_run *run, const real *x, size_t stride, const real *at,
    real to_noise, real reach, const double *width, real *moment)
{
	for (; windows > 1; windows -= 2, width += 2, moment += 20)
		if (width[1] == 2 * width[0])
			NAME(moments)(2, true, runs, run, x, stride, at, to_noise, reach, width, moment);
		else
			NAME(moments)(2, false, runs, run, x, stride, at, to_noise, reach, width, moment);
	if (windows)
		NAME(moments)(1, false, runs, run, x, stride, at, to_noise, reach, width, moment);
}

INLINE void NAME(edge_mean_forward)(size_t rows, size_t width, size_t features, const size_t *start, const real *feature, const real *et,
    const real *a, size_t a_stride, real *out)
{
	for (size_t i = 0; i < rows; i++, a += a_stride, out += width)
		ROW(width) {
			VECTOR sum = { 0 };
			for (size_t e = start[i]; e < start[i + 1]; e++) {
				VECTOR x = NAME(edge)(j, n, features, feature + e * features, et, width, a);
				sum += x / (1 + NAME(exp)(-x));
			}
			PUT(out, sum / (real)(start[i + 1] > start[i] ? start[i + 1] - start[i] : 1));
		}
}

INLINE void NAME(edge_mean_backward)(size_t rows, size_t width, size_t features, const size_t *start, const real *feature, const real *et,
    const real *a, size_t a_stride, const real *dout, real *da, real *det)
{
	for (size_t i = 0; i < rows; i++, a += a_stride, da += a_stride, dout += width)
		ROW(width) {
			VECTOR d = GET(dout) / (real)(start[i + 1] - start[i]), sum = { 0 };   /* of no use without edges */
			for (size_t e = start[i]; e < start[i + 1]; e++) {
				const real *g = feature + e * features;
				VECTOR x = NAME(edge)(j, n, features, g, et, width, a);
				VECTOR s = 1 / (1 + NAME(exp)(-x)), dx = d * (s + x * s * (1 - s));
				sum += dx;
				for (size_t q = 0; q < features; q++)
					PUT(det + q * width, GET(det + q * width) + g[q] * dx);
			}
			PUT(da, GET(da) + sum);
		}
}

/* The widths of the default network are constants to the compiler: whole vectors, sums in registers. */
#define BY_WIDTH(body, parameters, ...) \
	TARGET static void NAME(body##_any) parameters \
	{ \
		if (width == 32) \
			NAME(body)(rows, 32, __VA_ARGS__); \
		else if (width == 64) \
			NAME(body)(rows, 64, __VA_ARGS__); \
		else if (width == 128) \
			NAME(body)(rows, 128, __VA_ARGS__); \
		else \
			NAME(body)(rows, width, __VA_ARGS__); \
	}
ROWS_FUNCTIONS(BY_WIDTH)

#undef BY_WIDTH
#undef ROW
#undef GET
#undef PUT
#undef INLINE
#undef VECTOR
#undef NAME
#undef LANES
#undef TARGET
