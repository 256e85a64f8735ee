#include "diffusion/stratify.h"
#include "parallel.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FINEST 20     /* bits of a place by one axis, at most */
#define SPREAD 4.0    /* deviations from the mean that the curve goes through; what is farther is at its border */
#define DIGIT 11      /* bits */

/* The quantile of N(0, 1) at p, 2^-33 to 1 - 2^-33, to 1e-6: Wichura 1988, Algorithm AS 241, PPND7, without the part for p below 1e-11. */
static double normal_quantile(double p)
{
	double q = p - 0.5, r = 0.180625 - q * q;
	if (r >= 0)
		return q * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179) /
		    (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1);
	r = sqrt(-log(q < 0 ? p : 1 - p)) - 1.6;
	double x = (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777) / ((0.12021132975 * r + 0.73700164250) * r + 1);
	return q < 0 ? -x : x;
}

/* The place on Hilbert's curve of cell q (dim) of a grid of 2^bits cells an axis (Skilling 2004, AIP Conf. Proc. 707). */
static uint64_t place(uint32_t *q, size_t dim, unsigned bits)
{
	uint32_t last = 0;
	uint64_t key = 0;
	for (uint32_t bit = 1u << (bits - 1); bit > 1; bit >>= 1)
		for (size_t j = 0; j < dim; j++) {
			uint32_t low = bit - 1, swap = q[j] & bit ? 0 : (q[0] ^ q[j]) & low;
			q[0] ^= q[j] & bit ? low : swap;
			q[j] ^= swap;
		}
	for (size_t j = 1; j < dim; j++)
		q[j] ^= q[j - 1];
	for (uint32_t bit = 1u << (bits - 1); bit > 1; bit >>= 1)
		last ^= q[dim - 1] & bit ? bit - 1 : 0;
	for (unsigned b = bits; b-- > 0;)
		for (size_t j = 0; j < dim; j++)
			key = key << 1 | ((q[j] ^ last) >> b & 1);
	return key;
}

/* Sobol's sequence with the primitive polynomials and first numbers of Joe and Kuo 2008 (new-joe-kuo-6): that of axis 0 is van der Corput's. */
static void directions(size_t axis, uint32_t v[32])
{
	static const struct { unsigned degree, coefficients, m[5]; } first[MFC_STRATIFY_DIM] = {
		{ 0 }, { 1, 0, { 1 } }, { 2, 1, { 1, 3 } }, { 3, 1, { 1, 3, 1 } }, { 3, 2, { 1, 1, 1 } }, { 4, 1, { 1, 1, 3, 3 } }, { 4, 4, { 1, 3, 5, 13 } },
		{ 5, 2, { 1, 1, 5, 5, 17 } }
	};
	unsigned degree = first[axis].degree;
	for (unsigned b = 0; b < 32; b++) {
		v[b] = degree == 0 ? 1u << (31 - b) : b < degree ? first[axis].m[b] << (31 - b) : v[b - degree] ^ v[b - degree] >> degree;
		for (unsigned i = 1; i < degree && b >= degree; i++)
			v[b] ^= first[axis].coefficients >> (degree - 1 - i) & 1 ? v[b - i] : 0;
	}
}

static uint32_t reverse(uint32_t x)
{
	x = (x >> 1 & 0x55555555) | (x & 0x55555555) << 1;
	x = (x >> 2 & 0x33333333) | (x & 0x33333333) << 2;
	x = (x >> 4 & 0x0f0f0f0f) | (x & 0x0f0f0f0f) << 4;
	return __builtin_bswap32(x);
}

/* Each bit of k is flipped, or not, as a hash of the seed and the bits above it says (Laine, Karras 2011; Burley 2020, Practical Hash-based Owen
 * Scrambling): stretches of 2^k stay together, in another order. Else particles that keep their order would have noise that goes with that of the step
 * before. */
static uint32_t shuffle(uint32_t k, uint32_t seed)
{
	uint32_t x = reverse(k) + seed;
	x ^= x * 0x6c50b47c;
	x ^= x * 0xb82f1e52;
	x ^= x * 0xc7afe638;
	x ^= x * 0x8d22f6e6;
	return reverse(x);
}

/* By the bits from `low` to `high`, with room for as many. Returns where they are. */
static uint64_t *sort(uint64_t *at, size_t n, unsigned low, unsigned high, uint64_t *room)
{
	for (unsigned shift = low; shift < high; shift += DIGIT) {
		size_t start[(1 << DIGIT) + 1] = { 0 };
		for (size_t i = 0; i < n; i++)
			start[(at[i] >> shift & ((1 << DIGIT) - 1)) + 1]++;
		for (size_t k = 0; k < 1 << DIGIT; k++)
			start[k + 1] += start[k];
		for (size_t i = 0; i < n; i++)
			room[start[at[i] >> shift & ((1 << DIGIT) - 1)]++] = at[i];
		uint64_t *swap = at;
		at = room;
		room = swap;
	}
	return at;
}

struct stratify {
	size_t threads, n, dim;
	double scale;
	float *y;
	uint64_t *at;                       /* (n): a place, and below it the particle's number */
	unsigned low, bits;                 /* of that number, and of a place by each axis */
	double corner[MFC_STRATIFY_DIM], to_cell;
	uint32_t direction[MFC_STRATIFY_DIM][32], shift[MFC_STRATIFY_DIM], seed;
};

/* The box that the curve fills, which is as wide on all axes, begins somewhere else in each step, so that where the curve tears neighbours apart is not
 * the same place every time. */
static void box(struct stratify *s, struct mfc_rng *rng)
{
	double side = 0;
	for (size_t j = 0; j < s->dim; j++) {
		double sum = 0, square = 0, first = s->y[j];
		for (size_t i = 0; i < s->n; i++) {
			double x = s->y[i * s->dim + j] - first;
			sum += x;
			square += x * x;
		}
		double mean = sum / (double)s->n, sd = sqrt(fmax(square / (double)s->n - mean * mean, 0));
		s->corner[j] = first + mean;
		side = fmax(side, 2 * SPREAD * sd);
	}
	side = fmax(side, 1e-30);
	for (size_t j = 0; j < s->dim; j++)
		s->corner[j] -= side * (0.5 + 0.25 * mfc_rng_uniform(rng));
	s->to_cell = 1 / (1.25 * side);
}

static void find_places(void *context, size_t thread)
{
	struct stratify *s = context;
	size_t from, to;
	double cells = 1u << s->bits;
	mfc_parallel_share(s->n, s->threads, thread, &from, &to);
	for (size_t i = from; i < to; i++) {
		uint32_t q[MFC_STRATIFY_DIM];
		for (size_t j = 0; j < s->dim; j++)
			q[j] = (uint32_t)fmin(fmax((s->y[i * s->dim + j] - s->corner[j]) * s->to_cell * cells, 0), cells - 1);
		s->at[i] = (uint64_t)place(q, s->dim, s->bits) << s->low | i;
	}
}

/* Along the curve the noise is Sobol's sequence, of which a stretch of 2^k that begins at a multiple of 2^k is spread evenly over the unit cube; shifted
 * by random bits, so that each of its points is uniform. */
static void add_noise(void *context, size_t thread)
{
	const struct stratify *s = context;
	size_t from, to;
	mfc_parallel_share(s->n, s->threads, thread, &from, &to);
	for (size_t k = from; k < to; k++) {
		float *y = s->y + (s->at[k] & ((UINT64_C(1) << s->low) - 1)) * s->dim;
		uint32_t number = shuffle((uint32_t)k, s->seed);
		for (size_t j = 0; j < s->dim; j++) {
			uint32_t x = s->shift[j];
			for (unsigned b = 0; b < 32; b++)
				x ^= -(number >> b & 1) & s->direction[j][b];
			y[j] += (float)(s->scale * normal_quantile(((double)x + 0.5) * 0x1p-32));
		}
	}
}

int mfc_stratify(const struct mfc_rng *rng, uint64_t step, size_t threads, size_t n, size_t dim, double scale, float *y, struct mfc_error *err)
{
	if (dim < 1 || dim > MFC_STRATIFY_DIM || n > UINT32_MAX)
		return mfc_error_set(err, "stratified noise is for up to %d coordinates and %u particles: not %zu and %zu", MFC_STRATIFY_DIM, UINT32_MAX, dim, n);
	struct stratify s = { .threads = threads, .n = n, .dim = dim, .scale = scale, .y = y };
	struct mfc_rng draw = *rng;
	draw.next = (2 * MFC_STRATIFY_DIM + 2) * step;   /* even, as a block makes two; box and shift take dim each, the seed one */
	uint64_t *both = malloc(2 * n * sizeof *both);
	if (!both)
		return mfc_error_memory(err);
	s.at = both;
	while (n >> s.low)
		s.low++;
	s.bits = (64 - s.low) / (unsigned)dim < FINEST ? (64 - s.low) / (unsigned)dim : FINEST;
	box(&s, &draw);
	for (size_t j = 0; j < dim; j++) {
		directions(j, s.direction[j]);
		s.shift[j] = (uint32_t)mfc_rng_bits(&draw);
	}
	s.seed = (uint32_t)mfc_rng_bits(&draw);
	mfc_parallel(threads, find_places, &s);
	s.at = sort(both, n, s.low, s.low + s.bits * (unsigned)dim, both + n);
	mfc_parallel(threads, add_noise, &s);
	free(both);
	return 0;
}
