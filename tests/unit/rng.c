/* Random numbers: their laws, and that a draw is a function of its key alone. */
#include "check.h"
#include "rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT 400000

static void normal(void)
{
	float *x = malloc(COUNT * sizeof *x);
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_NOISE, 2, 3);
	mfc_rng_normals(&rng, 0, COUNT, x);
	double m1 = 0, m2 = 0, m3 = 0, m4 = 0, neighbours = 0, tail = 0;
	for (size_t i = 0; i < COUNT; i++) {
		double v = x[i];
		m1 += v;
		m2 += v * v;
		m3 += v * v * v;
		m4 += v * v * v * v;
		neighbours += i ? v * x[i - 1] : 0;
		tail += fabs(v) > 3;
	}
	/* bounds of five standard errors */
	double e = 5 / sqrt(COUNT);
	check(fabs(m1 / COUNT) < e, "normals: mean %.4f", m1 / COUNT);
	check(fabs(m2 / COUNT - 1) < e * sqrt(2), "variance %.4f", m2 / COUNT);
	check(fabs(m3 / COUNT) < e * sqrt(15), "third moment %.4f", m3 / COUNT);
	check(fabs(m4 / COUNT - 3) < e * sqrt(96), "fourth moment %.4f", m4 / COUNT);
	check(fabs(neighbours / COUNT) < e, "correlation of neighbours %.4f", neighbours / COUNT);
	check(fabs(tail / COUNT - 0.0026998) < e * sqrt(0.0027), "share beyond 3: %.5f", tail / COUNT);

	int same = 1;
	float part[37];
	for (size_t first = 0; first < 41; first++)
		for (size_t count = 0; count <= 37; count++) {
			mfc_rng_normals(&rng, first, count, part);
			same = same && memcmp(part, x + first, count * sizeof *x) == 0;
		}
	check(same, "number i is the same wherever the request begins and ends");
	mfc_rng_normals(&rng, (1ull << 40) + 1, 3, part);
	float four[4];
	mfc_rng_normals(&rng, 1ull << 40, 4, four);
	check(memcmp(part, four + 1, sizeof *four * 3) == 0 && memcmp(four, x, sizeof four) != 0, "also far beyond 2^32");
	free(x);
}

static double correlation(struct mfc_rng a, struct mfc_rng b)
{
	static float x[20000], y[20000];
	double sum = 0;
	mfc_rng_normals(&a, 0, 20000, x);
	mfc_rng_normals(&b, 0, 20000, y);
	for (int i = 0; i < 20000; i++)
		sum += (double)x[i] * y[i];
	return fabs(sum / 20000);
}

static void streams(void)
{
	struct mfc_rng base = mfc_rng_make(1, MFC_RNG_NOISE, 2, 3);
	struct { const char *what; struct mfc_rng rng; } other[] = {
		{ "seed", mfc_rng_make(2, MFC_RNG_NOISE, 2, 3) }, { "purpose", mfc_rng_make(1, MFC_RNG_PRIOR, 2, 3) },
		{ "cloud", mfc_rng_make(1, MFC_RNG_NOISE, 3, 3) }, { "step", mfc_rng_make(1, MFC_RNG_NOISE, 2, 4) },
		{ "cloud and step swapped", mfc_rng_make(1, MFC_RNG_NOISE, 3, 2) }, { "high bit of the seed", mfc_rng_make(1 | 1ull << 63, MFC_RNG_NOISE, 2, 3) }
	};
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		check(correlation(base, other[i].rng) < 5 / sqrt(20000), "another %s: another stream", other[i].what);
	check(correlation(base, mfc_rng_make(1, MFC_RNG_NOISE, 2, 3)) > 0.9, "the same key: the same stream");
	uint64_t first = mfc_rng_bits(&base), second = mfc_rng_bits(&base);
	struct mfc_rng again = mfc_rng_make(1, MFC_RNG_NOISE, 2, 3);
	check(first != second && mfc_rng_bits(&again) == first && mfc_rng_bits(&again) == second, "sequential draws repeat as well");
}

static void uniform(void)
{
	struct mfc_rng rng = mfc_rng_make(5, MFC_RNG_TEST, 0, 0);
	size_t box[64] = { 0 };
	double chi = 0;
	int inside = 1;
	for (int i = 0; i < COUNT; i++) {
		double u = mfc_rng_uniform(&rng);
		inside = inside && u > 0 && u < 1;
		box[(int)(u * 64)]++;
	}
	for (int i = 0; i < 64; i++)
		chi += pow((double)box[i] - COUNT / 64.0, 2) / (COUNT / 64.0);
	check(inside && chi < 63 + 5 * sqrt(126), "uniform in (0, 1): chi square %.1f at 63 degrees", chi);
}

static void below(void)
{
	struct mfc_rng rng = mfc_rng_make(6, MFC_RNG_TEST, 0, 0);
	size_t count[7] = { 0 };
	for (int i = 0; i < 70000; i++)
		count[mfc_rng_below(&rng, 7)]++;
	double chi = 0;
	for (int i = 0; i < 7; i++)
		chi += pow((double)count[i] - 10000, 2) / 10000;
	check(chi < 6 + 5 * sqrt(12), "below 7: chi square %.1f at 6 degrees", chi);
	/* With a bound of 3·2^62 a plain remainder would give the lower third twice as often: 1/2 instead of 1/3 */
	uint64_t bound = 3ull << 62, third = 1ull << 62;
	size_t low = 0;
	for (int i = 0; i < 30000; i++) {
		uint64_t r = mfc_rng_below(&rng, bound);
		low += r < third;
		if (r >= bound)
			low = 1u << 30;
	}
	check(fabs((double)low / 30000 - 1.0 / 3) < 0.015, "below 3·2^62: %.3f in the lowest third, without bias", (double)low / 30000);
	int zero = 1;
	for (int i = 0; i < 100; i++)
		zero = zero && mfc_rng_below(&rng, 1) == 0;
	check(zero, "below 1 is 0");
}

static void subsets(void)
{
	size_t pair[6][6] = { 0 }, out[6], position[5][5] = { 0 };
	int distinct = 1;
	for (uint64_t i = 0; i < 30000; i++) {
		struct mfc_rng rng = mfc_rng_make(7, MFC_RNG_LEVEL, i, 0);
		mfc_rng_choose(&rng, 6, 2, out);
		distinct = distinct && out[0] != out[1] && out[0] < 6 && out[1] < 6;
		pair[out[0] % 6][out[1] % 6]++;
	}
	double chi = 0;
	for (int i = 0; i < 6; i++)
		for (int j = 0; j < 6; j++)
			chi += i == j ? 0 : pow((double)pair[i][j] - 1000, 2) / 1000;
	check(distinct && chi < 29 + 5 * sqrt(58), "2 of 6, keyed by cloud: ordered pairs uniform, chi square %.1f at 29 degrees", chi);
	for (uint64_t i = 0; i < 25000; i++) {
		struct mfc_rng rng = mfc_rng_make(8, MFC_RNG_ORDER, i, 0);
		size_t index[5] = { 0, 1, 2, 3, 4 }, seen = 0;
		mfc_rng_shuffle(&rng, 5, index);
		for (size_t j = 0; j < 5; j++) {
			seen |= (size_t)1 << index[j];
			position[j][index[j]]++;
		}
		distinct = distinct && seen == 31;
	}
	chi = 0;
	for (int i = 0; i < 25; i++)
		chi += pow((double)position[i / 5][i % 5] - 5000, 2) / 5000;
	check(distinct && chi < 16 + 5 * sqrt(32), "shuffles of 5: places uniform, chi square %.1f at 16 degrees", chi);
	size_t all[50], sum = 0;
	struct mfc_rng rng = mfc_rng_make(9, MFC_RNG_TEST, 0, 0);
	mfc_rng_choose(&rng, 50, 50, all);
	for (int i = 0; i < 50; i++)
		sum += all[i];
	check(sum == 50 * 49 / 2, "50 of 50 are all");
	int spread = 1;
	size_t often[10] = { 0 };
	for (int i = 0; i < 3000; i++) {
		mfc_rng_spread(&rng, 10, 5, all);
		for (size_t j = 0; j < 5; j++) {
			spread = spread && all[j] / 2 == j;
			often[all[j] % 10]++;
		}
	}
	for (int i = 0; i < 10; i++)
		spread = spread && fabs((double)often[i] - 1500) < 5 * sqrt(750);
	check(spread, "5 of 10, spread: one of each pair, either as often");
	mfc_rng_spread(&rng, 7, 7, all);
	for (size_t i = 0; i < 7; i++)
		spread = spread && all[i] == i;
	mfc_rng_spread(&rng, 50, 7, all);
	for (size_t i = 0; i < 6; i++)
		spread = spread && all[i] < all[i + 1] && all[i + 1] < 50;
	check(spread, "all of 7, and 7 of 50 in order");
}

static void hashes(void)
{
	double flips = 0;
	for (uint64_t i = 0; i < 1000; i++) {
		uint64_t j = i ^ 1ull << (i % 64);
		flips += __builtin_popcountll(mfc_rng_hash(&i, sizeof i) ^ mfc_rng_hash(&j, sizeof j));
	}
	check(fabs(flips / 1000 - 32) < 1, "one bit of input flips %.1f of 64 bits of the hash", flips / 1000);
	check(mfc_rng_hash("", 0) != mfc_rng_hash("\0", 1) && mfc_rng_hash("\0", 1) != mfc_rng_hash("\0\0", 2), "lengths count");
	check(mfc_rng_mix(5, 0) == 5 && mfc_rng_mix(5, 1) != mfc_rng_mix(1, 5) && mfc_rng_mix(5, 1) != mfc_rng_mix(5, 2), "mixing with 0 changes nothing, order matters");
}

int main(void)
{
	normal();
	streams();
	uniform();
	below();
	subsets();
	hashes();
	return done();
}
