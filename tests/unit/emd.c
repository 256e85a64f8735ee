/* lib/metric/{emd,pricing}: the certificate of optimality, twins that know nothing of prices or of space, hard clouds, the laws of a metric. */
#include "check.h"

#include "metric/emd.h"
#include "metric/pricing.h"
#include "rng.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static struct mfc_emd_work *work;
static bool squared;   /* the cost is the square of the distance, there and here */

static void normals(size_t count, uint64_t stream, float *out)
{
	struct mfc_rng rng = mfc_rng_make(11, MFC_RNG_TEST, stream, 0);
	mfc_rng_normals(&rng, 0, count, out);
}

static double cost(size_t dim, const float *x, const float *y)
{
	double sum = 0;
	for (size_t k = 0; k < dim; k++)
		sum += ((double)x[k] - (double)y[k]) * ((double)x[k] - (double)y[k]);
	return squared ? sum : sqrt(sum);
}

static struct mfc_emd_result solve(size_t n, const float *x, size_t m, const float *y, size_t dim, double limit)
{
	struct mfc_emd_result r = { NAN, NAN };
	struct mfc_error err;
	if (mfc_emd(work, n, x, m, y, dim, squared, limit, &r, &err))
		printf("# %s\n", err.message);
	return r;
}

static double emd(size_t n, const float *x, const float *y, size_t dim) { return solve(n, x, n, y, dim, INFINITY).emd; }

static const char *of(void) { return squared ? " of squares" : ""; }

/* The bound proves the rest, to rounding. */
static bool certified(struct mfc_emd_result r, double rounding)
{
	bool good = isfinite(r.emd) && fabs(r.emd - r.bound) <= rounding * r.emd;
	if (!good)
		printf("# emd %.17g bound %.17g\n", r.emd, r.bound);
	return good;
}

/* The Hungarian method on the whole matrix, a row at a time (Jonker and Volgenant 1987 without their beginning): the naive twin. */
static double hungarian(size_t n, const float *x, const float *y, size_t dim)
{
	double *u = calloc(4 * (n + 1), sizeof *u), *v = u + n + 1, *least = v + n + 1, sum = 0;
	size_t *row = calloc(3 * (n + 1), sizeof *row), *from = row + n + 1, *done = from + n + 1;   /* counted from 1; column 0 starts */
	for (size_t i = 1; i <= n; i++) {
		size_t j = 0;
		row[0] = i;
		for (size_t k = 0; k <= n; k++) {
			least[k] = INFINITY;
			done[k] = 0;
		}
		do {
			size_t next = 0;
			double delta = INFINITY;
			done[j] = 1;
			for (size_t k = 1; k <= n; k++) {
				if (done[k])
					continue;
				double reduced = cost(dim, x + (row[j] - 1) * dim, y + (k - 1) * dim) - u[row[j]] - v[k];
				if (reduced < least[k]) {
					least[k] = reduced;
					from[k] = j;
				}
				if (least[k] < delta) {
					delta = least[k];
					next = k;
				}
			}
			for (size_t k = 0; k <= n; k++)
				if (done[k]) {
					u[row[k]] += delta;
					v[k] -= delta;
				} else
					least[k] -= delta;
			j = next;
		} while (row[j]);
		for (; j; j = from[j])
			row[j] = row[from[j]];
	}
	for (size_t j = 1; j <= n; j++)
		sum += cost(dim, x + (row[j] - 1) * dim, y + (j - 1) * dim);
	free(u);
	free(row);
	return sum / (double)n;
}

static double brute(size_t n, size_t dim, const float *x, const float *y, size_t i, unsigned used)
{
	double best = i == n ? 0 : INFINITY;
	for (size_t j = 0; j < n; j++)
		if (!(used >> j & 1))
			best = fmin(best, cost(dim, x + i * dim, y + j * dim) + brute(n, dim, x, y, i + 1, used | 1u << j));
	return best;
}

static void small(void)
{
	size_t good = 0, total = 0;
	for (size_t n = 1; n <= 6; n++)
		for (uint64_t trial = 0; trial < 60; trial++, total++) {
			float x[24], y[24];
			size_t dim = 1 + trial % 4;
			normals(24, 2000 * n + trial, x);
			normals(24, 2000 * n + 1000 + trial, y);
			/* anywhere, on few places with many ties, or all in two places */
			for (size_t i = 0; i < 24; i++) {
				x[i] = trial % 3 == 0 ? x[i] : trial % 3 == 1 ? roundf(x[i]) : 2.5f;
				y[i] = trial % 3 == 0 ? y[i] : trial % 3 == 1 ? roundf(y[i]) : 3.5f;
			}
			struct mfc_emd_result r = solve(n, x, n, y, dim, INFINITY);
			double want = brute(n, dim, x, y, 0, 0) / (double)n;
			good += certified(r, 1e-9) && fabs(r.emd - want) <= 1e-12 * want && fabs(hungarian(n, x, y, dim) - want) <= 1e-12 * (1 + want);
		}
	check(good == total, "as good as the best of all permutations%s: %zu of %zu", of(), good, total);
}

/* Clouds that are hard in different ways. */
static void make(int kind, size_t n, float *x, float *y)
{
	normals(3 * n, 1, x);
	normals(3 * n, 2, y);
	for (size_t i = 0; i < 3 * n; i++) {
		size_t p = i / 3, k = i % 3;
		if (kind == 1) {          /* clusters of unequal weight on the two sides */
			x[i] = 0.01f * x[i] + (float)(p % 3 * (k == 0));
			y[i] = 0.01f * y[i] + (float)(p % 7 * (k == 1));
		} else if (kind == 2) {   /* few distinct places */
			x[i] = roundf(x[i]);
			y[i] = roundf(y[i]);
		} else if (kind == 3)     /* all of one side in one place */
			x[i] = 0.25f;
		else if (kind == 4)       /* nearly the same cloud */
			y[i] = x[i] + 1e-4f * y[i];
		else if (kind == 5)       /* far apart */
			y[i] += 1e4f;
		else if (kind == 6) {     /* on a line, equally spaced */
			x[i] = k == 0 ? (float)p : 0;
			y[i] = k == 0 ? (float)p + 0.5f : 0;
		} else if (kind == 7) {   /* so small and so large that squares of floats vanish or overflow */
			x[i] *= 1e-30f;
			y[i] *= 1e-30f;
		} else if (kind == 8) {
			x[i] *= 1e30f;
			y[i] *= 1e30f;
		} else if (kind == 9)     /* the other side in one place, and nearly so */
			y[i] = k == 0 ? nextafterf(0.25f, (float)(p % 3)) : 0.25f;
	}
}

static const char *const name[] = { "normal", "clusters", "duplicates", "one place", "nearly equal", "far apart", "a line", "tiny", "huge",
	"the other in one place" };

/* Of double, where the EMD is but the square of a ten-thousandth of the clouds' size. */
static double rounding(int kind) { return squared && kind == 4 ? 1e-6 : 1e-9; }

static void hard(size_t n)
{
	float *x = malloc(3 * n * sizeof *x), *y = malloc(3 * n * sizeof *y);
	for (int kind = 0; kind < 10; kind++) {
		make(kind, n, x, y);
		struct mfc_emd_result r = solve(n, x, n, y, 3, INFINITY);
		double want = n < 500 ? hungarian(n, x, y, 3) : r.emd;
		check(certified(r, rounding(kind)) && r.emd > 0 && fabs(r.emd - want) <= 1e-12 * want, "%s, %zu points%s: certified, and what the Hungarian method finds",
		    name[kind], n, of());
	}
	free(x);
	free(y);
}

/* Clouds of n and of m points: every point as often as makes them equal is the same transport. */
static void unequal(size_t n, size_t m)
{
	float *x = malloc(3 * (n + m) * sizeof *x), *y = malloc(3 * (n + m) * sizeof *y), *many_x = malloc(3 * n * m * sizeof *x),
	      *many_y = malloc(3 * n * m * sizeof *y);
	for (int kind = 0; kind < 10; kind++) {
		make(kind, n + m, x, y);
		for (size_t i = 0; i < n * m; i++) {
			memcpy(many_x + 3 * i, x + i / m * 3, 3 * sizeof *x);
			memcpy(many_y + 3 * i, y + i % m * 3, 3 * sizeof *y);
		}
		struct mfc_emd_result r = solve(n, x, m, y, 3, INFINITY), back = solve(m, y, n, x, 3, INFINITY);
		double want = emd(n * m, many_x, many_y, 3);
		check(certified(r, rounding(kind)) && fabs(r.emd - want) <= 1e-12 * want && back.emd == r.emd, "%s, %zu points to %zu%s: as with copies of them: %.9g",
		    name[kind], n, m, of(), r.emd);
	}
	free(x);
	free(y);
	free(many_x);
	free(many_y);
}

/* The searches beside a look at every point. */
static void pricing(size_t n, size_t dim, bool ties)
{
	struct mfc_pricing p = { 0 };
	float *points = malloc(n * dim * sizeof *points);
	double origin[32] = { 0 }, q[32], *value = malloc(n * sizeof *value);
	size_t two = 0, below = 0, trials = 100;
	normals(n * dim, 21, points);
	for (size_t i = 0; i < n * dim; i++)
		points[i] = ties ? roundf(points[i]) : points[i];
	mfc_pricing_build(&p, n, dim, points, origin, 1 / 16.0, squared, NULL);
	for (size_t j = 0; j < n; j++)
		mfc_pricing_set(&p, j, 0.01 * (double)(j * 7919 % 101));
	for (size_t trial = 0; trial < trials; trial++) {
		double first = INFINITY, second = INFINITY, bound = 0.03 * (double)(trial % 50);
		size_t count = 0, right = 0;
		for (size_t k = 0; k < dim; k++)
			q[k] = (double)points[(trial * 31 % n) * dim + k] / 16 + 0.01 * (double)(trial % 7);
		for (size_t j = 0; j < n; j++) {
			double to[32], sum = 0;
			mfc_pricing_point(&p, j, to);
			for (size_t k = 0; k < dim; k++)
				sum += (q[k] - to[k]) * (q[k] - to[k]);
			value[j] = (squared ? sum : sqrt(sum)) + p.price[j];
			second = fmin(second, fmax(first, value[j]));
			first = fmin(first, value[j]);
			count += value[j] < bound;
		}
		struct mfc_offer got = mfc_pricing_two(&p, q, (int32_t)(trial % n), n > 1 ? (int32_t)((trial + 1) % n) : 0);
		two += got.first == first && got.second == second && value[got.at] == first && (n == 1 || value[got.next] == second);
		struct mfc_offer near = mfc_pricing_near(&p, q, got.at, got.next);
		two += fabs(near.first - first) <= 1e-6 * (1 + first) && (n == 1 || fabs(near.second - second) <= 1e-6 * (1 + second));
		size_t found = mfc_pricing_below(&p, q, bound);
		for (size_t k = 0; k < found; k++)
			right += p.value[k] == value[p.found[k]] && p.value[k] < bound;
		below += found == count && right == count;
	}
	check(two == 2 * trials && below == trials, "%zu priced points in %zu dimensions%s%s: the best two, and all below a bound", n, dim,
	    ties ? ", many in one place" : "", of());
	mfc_pricing_clear(&p);
	free(points);
	free(value);
}

/* A limit is a promise about what lies above it only. */
static void limits(void)
{
	enum { N = 300 };
	static float x[3 * N], y[3 * N];
	size_t kept = 0, left = 0, solved = 0;
	for (int kind = 0; kind < 10; kind++) {
		make(kind, N, x, y);
		double d = emd(N, x, y, 3);
		struct mfc_emd_result below = solve(N, x, N, y, 3, 0.9 * d);
		kept += solve(N, x, N, y, 3, d).emd == d && solve(N, x, N, y, 3, 1.5 * d).emd == d;
		left += isinf(below.emd) && below.bound > 0.9 * d && below.bound <= d * (1 + 1e-9);
		solved += below.emd == d;
	}
	check(kept == 10, "with a limit at or above the EMD%s, the same bits: %zu of 10", of(), kept);
	/* what the auction happens to solve need not be given up */
	check(left + solved == 10 && left >= 8, "with a limit below it, infinite, and a bound that says so: %zu of 10, the others solved", left);
}

/* On the line the sorted matching is optimal: a twin that knows nothing of assignments. */
static int less(const void *a, const void *b) { return (*(const float *)a > *(const float *)b) - (*(const float *)a < *(const float *)b); }

static void line(void)
{
	enum { N = 777 };
	static float x[N], y[N];
	double d, sorted = 0;
	normals(N, 3, x);
	normals(N, 4, y);
	d = emd(N, x, y, 1);
	qsort(x, N, sizeof *x, less);
	qsort(y, N, sizeof *y, less);
	for (size_t i = 0; i < N; i++)
		sorted += cost(1, &x[i], &y[i]) / N;
	check(fabs(d - sorted) < 1e-12 * sorted, "one coordinate%s: the sorted matching, %.9g and %.9g", of(), d, sorted);
}

static void laws(void)
{
	enum { N = 200, D = 3 };
	static float x[N * D], y[N * D], z[N * D], moved[N * D];
	double xy, yx, yz, xz, d;
	normals(N * D, 5, x);
	normals(N * D, 6, y);
	normals(N * D, 7, z);
	check(emd(N, x, x, D) == 0, "identity: exactly 0");
	xy = emd(N, x, y, D);
	yx = emd(N, y, x, D);
	yz = emd(N, y, z, D);
	xz = emd(N, x, z, D);
	check(fabs(xy - yx) < 1e-12 * xy, "symmetry");
	check(xz <= xy + yz, "triangle inequality");
	for (size_t i = 0; i < N; i++)
		memcpy(moved + i * D, y + (i * 37 + 5) % N * D, D * sizeof *y);
	check(fabs(emd(N, x, moved, D) - xy) < 1e-12 * xy, "permutation of the particles");
	for (size_t i = 0; i < N * D; i++)
		moved[i] = x[i] + (i % D == 0 ? 3.0f : i % D == 1 ? 4.0f : 0.0f);
	d = emd(N, x, moved, D);
	check(fabs(d - 5) < 1e-6, "a cloud moved by (3, 4, 0) is 5 away: %.9g", d);
	for (size_t i = 0; i < N * D; i++) {
		moved[i] = x[i] * 1024 + 65536;
		z[i] = y[i] * 1024 + 65536;
	}
	d = emd(N, moved, z, D);
	check(fabs(d / 1024 - xy) < 1e-4 * xy, "far from the origin: %.9g, near it %.9g", d / 1024, xy);
	check(emd(1, (float[]){ 0, 0 }, (float[]){ 3, 4 }, 2) == 5, "one point: the plain distance, not squared");
	check(solve(1, (float[]){ 0, 0 }, 2, (float[]){ 3, 4, 0, 1 }, 2, INFINITY).emd == 3, "one point to two: the mean of both distances");
	check(emd(N, x, y, D) == xy, "the same bits when the space is used again");
}

/* Of squares: the square of a metric, in which a move costs its own square whatever else is to do. */
static void laws_of_squares(void)
{
	enum { N = 200, D = 3 };
	static float x[N * D], y[N * D], z[N * D], moved[N * D];
	normals(N * D, 5, x);
	normals(N * D, 6, y);
	normals(N * D, 7, z);
	double xy = emd(N, x, y, D), yz = emd(N, y, z, D), xz = emd(N, x, z, D), between = 0;
	check(emd(N, x, x, D) == 0, "identity of squares: exactly 0");
	check(fabs(emd(N, y, x, D) - xy) < 1e-12 * xy, "symmetry of squares");
	check(sqrt(xz) <= sqrt(xy) + sqrt(yz), "triangle inequality of their roots");
	for (size_t k = 0; k < D; k++) {
		double mean = 0;
		for (size_t i = 0; i < N; i++)
			mean += ((double)x[i * D + k] - (double)y[i * D + k]) / N;
		between += (mean + (k == 0 ? -512 : 0)) * (mean + (k == 0 ? -512 : 0)) - mean * mean;
	}
	for (size_t i = 0; i < N * D; i++)
		moved[i] = y[i] + (i % D == 0 ? 512.0f : 0.0f);
	double far = emd(N, x, moved, D);
	check(fabs(far - xy - between) < 1e-6 * far, "moved, it grows by what the centroids move apart: %.9g and %.9g", far, xy + between);
	squared = false;
	double plain = emd(N, x, y, D);
	squared = true;
	check(xy >= plain * plain, "not below the square of the EMD");
	check(emd(1, (float[]){ 0, 0 }, (float[]){ 3, 4 }, 2) == 25, "one point: the square of the distance");
	check(solve(1, (float[]){ 0, 0 }, 2, (float[]){ 3, 4, 0, 1 }, 2, INFINITY).emd == 13, "one point to two: the mean of both squares");
}

/* What both costs have to do. */
static void both(void)
{
	pricing(1, 3, false);
	pricing(2, 3, false);
	pricing(100, 1, false);
	pricing(1000, 3, false);
	pricing(1000, 3, true);
	pricing(300, 8, false);
	pricing(300, 32, false);
	small();
	hard(97);
	hard(400);
	hard(1000);
	unequal(1, 7);
	unequal(24, 9);
	unequal(20, 40);
	unequal(41, 40);
	limits();
	line();
}

int main(void)
{
	struct mfc_emd_result r;
	struct mfc_error err;
	float x[3] = { 0 };
	mfc_emd_work_create(&work, &err);
	both();
	laws();
	check(mfc_emd(work, 0, x, 1, x, 3, false, INFINITY, &r, &err) < 0, "a transport of nothing is an error: %s", err.message);
	check(mfc_emd(work, (size_t)1 << 40, x, (size_t)1 << 40, x, 3, false, INFINITY, &r, &err) < 0, "a size beyond counting is an error: %s", err.message);
	squared = true;
	both();
	laws_of_squares();
	mfc_emd_work_free(work);
	return done();
}
