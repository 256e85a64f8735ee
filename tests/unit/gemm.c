/* Products against three loops: every variant that this machine can run, not only the one that is chosen. With whole numbers the sums are
 * exact in any order, so there the results must be equal; what rounding does is measured apart. */
#include <gemm.c>

#include "check.h"
#include "kernels.h"

#include <stdlib.h>

#ifdef MFC_DOUBLE
#define VARIANT(x) x##_double
#define VECTOR_VARIANT(bits) gemm_double_##bits
#else
#define VARIANT(x) x##_float
#define VECTOR_VARIANT(bits) gemm_float_##bits
#endif

typedef void gemm(bool ta, bool tb, size_t m, size_t n, size_t k, real alpha, const real *a, size_t lda, const real *b, size_t ldb, const real *row,
    bool add, real *c, size_t ldc);

static struct variant { const char *name; gemm *run; bool ordered, here; } variant[] = {
	{ "chosen", VARIANT(mfc_gemm), false, true },
	{ "plain", VARIANT(general), false, true },
#ifdef MFC_VECTORS
	{ "AVX2", VECTOR_VARIANT(256), true, false },
	{ "AVX-512", VECTOR_VARIANT(512), true, false },
#endif
};
enum { VARIANTS = sizeof variant / sizeof *variant };

/* Arrays of fenced(). */
enum { A, B, C, ROW };

enum { LARGEST = 257 };
static const size_t sizes[] = { 0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 15, 16, 17, 23, 24, 25, 31, 32, 33, 47, 48, 49, 63, 64, 65, 127, 128, 129, 130,
	LARGEST };
enum { SIZES = sizeof sizes / sizeof *sizes };

static int left[LARGEST * LARGEST], right[LARGEST * LARGEST], product[LARGEST * LARGEST];   /* (m, k) (k, n) (m, n) */
static real start[LARGEST * LARGEST * 2], want[LARGEST * LARGEST * 2];   /* C before and after */

/* Numbers that a matrix of rows of `length`, `ld` apart, takes. */
static size_t room(size_t rows, size_t length, size_t ld)
{
	return rows ? (rows - 1) * ld + length : 0;
}

/* op(x) (rows, columns) as it is stored, with NAN in the gaps. */
static const real *stored(int which, bool transposed, size_t rows, size_t columns, const int *x, size_t ld)
{
	size_t count = transposed ? room(columns, rows, ld) : room(rows, columns, ld);
	real *to = fenced(which, count);
	for (size_t i = 0; i < count; i++)
		to[i] = NAN;
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < columns; j++)
			to[transposed ? j * ld + i : i * ld + j] = (real)x[i * columns + j];
	return to;
}

static void whole_numbers(struct mfc_rng *rng, size_t count, int *x)
{
	for (size_t i = 0; i < count; i += 16) {
		uint64_t bits = mfc_rng_bits(rng);
		for (size_t j = i; j < count && j < i + 16; j++, bits >>= 4)
			x[j] = (int)(bits & 15) - 7;
	}
}

/* One shape with all transposes; the rest (add, row, alpha, gaps, where the fence is) goes through its values from call to call. Counts in
 * wrong (VARIANTS, 4) what is not equal. */
static void exact(size_t m, size_t n, size_t k, size_t *wrong)
{
	static size_t calls;
	static const real alphas[] = { 1, -0.5, 2, 0, 1 };
	struct mfc_rng rng = mfc_rng_make(calls, MFC_RNG_TEST, 0, 0);
	whole_numbers(&rng, m * k, left);
	whole_numbers(&rng, k * n, right);
	memset(product, 0, sizeof *product * m * n);
	for (size_t i = 0; i < m; i++)
		for (size_t q = 0; q < k; q++)
			for (size_t j = 0; j < n; j++)
				product[i * n + j] += left[i * k + q] * right[q * n + j];
	for (int t = 0; t < 4; t++, calls++) {
		bool ta = t & 1, tb = t & 2, add = calls / 2 % 2, with_row = calls / 3 % 2;
		real alpha = alphas[calls % 5];
		fence_behind = calls / 5 % 3;
		size_t lda = (ta ? m : k) + calls % 3 + 1, ldb = (tb ? k : n) + calls / 7 % 4 + 1, ldc = n + calls / 11 % 3 + 1, count = room(m, n, ldc);
		const real *a = stored(A, ta, m, k, left, lda), *b = stored(B, tb, k, n, right, ldb);
		real *row = fenced(ROW, n);
		for (size_t j = 0; j < n; j++)
			row[j] = (real)(j % 13);
		for (size_t i = 0; i < count; i++) {
			size_t j = i % ldc;
			start[i] = j >= n ? 1234 : add ? (real)(i % 17) : (real)NAN;   /* what is not added to is not looked at */
			want[i] = j >= n ? 1234 : alpha * (real)product[i / ldc * n + j] + (with_row ? row[j] : 0) + (add ? start[i] : 0);
		}
		for (int v = 0; v < VARIANTS; v++) {
			if (!variant[v].here)
				continue;
			real *c = fenced(C, count);
			size_t bad = 0;
			memcpy(c, start, count * sizeof *c);
			variant[v].run(ta, tb, m, n, k, alpha, a, lda, b, ldb, with_row ? row : NULL, add, c, ldc);
			for (size_t i = 0; i < count; i++)
				bad += !(c[i] == want[i]);
			wrong[v * 4 + t] += bad;
			if (bad)
				printf("# %s: %d (%zu, %zu, %zu) alpha %g%s%s: %zu wrong\n", variant[v].name, t, m, n, k, (double)alpha,
				    with_row ? " row" : "", add ? " add" : "", bad);
		}
	}
}

static void check_exact(void)
{
	size_t wrong[VARIANTS * 4] = { 0 }, shapes = 0;
	for (size_t i = 0; i < SIZES; i++)
		for (size_t j = 0; j < SIZES; j++)
			for (size_t l = 0; l < SIZES; l++)
				if (sizes[i] * sizes[j] * sizes[l] <= 1 << 17 || (i == j && j == l)) {
					exact(sizes[i], sizes[j], sizes[l], wrong);
					shapes++;
				}
	for (int v = 0; v < VARIANTS; v++)
		for (int t = 0; t < 4 && variant[v].here; t++)
			check(wrong[v * 4 + t] == 0, "%s, %s%s: %zu shapes exactly, and nothing outside them", variant[v].name, t & 1 ? "A'" : "A",
			    t & 2 ? "B'" : "B", shapes);
}

/* A sum over k in order errs, over many random products, by k/√6 roundings of a product in the mean square. */
static void check_rounding(size_t k)
{
	enum { M = 37, N = 83 };
	fence_behind = true;
	const real *a = normals(A, M * k), *b = normals(B, k * N), *row = normals(ROW, N);
	wide *exact = malloc(M * N * sizeof *exact);
	for (size_t i = 0; i < M; i++)
		for (size_t j = 0; j < N; j++) {
			wide sum = 0;
			for (size_t q = 0; q < k; q++)
				sum += (wide)a[i * k + q] * b[q * N + j];
			exact[i * N + j] = (real)0.3 * sum + row[j];
		}
	for (int v = 0; v < VARIANTS; v++) {
		if (!variant[v].here)
			continue;
		real *c = fenced(C, M * N);
		double square = 0;
		variant[v].run(false, false, M, N, k, (real)0.3, a, k, b, N, row, false, c, N);
		for (size_t i = 0; i < M * N; i++)
			square += pow(off(c[i], exact[i], 1), 2);
		double error = sqrt(square / (M * N)), bound = 0.5 * (0.3 * (double)k / sqrt(6) + 2);
		check(error < bound, "%s: sums of %zu: error %.2f epsilon, at most %.2f", variant[v].name, k, error, bound);
	}
	free(exact);
}

/* Any run of rows by itself gives the bits that it has among all. */
static void check_rows(const struct variant *v)
{
	enum { M = 53, K = 150, LDC = 90 };
	static const size_t widths[] = { 1, 5, 8, 16, 21, 48, 64, 77, 90 };
	size_t wrong = 0, compared = 0;
	fence_behind = true;
	const real *a = normals(A, M * K), *b = normals(B, K * LDC), *row = normals(ROW, LDC), *before = normals(5, M * LDC);
	real *all = fenced(C, M * LDC), *some = fenced(6, M * LDC);
	for (int form = 0; form < 16; form++)
		for (size_t l = 0; l < sizeof widths / sizeof *widths; l++) {
			bool ta = form & 1, tb = form & 2, add = form & 4;
			size_t n = widths[l], lda = ta ? M : K, ldb = tb ? K : n;
			memcpy(all, before, M * LDC * sizeof *all);
			v->run(ta, tb, M, n, K, (real)0.3, a, lda, b, ldb, form & 8 ? row : NULL, add, all, LDC);
			for (size_t count = 1; count < M; count += count < 8 ? 1 : 5)
				for (size_t i = 0; i + count <= M; i += 7, compared++) {
					memcpy(some, before, M * LDC * sizeof *some);
					v->run(ta, tb, count, n, K, (real)0.3, a + (ta ? i : i * K), lda, b, ldb, form & 8 ? row : NULL, add, some + i * LDC, LDC);
					for (size_t r = 0; r < M; r++)
						wrong += memcmp(some + r * LDC, (r >= i && r < i + count ? all : before) + r * LDC, n * sizeof *some) != 0;
				}
		}
	check(wrong == 0, "%s: a row does not depend on the others: %zu products of some rows, bit for bit", v->name, compared);
}

/* NAN goes where its number goes, and nowhere else: even against zeros. */
static void check_nan(const struct variant *v)
{
	size_t wrong = 0;
	fence_behind = true;
	for (size_t i = 0; i < SIZES; i += 3)
		for (size_t j = 1; j < SIZES; j += 4)
			for (size_t l = 1; l < SIZES; l += 5) {
				size_t m = sizes[i], n = sizes[j], k = sizes[l], down = m / 2, across = n - 1;
				real *a = fenced(A, m * k), *b = fenced(B, k * n), *c = fenced(C, m * n);
				for (int place = 0; place < 2 && m > 0; place++) {
					memset(a, 0, m * k * sizeof *a);
					memset(b, 0, k * n * sizeof *b);
					*(place ? &b[(k - 1) * n + across] : &a[down * k + k / 2]) = NAN;
					v->run(false, false, m, n, k, 1, a, k, b, n, NULL, false, c, n);
					for (size_t q = 0; q < m * n; q++)
						wrong += isnan(c[q]) ? !(place ? q % n == across : q / n == down) : place ? q % n == across : q / n == down;
				}
			}
	check(wrong == 0, "%s: NAN in A reaches its row of C, in B its column", v->name);
}

int main(void)
{
	mfc_linalg_single_thread();
#ifdef MFC_VECTORS
	variant[2].here = __builtin_cpu_supports("x86-64-v3");
	variant[3].here = __builtin_cpu_supports("x86-64-v4");
#endif
	check_exact();
	static const size_t depth[] = { 1, 16, 128, 129, 1000, 3000 };
	for (size_t i = 0; i < sizeof depth / sizeof *depth; i++)
		check_rounding(depth[i]);
	for (int v = 0; v < VARIANTS; v++) {
		if (variant[v].ordered && variant[v].here)
			check_rows(&variant[v]);
		if (variant[v].here)
			check_nan(&variant[v]);
	}
	return done();
}
