#include "rng.h"

#include <Random123/philox.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* splitmix64's finaliser (Steele et al. 2014): every bit of the input reaches every bit of the output. */
static uint64_t scramble(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

uint64_t mfc_rng_mix(uint64_t a, uint64_t b)
{
	return b ? scramble(a ^ scramble(b)) : a;
}

/* FNV-1a, scrambled. */
uint64_t mfc_rng_hash(const void *data, size_t size)
{
	const unsigned char *p = data;
	uint64_t h = 0xcbf29ce484222325u;
	for (size_t i = 0; i < size; i++)
		h = (h ^ p[i]) * 0x100000001b3u;
	return scramble(h);
}

struct mfc_rng mfc_rng_make(uint64_t seed, enum mfc_purpose purpose, uint64_t cloud, uint64_t step)
{
	return (struct mfc_rng){ .key = scramble(seed ^ (uint64_t)purpose << 56), .stream = scramble(cloud ^ scramble(step)) };
}

/* Four 32-bit words: block number `index` of the stream. */
static philox4x32_ctr_t block(const struct mfc_rng *rng, uint64_t index)
{
	philox4x32_ctr_t counter = { { (uint32_t)index, (uint32_t)(index >> 32), (uint32_t)rng->stream, (uint32_t)(rng->stream >> 32) } };
	philox4x32_key_t key = { { (uint32_t)rng->key, (uint32_t)(rng->key >> 32) } };
	return philox4x32(counter, key);
}

/* In (0, 1): the middle of one of 2^32 equal parts. */
static double unit(uint32_t bits)
{
	return ((double)bits + 0.5) * 0x1p-32;
}

/* The four normals of a block by Box and Muller (1958). */
static void normals(const struct mfc_rng *rng, uint64_t index, float out[4])
{
	philox4x32_ctr_t b = block(rng, index);
	for (int i = 0; i < 4; i += 2) {
		double radius = sqrt(-2 * log(unit(b.v[i]))), angle = 2 * M_PI * unit(b.v[i + 1]), sine, cosine;
		sincos(angle, &sine, &cosine);
		out[i] = (float)(radius * cosine);
		out[i + 1] = (float)(radius * sine);
	}
}

void mfc_rng_normals(const struct mfc_rng *rng, uint64_t first, size_t count, float *out)
{
	float four[4];
	for (size_t done = 0; done < count;) {
		uint64_t index = first + done;
		size_t skip = index % 4, take = 4 - skip < count - done ? 4 - skip : count - done;
		normals(rng, index / 4, four);
		memcpy(out + done, four + skip, take * sizeof *out);
		done += take;
	}
}

/* Sequential draws count down from the top of the counter's range, far from the normals. */
uint64_t mfc_rng_bits(struct mfc_rng *rng)
{
	uint64_t index = rng->next++;
	if (index % 2)
		return rng->spare;
	philox4x32_ctr_t b = block(rng, UINT64_MAX - index / 2);
	rng->spare = (uint64_t)b.v[2] << 32 | b.v[3];
	return (uint64_t)b.v[0] << 32 | b.v[1];
}

double mfc_rng_uniform(struct mfc_rng *rng)
{
	return ((double)(mfc_rng_bits(rng) >> 12) + 0.5) * 0x1p-52;
}

uint64_t mfc_rng_below(struct mfc_rng *rng, uint64_t bound)
{
	/* Numbers from the incomplete last run of `bound` are drawn again. */
	uint64_t limit = UINT64_MAX - UINT64_MAX % bound, r;
	do
		r = mfc_rng_bits(rng);
	while (r >= limit);
	return r % bound;
}

void mfc_rng_shuffle(struct mfc_rng *rng, size_t n, size_t *index)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = mfc_rng_below(rng, i), swap = index[i - 1];
		index[i - 1] = index[j];
		index[j] = swap;
	}
}

void mfc_rng_spread(struct mfc_rng *rng, size_t n, size_t k, size_t *out)
{
	for (size_t i = 0, from = 0; i < k; i++) {
		size_t part = n / k + (i < n % k);
		out[i] = from + mfc_rng_below(rng, part);
		from += part;
	}
}

/* The first k of a Fisher-Yates shuffle from the front. */
void mfc_rng_choose(struct mfc_rng *rng, size_t n, size_t k, size_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = i;
	for (size_t i = 0; i < k; i++) {
		size_t j = i + mfc_rng_below(rng, n - i), swap = out[i];
		out[i] = out[j];
		out[j] = swap;
	}
}
