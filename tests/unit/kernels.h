/* What the tests of the numeric kernels share. They are written for `real`, and compiled a second time in double (MFC_DOUBLE). A naive twin
 * computes in `wide`. Kernels that are chosen when the program runs are reached by including their file, so the Makefile compiles these
 * tests with the flags of those files. */
#ifndef KERNELS_H
#define KERNELS_H

#include "net/real.h"
#include "rng.h"

#include <float.h>
#include <sys/mman.h>

#ifdef MFC_DOUBLE
typedef long double wide;
#define WIDE(f) f##l
#define EPSILON DBL_EPSILON
#else
typedef double wide;
#define WIDE(f) f
#define EPSILON FLT_EPSILON
#endif

/* Arrays beside memory that may not be touched: one number read or written too far ends the program, and so fails the test. */
enum { FENCED = 16, FENCED_BYTES = 1 << 21, FENCE_BYTES = 1 << 16 };
static bool fence_behind = true;   /* where the fence is; else before */

/* Array `which` < FENCED with room for count numbers, whose content is that of its last use. */
static real *fenced(size_t which, size_t count)
{
	static char *map;
	if (!map) {
		map = mmap(NULL, FENCE_BYTES + FENCED * (FENCED_BYTES + FENCE_BYTES), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		for (size_t i = 0; i < FENCED; i++)
			mprotect(map + FENCE_BYTES + i * (FENCED_BYTES + FENCE_BYTES), FENCED_BYTES, PROT_READ | PROT_WRITE);
	}
	char *begin = map + FENCE_BYTES + which * (FENCED_BYTES + FENCE_BYTES);
	return (real *)(void *)(fence_behind ? begin + FENCED_BYTES - count * sizeof(real) : begin);
}

/* The same with normal numbers in it (standard deviation about 1), other ones at each call. */
static real *__attribute__((unused)) normals(size_t which, size_t count)
{
	static uint64_t calls;
	struct mfc_rng rng = mfc_rng_make(11, MFC_RNG_TEST, calls++, 0);
	float block[256];
	real *x = fenced(which, count);
	for (size_t i = 0; i < count; i += 256) {
		size_t n = count - i < 256 ? count - i : 256;
		mfc_rng_normals(&rng, i, n, block);
		for (size_t j = 0; j < n; j++)
			x[i + j] = (real)(M_PI / 3) * (real)block[j];   /* in double too all bits are in use */
	}
	return x;
}

/* How far x is from what it should be, in roundings of `size`. */
static double __attribute__((unused)) off(real x, wide want, wide size)
{
	double d = (double)(WIDE(fabs)(x - want) / (EPSILON * size));
	return x == want ? 0 : d >= 0 ? d : INFINITY;   /* NAN is far from anything */
}

#endif
