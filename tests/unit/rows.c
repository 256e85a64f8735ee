/* The functions over rows against twins that take a number at a time: every variant that this machine can run, at every width up to 130, beside
 * memory that may not be touched. An error is given as a part of what rounding may do, which follows from the number of terms. */
#include "net/rows.c"

#include "check.h"
#include "kernels.h"

#include <stdlib.h>
#include <string.h>

#define MEMBER(name, parameters, ...) void (*name) parameters;
static struct variant {
	const char *name;
	bool here;
	ROWS_FUNCTIONS(MEMBER)
	void (*exp)(size_t count, const real *x, real *y);
	void (*silu_forward)(size_t count, const real *x, real *y);
	void (*silu_backward)(size_t count, const real *x, const real *dy, real *dx, real *y);
} variant[] = {
#define CHOSEN(name, parameters, ...) .name = mfc_##name,
#define PLAIN(name, parameters, ...) .name = name##_any_128,
#define AVX2(name, parameters, ...) .name = name##_any_256,
#define AVX512(name, parameters, ...) .name = name##_any_512,
	{ "chosen", true, ROWS_FUNCTIONS(CHOSEN) .exp = mfc_rows_exp, .silu_forward = mfc_silu_forward, .silu_backward = mfc_silu_backward },
	{ "plain", true, ROWS_FUNCTIONS(PLAIN) .exp = rows_exp_128, .silu_forward = silu_forward_128, .silu_backward = silu_backward_128 },
#ifdef MFC_VECTORS
	{ "AVX2", false, ROWS_FUNCTIONS(AVX2) .exp = rows_exp_256, .silu_forward = silu_forward_256, .silu_backward = silu_backward_256 },
	{ "AVX-512", false, ROWS_FUNCTIONS(AVX512) .exp = rows_exp_512, .silu_forward = silu_forward_512, .silu_backward = silu_backward_512 },
#endif
};
enum { VARIANTS = sizeof variant / sizeof *variant };

static const struct variant *v;   /* the one under test */

/* Arrays of fenced(): as the functions name them. */
enum { X, Y, HAT, RSTD, GAIN, SHIFT, DY, DX, DG, DB, P, TOP, SUM, D, KEPT, KEPT2 };

static double worst;   /* of the errors of the case at hand, 1: what is allowed */

static void expect(real x, wide want, wide size)
{
	double e = off(x, want, size);
	worst = e > worst ? e : worst;
}

/* A copy that the functions do not see. */
static real *copy(int which, const real *x, size_t count)
{
	return memcpy(fenced(which, count), x, count * sizeof *x);
}

/* Roundings of a sum of n: lanes side by side, at least two. */
static wide terms(size_t n)
{
	return (wide)n / 4 + 4;
}

static void sum(size_t rows, size_t width)
{
	const real *x = normals(X, rows * width);
	real *s = normals(SUM, width);
	const real *was = copy(KEPT, s, width);
	v->rows_sum(rows, width, x, s);
	for (size_t j = 0; j < width; j++) {
		wide want = was[j], size = WIDE(fabs)(was[j]);
		for (size_t i = 0; i < rows; i++) {
			want += x[i * width + j];
			size += WIDE(fabs)(x[i * width + j]);
		}
		expect(s[j], want, size * (wide)(rows + 1) / 2);
	}
}

static void norm_forward(size_t rows, size_t width)
{
	real *x = normals(X, rows * width), *hat = fenced(HAT, rows * width), *rstd = fenced(RSTD, rows), *y = fenced(Y, rows * width);
	const real *g = normals(GAIN, width), *b = normals(SHIFT, width);
	real one = (real)(width % 2);
	for (size_t i = 0; i < rows * width; i++)
		x[i] = 2 * x[i] + 3;
	v->norm_forward(rows, width, x, one, g, b, hat, rstd, y);
	for (size_t i = 0; i < rows; i++, x += width, hat += width, y += width) {
		wide mean = 0, size = 0, variance = 0;
		for (size_t j = 0; j < width; j++) {
			mean += x[j] / (wide)width;
			size += WIDE(fabs)(x[j]) / (wide)width;
		}
		for (size_t j = 0; j < width; j++)
			variance += (x[j] - mean) * (x[j] - mean) / (wide)width;
		wide r = 1 / WIDE(sqrt)(variance + (wide)NORM_EPSILON);
		expect(rstd[i], r, r * terms(width));
		for (size_t j = 0; j < width; j++) {
			wide want = (x[j] - mean) * r, gain = one + (wide)g[j], bound = terms(width) * (size * r + WIDE(fabs)(want));
			expect(hat[j], want, bound);
			expect(y[j], want * gain + b[j], (bound + 2 * WIDE(fabs)(want)) * WIDE(fabs)(gain) + WIDE(fabs)(want * one) + WIDE(fabs)(b[j]));
		}
	}
}

static void norm_backward(size_t rows, size_t width)
{
	const real *hat = normals(HAT, rows * width), *rstd = normals(RSTD, rows), *g = normals(GAIN, width), *dy = normals(DY, rows * width);
	real *dx = normals(DX, rows * width), *dg = normals(DG, width), *db = normals(DB, width), one = (real)(width % 2);
	const real *was = copy(KEPT, dx, rows * width), *was_g = copy(KEPT2, dg, width), *was_b = copy(X, db, width);
	v->norm_backward(rows, width, hat, rstd, one, g, dy, dx, dg, db);
	for (size_t i = 0; i < rows; i++) {
		const real *h = hat + i * width, *d = dy + i * width;
		wide mean = 0, share = 0, size = 0;
		for (size_t j = 0; j < width; j++) {
			wide scaled = d[j] * (one + (wide)g[j]) / (wide)width;
			mean += scaled;
			share += scaled * h[j];
			size += WIDE(fabs)(scaled) * (1 + WIDE(fabs)(h[j]));
		}
		for (size_t j = 0; j < width; j++) {
			wide scaled = d[j] * (one + (wide)g[j]), r = rstd[i], old = was[i * width + j];
			wide bound = 2 * WIDE(fabs)(d[j]) * (one + WIDE(fabs)(g[j])) + terms(width) * size * (1 + WIDE(fabs)(h[j]));
			expect(dx[i * width + j], old + r * (scaled - mean - h[j] * share), WIDE(fabs)(old) + WIDE(fabs)(r) * bound);
		}
	}
	for (size_t j = 0; j < width; j++) {
		wide sum_g = was_g[j], sum_b = was_b[j], size_g = WIDE(fabs)(was_g[j]), size_b = WIDE(fabs)(was_b[j]);
		for (size_t i = 0; i < rows; i++) {
			wide d = dy[i * width + j], h = hat[i * width + j];
			sum_g += d * h;
			sum_b += d;
			size_g += WIDE(fabs)(d * h);
			size_b += WIDE(fabs)(d);
		}
		expect(dg[j], sum_g, size_g * (wide)(rows + 2) / 2);
		expect(db[j], sum_b, size_b * (wide)(rows + 1) / 2);
	}
}

static void scale_forward(size_t rows, size_t width)
{
	const real *x = normals(X, rows * width), *g = normals(GAIN, width), *b = normals(SHIFT, width);
	real *y = fenced(Y, rows * width), one = (real)(width % 2);
	v->scale_forward(rows, width, x, one, g, b, y);
	for (size_t i = 0; i < rows * width; i++) {
		wide gain = one + (wide)g[i % width];
		expect(y[i], x[i] * gain + b[i % width], 2 * WIDE(fabs)(x[i]) * (one + WIDE(fabs)(g[i % width])) + WIDE(fabs)(b[i % width]));
	}
}

/* Apart, or dx in the place of dy. */
static void scale_backward(size_t rows, size_t width)
{
	const real *x = normals(X, rows * width), *g = normals(GAIN, width);
	real *d = normals(DY, rows * width), *dx = width % 3 ? d : fenced(DX, rows * width), one = (real)(width % 2);
	real *dg = normals(DG, width), *db = normals(DB, width);
	const real *dy = copy(KEPT, d, rows * width), *was_g = copy(KEPT2, dg, width), *was_b = copy(SHIFT, db, width);
	v->scale_backward(rows, width, x, one, g, d, dx, dg, db);
	for (size_t i = 0; i < rows * width; i++)
		expect(dx[i], dy[i] * (one + (wide)g[i % width]), 2 * WIDE(fabs)(dy[i]) * (one + WIDE(fabs)(g[i % width])));
	for (size_t j = 0; j < width; j++) {
		wide sum_g = was_g[j], sum_b = was_b[j], size_g = WIDE(fabs)(was_g[j]), size_b = WIDE(fabs)(was_b[j]);
		for (size_t i = j; i < rows * width; i += width) {
			sum_g += (wide)dy[i] * x[i];
			sum_b += dy[i];
			size_g += WIDE(fabs)((wide)dy[i] * x[i]);
			size_b += WIDE(fabs)(dy[i]);
		}
		expect(dg[j], sum_g, size_g * (wide)(rows + 2) / 2);
		expect(db[j], sum_b, size_b * (wide)(rows + 1) / 2);
	}
}

/* Scores of one size, or all equal. The smallest weights, of e^-87 and below, are not told apart. */
static void softmax(size_t rows, size_t width, real size, real equal)
{
	real *p = normals(P, rows * width);
	for (size_t i = 0; i < rows * width; i++)
		p[i] = size * p[i] + equal;
	const real *x = copy(KEPT, p, rows * width);
	v->softmax_forward(rows, width, p);
	for (size_t i = 0; i < rows; i++, x += width, p += width) {
		wide top = x[0], total = 0;
		for (size_t j = 0; j < width; j++)
			top = x[j] > top ? x[j] : top;
		for (size_t j = 0; j < width; j++)
			total += WIDE(exp)(x[j] - top);
		for (size_t j = 0; j < width; j++) {
			wide want = WIDE(exp)(x[j] - top) / total;
			expect(p[j], want, want * (terms(width) + top - x[j]) + 2e-38L / EPSILON);
		}
	}
}

static void softmax_forward(size_t rows, size_t width)
{
	softmax(rows, width, 3, 0);
	softmax(rows, width, 1e4, 0);
	softmax(rows, width, 0, -1e4);
	softmax(rows, width, 0, 1e4);
}

static void softmax_backward(size_t rows, size_t width)
{
	const real *p = normals(P, rows * width);
	real *d = normals(D, rows * width);
	const real *dp = copy(KEPT, d, rows * width);
	v->softmax_backward(rows, width, p, d);
	for (size_t i = 0; i < rows; i++, p += width, dp += width, d += width) {
		wide dot = 0, size = 0;
		for (size_t j = 0; j < width; j++) {
			dot += (wide)p[j] * dp[j];
			size += WIDE(fabs)((wide)p[j] * dp[j]);
		}
		for (size_t j = 0; j < width; j++)
			expect(d[j], p[j] * (dp[j] - dot), WIDE(fabs)(p[j]) * (WIDE(fabs)(dp[j]) + terms(width) * size));
	}
}

static void columns(size_t rows, size_t width)
{
	real *p = normals(P, rows * width), *top = normals(TOP, width), *s = normals(SUM, width), *d = normals(D, rows * width);
	const real *dot = normals(DY, width);
	for (size_t j = 0; j < width; j++)
		top[j] = j % 3 ? top[j] : -INFINITY;   /* as where nothing has been read */
	const real *x = copy(KEPT, p, rows * width), *was = copy(KEPT2, top, width), *was_s = copy(X, s, width), *dp = copy(Y, d, rows * width);
	v->columns_max(rows, width, p, top);
	for (size_t j = 0; j < width; j++) {
		real want = was[j];
		for (size_t i = 0; i < rows; i++)
			want = x[i * width + j] > want ? x[i * width + j] : want;
		expect(top[j], want, 0);
		top[j] = rows ? top[j] : 0;
	}
	v->columns_exp(rows, width, p, top, s);
	for (size_t j = 0; j < width; j++) {
		wide total = was_s[j], size = WIDE(fabs)(was_s[j]);
		for (size_t i = 0; i < rows; i++) {
			wide want = WIDE(exp)((wide)x[i * width + j] - top[j]);
			expect(p[i * width + j], want, want * (2 + top[j] - x[i * width + j]));
			total += p[i * width + j];
			size += p[i * width + j];
		}
		expect(s[j], total, size * (wide)(rows + 1) / 2);
	}
	v->columns_backward(rows, width, p, dot, d);
	for (size_t i = 0; i < rows * width; i++)
		expect(d[i], p[i] * ((wide)dp[i] - dot[i % width]), 2 * p[i] * (WIDE(fabs)(dp[i]) + WIDE(fabs)(dot[i % width])));
}

/* Of rows · width numbers; the derivative in the place of dy or not, the value with it or not. */
static void silu(size_t rows, size_t width)
{
	size_t count = rows * width;
	real *x = normals(X, count), *y = fenced(Y, count), *d = normals(DY, count), *dx = width % 3 ? d : fenced(DX, count), *again = fenced(D, count);
	for (size_t i = 0; i < count; i++)
		x[i] *= (real)(i % 7 == 0 ? 1e4 : i % 7 == 1 ? 40 : 3);
	const real *dy = copy(KEPT, d, count);
	v->silu_forward(count, x, y);
	v->silu_backward(count, x, d, dx, width % 2 ? again : NULL);
	for (size_t i = 0; i < count; i++) {
		wide s = 1 / (1 + WIDE(exp)(-(wide)x[i])), a = x[i] * s;
		expect(y[i], a, 4 * WIDE(fabs)(a) + 1e-33L / EPSILON);   /* e^-88 is as small as it gets */
		expect(dx[i], dy[i] * (s + a * (1 - s)), WIDE(fabs)(dy[i]) * (4 * (s + WIDE(fabs)(a)) + 1e-33L / EPSILON));
		if (width % 2)
			expect(again[i], y[i], 2 * WIDE(fabs)(a) + 1e-33L / EPSILON);
	}
}

/* A sum, and the rounding errors that it may have, in units of EPSILON. */
struct sum { wide value, error; };

static void add(struct sum *to, wide value, wide error)
{
	to->value += value;
	to->error += error + WIDE(fabs)(to->value) / 2;
}

static void expect_rows(size_t rows, size_t width, const real *x, size_t stride, const struct sum *want)
{
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < stride && (j < width || i + 1 < rows); j++)
			if (j < width)
				expect(x[i * stride + j], want[i * width + j].value, want[i * width + j].error);
			else
				expect(x[i * stride + j], 1234, 0);   /* between the rows */
}

/* Rows that lie apart, with 1234 between them; `sums` begin at what they hold. */
static real *apart(int which, size_t rows, size_t width, size_t stride, struct sum *sums)
{
	real *x = normals(which, rows ? (rows - 1) * stride + width : 0);
	for (size_t i = 0; i + 1 < rows; i++)
		for (size_t j = width; j < stride; j++)
			x[i * stride + j] = 1234;
	for (size_t i = 0; sums && i < rows * width; i++)
		sums[i] = (struct sum){ x[i / width * stride + i % width], 0 };
	return x;
}

/* Each row has 0 to 3 edges, with 0 to 3 features. */
static void edges(size_t rows, size_t width)
{
	enum { ROWS = 32, WIDEST = 130 };
	static size_t start[ROWS + 1];
	static struct sum da_want[ROWS * WIDEST], det_want[3 * WIDEST];
	size_t f = width % 4, a_stride = width + width % 3;
	for (size_t i = 0; i < rows; i++)
		start[i + 1] = start[i] + (i + 1) % 4;
	const real *feature = normals(X, start[rows] * f), *et = normals(GAIN, f * width), *dout = normals(DY, rows * width);
	const real *a = apart(HAT, rows, width, a_stride, NULL);
	real *out = fenced(Y, rows * width), *da = apart(DX, rows, width, a_stride, da_want);
	real *det = apart(D, f, width, width, det_want);
	v->edge_mean_forward(rows, width, f, start, feature, et, a, a_stride, out);
	v->edge_mean_backward(rows, width, f, start, feature, et, a, a_stride, dout, da, det);
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < width; j++) {
			wide count = start[i + 1] > start[i] ? (wide)(start[i + 1] - start[i]) : 1, d = dout[i * width + j] / count;
			struct sum sum = { 0, 0 };
			for (size_t e = start[i]; e < start[i + 1]; e++) {
				struct sum x = { a[i * a_stride + j], 0 };
				for (size_t q = 0; q < f; q++)
					add(&x, (wide)feature[e * f + q] * et[q * width + j], WIDE(fabs)((wide)feature[e * f + q] * et[q * width + j]) / 2);
				/* silu is nowhere steeper than 1.1 and bends by 1/2 at most */
				wide s = 1 / (1 + WIDE(exp)(-x.value)), y = x.value * s, dx = d * (s + y * (1 - s));
				wide error = WIDE(fabs)(d) * (6 * (s + WIDE(fabs)(y)) + x.error / 2);
				add(&sum, y, 3 * WIDE(fabs)(y) + 1.1L * x.error);
				add(&da_want[i * width + j], dx, error);
				for (size_t q = 0; q < f; q++)
					add(&det_want[q * width + j], feature[e * f + q] * dx, WIDE(fabs)(feature[e * f + q]) * (error + WIDE(fabs)(dx) / 2));
			}
			expect(out[i * width + j], sum.value / count, (sum.error + WIDE(fabs)(sum.value)) / count);
		}
	expect_rows(rows, width, da, a_stride, da_want);
	expect_rows(f, width, det, width, det_want);
}

/* All widths, few and many rows, the fence on either side. */
static void everywhere(const char *what, void (*run)(size_t rows, size_t width))
{
	static const size_t rows[] = { 0, 1, 2, 7, 8, 9, 19 };
	for (v = variant; v < variant + VARIANTS; v++) {
		size_t cases = 0;
		if (!v->here)
			continue;
		worst = 0;
		for (size_t width = 1; width <= 130; width++)
			for (size_t i = 0; i < sizeof rows / sizeof *rows; i++, cases++) {
				fence_behind = cases % 3;
				run(rows[i], width);
			}
		check(worst <= 1, "%s, %s: %zu cases, error %.2f of what is allowed", v->name, what, cases, worst);
	}
}

/* Where e^x is promised. */
#ifdef MFC_DOUBLE
static const real lowest = -708, highest = 709;
enum { EXP_STEPS = 200000 };
#else
static const real lowest = -87, highest = 88;
enum { EXP_STEPS = 1500000 };
#endif

/* The unit of the last place of y. */
static wide unit(wide y)
{
	int e;
	WIDE(frexp)((real)y, &e);
	return WIDE(ldexp)(EPSILON, e - 1);
}

static whole bits_of(real x)
{
	whole bits;
	memcpy(&bits, &x, sizeof bits);
	return bits;
}

/* e^±x of every step-th x from one to another, against libm's in more precision: raises error (VARIANTS), in units of the last place. */
static size_t exp_sweep(real from, real to, whole step, double *error)
{
	enum { BLOCK = 4096 };
	static wide want[BLOCK];
	size_t count = 0;
	fence_behind = true;
	real *x = fenced(X, BLOCK), *y = fenced(Y, BLOCK);
	for (whole at = bits_of(from), end = bits_of(to); at <= end; count += BLOCK) {
		for (size_t i = 0; i < BLOCK; i += 2, at += at <= end ? step : 0) {
			memcpy(&x[i], at <= end ? &at : &end, sizeof *x);
			x[i + 1] = -x[i] < lowest ? lowest : -x[i];
		}
		for (size_t i = 0; i < BLOCK; i++)
			want[i] = WIDE(exp)((wide)x[i]);
		for (size_t k = 0; k < VARIANTS; k++) {
			if (!variant[k].here)
				continue;
			variant[k].exp(BLOCK, x, y);
			for (size_t i = 0; i < BLOCK; i++) {
				double e = (double)(WIDE(fabs)(y[i] - want[i]) / unit(want[i]));
				error[k] = isnan(e) ? INFINITY : e > error[k] ? e : error[k];
			}
		}
	}
	return count;
}

static void check_exp(void)
{
	double error[VARIANTS] = { 0 };
	real small = (real)0x1p-12;
	size_t count = exp_sweep(0, highest, bits_of(highest) / EXP_STEPS, error);
	count += exp_sweep(small, highest, (bits_of(highest) - bits_of(small)) / EXP_STEPS, error);
	for (size_t k = 0; k < VARIANTS; k++)
		if (variant[k].here)
			check(error[k] <= 2, "%s, exp: %zu numbers, error %.2f units of the last place", variant[k].name, count, error[k]);
}

/* At the ends and beyond, in place, and any count of numbers as each by itself. */
static void check_exp_ends(void)
{
	const real at[] = { 0, -(real)0, highest, lowest, 2 * highest, 2 * lowest, (real)1e30, (real)-1e30, INFINITY, -INFINITY, NAN, -(real)NAN };
	real y[12];
	v->exp(12, at, y);
	bool ok = y[0] == 1 && y[1] == 1 && isnan(y[10]) && isnan(y[11]);
	for (int i = 4; i < 10; i++)
#ifdef MFC_DOUBLE
		ok = ok && y[i] == (i % 2 ? 0 : INFINITY);
#else
		ok = ok && y[i] == y[i % 2 ? 3 : 2];
#endif
	check(ok, "%s, exp: 1 at 0, at the ends and beyond them, NAN", v->name);
	size_t wrong = 0;
	for (size_t count = 0; count <= 130; count++)
		for (int side = 0; side < 2; side++) {
			fence_behind = side;
			real *x = normals(X, count), *all = fenced(Y, count), one;
			v->exp(count, x, all);
			for (size_t i = 0; i < count; i++) {
				v->exp(1, x + i, &one);
				wrong += one != all[i];
			}
			v->exp(count, x, x);
			wrong += count && memcmp(x, all, count * sizeof *x) != 0;
		}
	check(wrong == 0, "%s, exp: of 0 to 130 numbers as of each by itself, and in place", v->name);
}

/* NAN goes where its number goes, and nowhere else: of `count` numbers those that are NAN must be those with `i / over % of == at`. */
static bool only(const real *x, size_t count, size_t over, size_t of, size_t at)
{
	for (size_t i = 0; i < count; i++)
		if (isnan(x[i]) != (i / over % of == at))
			return false;
	return true;
}

/* One NAN among rows of a width: at row r, column j. */
static bool nan_case(size_t width, size_t r, size_t j)
{
	enum { ROWS = 9 };
	size_t count = ROWS * width, at = r * width + j;
	bool ok = true;
	real *x = normals(X, count), *hat = fenced(HAT, count), *rstd = fenced(RSTD, ROWS), *y = fenced(Y, count), *dx = normals(DX, count);
	real *s = normals(SUM, width), *top = normals(TOP, width), *dg = normals(DG, width), *db = normals(DB, width), *d = normals(D, count);
	const real *g = normals(GAIN, width), *b = normals(SHIFT, width), *r_std = normals(P, ROWS);
	x[at] = NAN;
	v->norm_forward(ROWS, width, x, 1, g, b, hat, rstd, y);
	ok = ok && only(hat, count, width, ROWS, r) && only(y, count, width, ROWS, r) && only(rstd, ROWS, 1, ROWS, r);
	v->norm_backward(ROWS, width, d, r_std, 1, g, x, dx, dg, db);
	ok = ok && only(dx, count, width, ROWS, r) && only(dg, width, 1, width, j) && only(db, width, 1, width, j);
	v->scale_forward(ROWS, width, x, 1, g, b, y);
	ok = ok && only(y, count, 1, count, at);
	v->silu_forward(count, x, y);
	ok = ok && only(y, count, 1, count, at);
	v->silu_backward(count, x, d, y, NULL);
	ok = ok && only(y, count, 1, count, at);
	v->rows_sum(ROWS, width, x, s);
	ok = ok && only(s, width, 1, width, j);
	/* The maxima may pass over it, the weights and their sum may not. */
	s = normals(SUM, width);
	v->columns_max(ROWS, width, x, top);
	v->columns_exp(ROWS, width, x, top, s);
	ok = ok && only(x, count, 1, count, at) && only(s, width, 1, width, j);
	v->softmax_backward(ROWS, width, x, d);
	ok = ok && only(d, count, width, ROWS, r);
	v->softmax_forward(ROWS, width, x);
	return ok && only(x, count, width, ROWS, r);
}

static void check_nan(void)
{
	size_t wrong = 0;
	fence_behind = true;
	for (size_t width = 1; width <= 130; width++) {
		wrong += !nan_case(width, width % 9, width - 1);
		wrong += !nan_case(width, width % 8, width / 2);
		wrong += !nan_case(width, 8 - width % 9, 0);
	}
	check(wrong == 0, "%s: NAN reaches what is made of it, and nothing else", v->name);
}

int main(void)
{
#ifdef MFC_VECTORS
	variant[2].here = __builtin_cpu_supports("x86-64-v3");
	variant[3].here = __builtin_cpu_supports("x86-64-v4");
#endif
	everywhere("sum", sum);
	everywhere("norm", norm_forward);
	everywhere("norm backward", norm_backward);
	everywhere("scale", scale_forward);
	everywhere("scale backward", scale_backward);
	everywhere("softmax", softmax_forward);
	everywhere("softmax backward", softmax_backward);
	everywhere("columns", columns);
	everywhere("silu", silu);
	everywhere("means over edges", edges);
	check_exp();
	for (v = variant; v < variant + VARIANTS; v++)
		if (v->here) {
			check_exp_ends();
			check_nan();
		}
	return done();
}
