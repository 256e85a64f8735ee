/* Stratified noise: the curve, the quantiles, the law of one particle's noise, and how much more evenly that of neighbours is spread than chance has it. */
#include "diffusion/stratify.c"

#include "check.h"

static void quantiles(void)
{
	double worst = 0;
	for (double e = -1; e > -9.9; e -= 0.125) {
		double p = pow(10, e), z = normal_quantile(p), density = exp(-z * z / 2) / sqrt(2 * M_PI);
		worst = fmax(worst, fabs(erfc(-z / M_SQRT2) / 2 - p) / density);
	}
	for (int i = 1; i < 1000; i++) {
		double p = i / 1000.0, z = normal_quantile(p), density = exp(-z * z / 2) / sqrt(2 * M_PI);
		worst = fmax(worst, fabs(erfc(-z / M_SQRT2) / 2 - p) / density);
		worst = fmax(worst, fabs(z + normal_quantile(1 - p)));
	}
	check(worst < 1e-6, "quantiles of the normal distribution, p from 1e-10: off by %.1e", worst);
}

/* Every cell once, and from each to one beside it. */
static void curve(size_t dim, unsigned bits)
{
	enum { MOST = 4096 };
	static uint32_t cell[MOST][MFC_STRATIFY_DIM];
	static size_t seen[MOST];
	size_t cells = (size_t)1 << bits * dim, bad = 0;
	memset(seen, 0, sizeof seen);
	for (size_t i = 0; i < cells; i++) {
		uint32_t at[MFC_STRATIFY_DIM], q[MFC_STRATIFY_DIM];
		for (size_t j = 0; j < dim; j++)
			at[j] = q[j] = (uint32_t)(i >> bits * j) & ((1u << bits) - 1);
		uint64_t k = place(q, dim, bits);
		if (k >= cells || seen[k]++) {
			bad++;
			continue;
		}
		memcpy(cell[k], at, sizeof at);
	}
	for (size_t k = 1; k < cells && !bad; k++) {
		unsigned apart = 0;
		for (size_t j = 0; j < dim; j++)
			apart += cell[k][j] > cell[k - 1][j] ? cell[k][j] - cell[k - 1][j] : cell[k - 1][j] - cell[k][j];
		bad += apart != 1;
	}
	check(bad == 0, "the curve through %zu^%zu cells visits each, and goes from each to one beside it", (size_t)1 << bits, dim);
}

/* Stretches of 2^k numbers fall into the 2^k equal parts of an axis, one into each. */
static void sequence(void)
{
	size_t bad = 0;
	for (size_t j = 0; j < MFC_STRATIFY_DIM; j++) {
		uint32_t v[32];
		directions(j, v);
		for (size_t first = 0; first < 4096; first += 256) {
			bool seen[256] = { false };
			for (size_t k = first; k < first + 256; k++) {
				uint32_t x = 0;
				for (size_t b = 0; k >> b; b++)
					x ^= k >> b & 1 ? v[b] : 0;
				bad += seen[x >> 24];
				seen[x >> 24] = true;
			}
		}
	}
	check(bad == 0, "any 256 numbers of the sequence from a multiple of 256 on fall one into each 256th of every axis");
	/* As scipy.stats.qmc.Sobol has them. */
	static const uint32_t want[MFC_STRATIFY_DIM][2] = { { 0x4000000, 0x100000 }, { 0xcc000000, 0xf0f00000 }, { 0x5c000000, 0x55900000 }, { 0x74000000, 0xe6d00000 }, { 0xdc000000, 0xf0b00000 }, { 0x24000000, 0x14300000 }, { 0x94000000, 0xf3100000 }, { 0x24000000, 0x64100000 } };
	for (size_t j = 0; j < MFC_STRATIFY_DIM; j++) {
		uint32_t v[32];
		directions(j, v);
		bad += v[5] != want[j][0] || v[11] != want[j][1];
	}
	check(bad == 0, "numbers 32 and 2048 are Sobol's");
}

static int ascending(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

/* The noise of one particle among others that lie as they like, step after step: Kolmogorov and Smirnov's distance, and how it goes with the
 * step before and the other coordinates. */
static void law(void)
{
	enum { N = 50, STEPS = 4000, DIM = MFC_STRATIFY_DIM };
	static float z[DIM][STEPS];
	struct mfc_error err;
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_TEST, 0, 0), where = mfc_rng_make(2, MFC_RNG_TEST, 0, 0);
	float at[N * DIM], y[N * DIM];
	mfc_rng_normals(&where, 0, N * DIM, at);
	for (size_t t = 0; t < STEPS; t++) {
		memcpy(y, at, sizeof y);
		if (mfc_stratify(&rng, t, 1, N, DIM, 0.5, y, &err))
			return (void)check(0, "%s", err.message);
		for (size_t j = 0; j < DIM; j++)
			z[j][t] = (y[7 * DIM + j] - at[7 * DIM + j]) / 0.5f;
	}
	for (size_t j = 0; j < DIM; j++) {
		double lag = 0, with = 0, distance = 0;
		for (size_t t = 1; t < STEPS; t++)
			lag += z[j][t] * z[j][t - 1] / STEPS;
		for (size_t k = j + 1; k < DIM; k++) {
			double product = 0;
			for (size_t t = 0; t < STEPS; t++)
				product += z[j][t] * z[k][t] / STEPS;
			with = fmax(with, fabs(product));
		}
		qsort(z[j], STEPS, sizeof **z, ascending);
		for (size_t t = 0; t < STEPS; t++)
			distance = fmax(distance, fabs(erfc(-z[j][t] / M_SQRT2) / 2 - (t + 0.5) / STEPS));
		check(distance < 1.95 / sqrt(STEPS) && fabs(lag) < 4 / sqrt(STEPS) && with < 4 / sqrt(STEPS), "coordinate %zu of one particle's noise is N(0, 1), %.4f from it, new in every step (%.3f) and in the others (%.3f)", j, distance, lag, with);
	}
}

/* The mean noise of `group` particles that lie beside each other on a surface, or all in one place: its variance times group is 1 by chance. */
static double unevenness(size_t side, size_t group, size_t dim, double width)
{
	size_t n = side * side, patches = side / group;
	struct mfc_error err;
	struct mfc_rng rng = mfc_rng_make(3, MFC_RNG_TEST, 0, 0);
	float *at = calloc(2 * n * dim, sizeof *at), *y = at + n * dim;
	for (size_t i = 0; i < n; i++) {
		at[i * dim] = (float)(width * (double)(i % side) / (double)side);
		at[i * dim + 1] = (float)(width * (double)(i / side) / (double)side);
	}
	memcpy(y, at, n * dim * sizeof *y);
	double square = mfc_stratify(&rng, 5, 2, n, dim, 1, y, &err) ? NAN : 0;
	for (size_t a = 0; a < patches; a++)
		for (size_t b = 0; b < patches; b++)
			for (size_t j = 0; j < dim; j++) {
				double sum = 0;
				for (size_t i = 0; i < group * group; i++) {
					size_t p = (b * group + i / group) * side + a * group + i % group;
					sum += y[p * dim + j] - at[p * dim + j];
				}
				square += sum * sum / (double)(group * group);
			}
	free(at);
	return square / (double)(patches * patches * dim);
}

static void evenness(void)
{
	double small = unevenness(256, 4, 3, 1), large = unevenness(256, 16, 3, 1), flat = unevenness(256, 8, 2, 1e-3), space = unevenness(64, 8, 8, 100);
	check(small < 0.6, "a patch of 16 on a surface in space: the variance of its mean noise is %.3f of chance", small);
	check(large < 0.25, "one of 256: %.3f", large);
	check(flat < 0.4, "one of 64 in the plane: %.3f", flat);
	check(space < 0.5, "one of 64 in eight dimensions: %.3f", space);
	double heap = unevenness(64, 64, 3, 0);
	check(heap < 0.01, "4,096 in one place: %.4f", heap);
}

/* 65,536 in one place: each axis has one in every equal part of the law, and every pair of axes one in every box of 256 by 256. Another step draws other ones. */
static void fine(void)
{
	enum { N = 65536, DIM = 3 };
	static float y[2][N * DIM];
	static bool seen[DIM + DIM][N];
	struct mfc_error err;
	struct mfc_rng rng = mfc_rng_make(6, MFC_RNG_TEST, 0, 0);
	size_t strata = 0, boxes = 0;
	for (size_t t = 0; t < 2; t++)
		if (mfc_stratify(&rng, t, 1, N, DIM, 1, y[t], &err))
			return (void)check(0, "%s", err.message);
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < DIM; j++) {
			double u = erfc(-y[0][i * DIM + j] / M_SQRT2) / 2, v = erfc(-y[0][i * DIM + (j + 1) % DIM] / M_SQRT2) / 2;
			strata += !seen[j][(size_t)(u * N)];
			boxes += !seen[DIM + j][(size_t)(u * 256) * 256 + (size_t)(v * 256)];
			seen[j][(size_t)(u * N)] = seen[DIM + j][(size_t)(u * 256) * 256 + (size_t)(v * 256)] = true;
		}
	double product = 0;
	for (size_t i = 0; i < N * DIM; i++)
		product += y[0][i] * y[1][i] / (N * DIM);
	check(strata > 0.98 * DIM * N, "65,536 in one place: %zu of %d parts of the axes are met", strata, DIM * N);
	check(boxes > 0.7 * DIM * N, "and %zu of as many boxes of two axes: by chance it were %.0f", boxes, (1 - exp(-1)) * DIM * N);
	check(fabs(product) < 0.2, "the next step's noise is another: %.3f", product);
}

static void same(void)
{
	enum { N = 3001, DIM = 3 };
	static float y[3][N * DIM];
	struct mfc_error err;
	struct mfc_rng rng = mfc_rng_make(4, MFC_RNG_TEST, 0, 0);
	for (size_t i = 0; i < 3; i++) {
		mfc_rng_normals(&rng, 0, N * DIM, y[i]);
		if (mfc_stratify(&rng, i / 2, 1 + 2 * i, N, DIM, 1, y[i], &err))
			check(0, "%s", err.message);
	}
	check(memcmp(y[0], y[1], sizeof *y) == 0 && memcmp(y[0], y[2], sizeof *y) != 0, "one thread and three draw the same, another step draws otherwise");
}

static void edges(void)
{
	struct mfc_error err = { 0 };
	struct mfc_rng rng = mfc_rng_make(5, MFC_RNG_TEST, 0, 0);
	float one[9] = { 0 }, odd[12] = { INFINITY, 0, 0, NAN, 1, 1, 3e38f, -3e38f, 0, 1, 2, 3 };
	check(mfc_stratify(&rng, 0, 2, 1, 1, 1, one, &err) == 0 && one[0] != 0 && isfinite(one[0]), "one particle on a line");
	check(mfc_stratify(&rng, 0, 2, 4, 3, 1, odd, &err) == 0 && isinf(odd[0]) && isnan(odd[3]) && isfinite(odd[10]), "what is not finite stays so, and harms nothing");
	check(mfc_stratify(&rng, 0, 1, (size_t)1 << 32, 3, 1, one, &err) == -1, "%s", err.message);
	check(mfc_stratify(&rng, 0, 1, 1, 9, 1, one, &err) == -1 && strstr(err.message, "not 9 and 1"), "%s", err.message);
}

int main(void)
{
	quantiles();
	for (size_t dim = 1; dim <= MFC_STRATIFY_DIM; dim++)
		curve(dim, 12 / (unsigned)dim);
	sequence();
	law();
	evenness();
	fine();
	same();
	edges();
	return done();
}
