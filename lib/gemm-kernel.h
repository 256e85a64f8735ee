/* The product of gemm.h for one type and one width of vectors. Included by gemm.c for each of them, with
 *   REAL     the type of an element          NAME(x)   x with a suffix of its own
 *   BYTES    of a vector                     TARGET    the function attribute that allows such vectors
 *   VECTORS  in a row of the widest tile     ROWS(v)   rows of a tile that is v vectors wide: with its operands it fits the registers */

#define LANES (BYTES / sizeof(REAL))
#define WIDTH (VECTORS * LANES)
#define DEPTH 128   /* of k at a time: a panel of B stays in the first cache */

typedef REAL NAME(vector) __attribute__((vector_size(BYTES), aligned(sizeof(REAL)), may_alias));

/* C (rows, v vectors) = alpha · A (rows, k) · B (k, v vectors) + …; A's element (i, q) is a[i · down + q · across]. rows and v are constants
 * where this is called. */
static inline __attribute__((always_inline)) TARGET void NAME(tile)(const size_t rows, const size_t v, size_t k, REAL alpha,
    const REAL *restrict a, size_t down, size_t across, const REAL *restrict b, size_t ldb, const REAL *row, bool add, REAL *restrict c, size_t ldc)
{
	NAME(vector) sum[24];
#pragma GCC unroll 24
	for (size_t i = 0; i < rows * v; i++)
		sum[i] = (NAME(vector)){ 0 };
	for (; k > 0; k--, a += across, b += ldb) {
		NAME(vector) line[4];
#pragma GCC unroll 4
		for (size_t j = 0; j < v; j++)
			line[j] = *(const NAME(vector) *)(const void *)(b + j * LANES);
#pragma GCC unroll 24
		for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 4
			for (size_t j = 0; j < v; j++)
				sum[i * v + j] += a[i * down] * line[j];
	}
#pragma GCC unroll 24
	for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 4
		for (size_t j = 0; j < v; j++) {
			NAME(vector) *to = (NAME(vector) *)(void *)(c + i * ldc + j * LANES), base = { 0 }, x = sum[i * v + j];
			if (row)
				base = *(const NAME(vector) *)(const void *)(row + j * LANES);
			if (add)
				base += *to;
			__asm__("" : "+v"(x), "+v"(base));   /* the product is not made before the sum, so tiles of all heights round it alike */
			*to = alpha * x + base;
		}
}

/* Tiles of one width down all rows of C. */
#define DOWN(R, V) \
	for (; m - i >= (R); i += (R)) \
		NAME(tile)((R), (V), k, alpha, a + i * down, down, across, b, ldb, row, add, c + i * ldc, ldc)
#define STRIP(V) \
	static TARGET void NAME(strip##V)(size_t m, size_t k, REAL alpha, const REAL *a, size_t down, size_t across, const REAL *b, size_t ldb, \
	    const REAL *row, bool add, REAL *c, size_t ldc) \
	{ \
		size_t i = 0; \
		DOWN(ROWS(V), V); \
		DOWN(4, V); \
		DOWN(1, V); \
	}
STRIP(1)
STRIP(2)
#if VECTORS > 2
STRIP(3)
STRIP(4)
#endif

static void (*const NAME(strip)[])(size_t, size_t, REAL, const REAL *, size_t, size_t, const REAL *, size_t, const REAL *, bool, REAL *, size_t) = {
	NAME(strip1), NAME(strip2),
#if VECTORS > 2
	NAME(strip3), NAME(strip4),
#endif
};

/* Rows [0, k) of `n` columns of op(B), as rows of WIDTH, zeros beyond n. */
static TARGET void NAME(pack)(bool tb, size_t n, size_t k, const REAL *b, size_t ldb, REAL *out)
{
	if (n < WIDTH)
		memset(out, 0, k * WIDTH * sizeof *out);
	if (!tb)
		for (size_t q = 0; q < k; q++)
			memcpy(out + q * WIDTH, b + q * ldb, n * sizeof *out);
	else
		for (size_t q0 = 0; q0 < k; q0 += 16)   /* a cache line of each row of B at a time */
			for (size_t j = 0; j < n; j++)
				for (size_t q = q0; q < k && q < q0 + 16; q++)
					out[q * WIDTH + j] = b[j * ldb + q];
}

/* A panel of at most WIDTH columns. Columns that do not fill a vector are computed aside. */
static TARGET void NAME(panel)(bool tb, size_t m, size_t n, size_t k, REAL alpha, const REAL *a, size_t down, size_t across, const REAL *b,
    size_t ldb, const REAL *row, bool add, REAL *c, size_t ldc)
{
	REAL packed[DEPTH * WIDTH] __attribute__((aligned(64)));
	size_t whole = n / LANES * LANES;
	if (tb || whole < n) {
		NAME(pack)(tb, n, k, b, ldb, packed);
		b = packed;
		ldb = WIDTH;
	}
	if (whole)
		NAME(strip)[whole / LANES - 1](m, k, alpha, a, down, across, b, ldb, row, add, c, ldc);
	if (whole == n)
		return;
	for (size_t i = 0; i < m; i += 16) {
		REAL rest[16 * LANES];
		size_t rows = m - i < 16 ? m - i : 16;
		NAME(strip1)(rows, k, alpha, a + i * down, down, across, b + whole, ldb, NULL, false, rest, LANES);
		for (size_t r = 0; r < rows; r++)
			for (size_t j = whole; j < n; j++)
				c[(i + r) * ldc + j] = (add ? c[(i + r) * ldc + j] : 0) + (row ? row[j] : 0) + rest[r * LANES + j - whole];
	}
}

static TARGET void NAME(gemm)(bool ta, bool tb, size_t m, size_t n, size_t k, REAL alpha, const REAL *a, size_t lda, const REAL *b, size_t ldb,
    const REAL *row, bool add, REAL *c, size_t ldc)
{
	size_t down = ta ? 1 : lda, across = ta ? lda : 1;
	for (size_t q = 0; q == 0 || q < k; q += DEPTH) {
		size_t depth = k - q < DEPTH ? k - q : DEPTH;
		for (size_t j = 0; j < n; j += WIDTH)
			NAME(panel)(tb, m, n - j < WIDTH ? n - j : WIDTH, depth, alpha, a + q * across, down, across, tb ? b + j * ldb + q : b + q * ldb + j,
			    ldb, row && q == 0 ? row + j : NULL, add || q > 0, c + j, ldc);
	}
}

#undef DOWN
#undef STRIP
#undef LANES
#undef WIDTH
#undef DEPTH
#undef REAL
#undef NAME
#undef BYTES
#undef TARGET
#undef VECTORS
#undef ROWS
