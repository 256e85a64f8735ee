/* lib/metric/{assign,emd}: the certificate of optimality, all permutations for small clouds, hard clouds, the laws of a metric. */
#include "check.h"

#include "metric/emd.h"
#include "rng.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void normals(size_t count, uint64_t stream, float *out)
{
	struct mfc_rng rng = mfc_rng_make(11, MFC_RNG_TEST, stream, 0);
	mfc_rng_normals(&rng, 0, count, out);
}

static double cost_of(const struct mfc_assign *a, size_t i, size_t j) { return (double)a->cost[i * a->stride + j]; }

/* Bijection, feasible prices, and nothing between the cost and its lower bound: a proof of optimality that does not trust the solver. */
static bool certified(const struct mfc_assign *a)
{
	size_t n = a->n;
	double cost = 0, bound = 0, most = 0, worst = 0;
	for (size_t i = 0; i < n; i++) {
		if (a->column[i] < 0 || (size_t)a->column[i] >= n || (size_t)a->row[a->column[i]] != i)
			return false;
		cost += cost_of(a, i, (size_t)a->column[i]);
		bound += a->u[i] + a->v[i];
		for (size_t j = 0; j < n; j++) {
			worst = fmin(worst, cost_of(a, i, j) - a->u[i] - a->v[j]);
			most = fmax(most, fabs(cost_of(a, i, j)));
		}
	}
	bound += fmin(0, worst) * (double)n;   /* lower the rows' prices until feasible */
	if (cost - bound <= 1e-9 * (most + fabs(cost)))
		return true;
	printf("# cost %.17g bound %.17g worst %g\n", cost, bound, worst);
	return false;
}

static double brute(const struct mfc_assign *a, size_t i, unsigned used)
{
	double best = i == a->n ? 0 : INFINITY;
	for (size_t j = 0; j < a->n; j++)
		if (!(used >> j & 1))
			best = fmin(best, cost_of(a, i, j) + brute(a, i + 1, used | 1u << j));
	return best;
}

static void small(void)
{
	struct mfc_assign a = { 0 };
	size_t good = 0, total = 0;
	for (size_t n = 1; n <= 6; n++)
		for (uint64_t trial = 0; trial < 60; trial++, total++) {
			float values[36];
			double got = 0;
			normals(36, 1000 * n + trial, values);
			mfc_assign_room(&a, n, NULL);
			/* real costs of both signs, small integers with many ties, or all equal */
			for (size_t i = 0; i < n * n; i++)
				a.cost[i / n * a.stride + i % n] = trial % 3 == 0 ? values[i] : trial % 3 == 1 ? roundf(values[i]) : 2.5f;
			mfc_assign_solve(&a, INFINITY);
			for (size_t i = 0; i < n; i++)
				got += cost_of(&a, i, (size_t)a.column[i]);
			good += certified(&a) && fabs(got - brute(&a, 0, 0)) < 1e-9;
		}
	check(good == total, "as good as the best of all permutations: %zu of %zu", good, total);
	mfc_assign_clear(&a);
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

static void hard(size_t n)
{
	static const char *name[] = { "normal", "clusters", "duplicates", "one place", "nearly equal", "far apart", "a line", "tiny", "huge",
		"the other in one place" };
	struct mfc_assign a = { 0 };
	float *x = malloc(3 * n * sizeof *x), *y = malloc(3 * n * sizeof *y);
	for (int kind = 0; kind < 10; kind++) {
		double d;
		make(kind, n, x, y);
		check(mfc_emd(&a, n, 3, x, y, INFINITY, &d, NULL) == 0 && isfinite(d) && d > 0 && certified(&a),
		    "%s, %zu points: certified optimal", name[kind], n);
	}
	mfc_assign_clear(&a);
	free(x);
	free(y);
}

/* A limit is a promise about what lies above it only. */
static void limits(void)
{
	enum { N = 300 };
	static float x[3 * N], y[3 * N];
	struct mfc_assign a = { 0 };
	size_t kept = 0, left = 0;
	for (int kind = 0; kind < 10; kind++) {
		double d, below, above, equal;
		make(kind, N, x, y);
		mfc_emd(&a, N, 3, x, y, INFINITY, &d, NULL);
		mfc_emd(&a, N, 3, x, y, d, &equal, NULL);
		mfc_emd(&a, N, 3, x, y, 1.5 * d, &above, NULL);
		mfc_emd(&a, N, 3, x, y, 0.9 * d, &below, NULL);
		kept += equal == d && above == d;
		left += isinf(below);
	}
	check(kept == 10, "with a limit at or above the EMD, the same bits: %zu of 10", kept);
	check(left == 10, "with a limit below it, infinite: %zu of 10", left);
	mfc_assign_clear(&a);
}

/* On the line the sorted matching is optimal: a twin that knows nothing of assignments. */
static int less(const void *a, const void *b) { return (*(const float *)a > *(const float *)b) - (*(const float *)a < *(const float *)b); }

static void line(void)
{
	enum { N = 777 };
	static float x[N], y[N];
	struct mfc_assign a = { 0 };
	double d, sorted = 0;
	normals(N, 3, x);
	normals(N, 4, y);
	mfc_emd(&a, N, 1, x, y, INFINITY, &d, NULL);
	qsort(x, N, sizeof *x, less);
	qsort(y, N, sizeof *y, less);
	for (size_t i = 0; i < N; i++)
		sorted += fabs((double)x[i] - (double)y[i]) / N;
	check(fabs(d - sorted) < 1e-7 * sorted, "one coordinate: the sorted matching, %.9g and %.9g", d, sorted);
	mfc_assign_clear(&a);
}

static void laws(void)
{
	enum { N = 200, D = 3 };
	static float x[N * D], y[N * D], z[N * D], moved[N * D];
	struct mfc_assign a = { 0 };
	double xy, yx, yz, xz, d;
	normals(N * D, 5, x);
	normals(N * D, 6, y);
	normals(N * D, 7, z);
	mfc_emd(&a, N, D, x, x, INFINITY, &d, NULL);
	check(d == 0, "identity: exactly 0");
	mfc_emd(&a, N, D, x, y, INFINITY, &xy, NULL);
	mfc_emd(&a, N, D, y, x, INFINITY, &yx, NULL);
	mfc_emd(&a, N, D, y, z, INFINITY, &yz, NULL);
	mfc_emd(&a, N, D, x, z, INFINITY, &xz, NULL);
	check(fabs(xy - yx) < 1e-7 * xy, "symmetry");
	check(xz <= xy + yz, "triangle inequality");
	for (size_t i = 0; i < N; i++)
		memcpy(moved + i * D, y + (i * 37 + 5) % N * D, D * sizeof *y);
	mfc_emd(&a, N, D, x, moved, INFINITY, &d, NULL);
	check(fabs(d - xy) < 1e-7 * xy, "permutation of the particles");
	for (size_t i = 0; i < N * D; i++)
		moved[i] = x[i] + (i % D == 0 ? 3.0f : i % D == 1 ? 4.0f : 0.0f);
	mfc_emd(&a, N, D, x, moved, INFINITY, &d, NULL);
	check(fabs(d - 5) < 1e-6, "a cloud moved by (3, 4, 0) is 5 away: %.9g", d);
	mfc_emd(&a, 1, 2, (float[]){ 0, 0 }, (float[]){ 3, 4 }, INFINITY, &d, NULL);
	check(d == 5, "one point: the plain distance, not squared");
	mfc_emd(&a, N, D, x, y, INFINITY, &d, NULL);
	check(d == xy, "the same bits when the space is used again");
	mfc_assign_clear(&a);
}

int main(void)
{
	struct mfc_assign a = { 0 };
	struct mfc_error err;
	small();
	hard(97);
	hard(400);
	limits();
	line();
	laws();
	check(mfc_assign_room(&a, 0, &err) < 0, "an assignment of nothing is an error");
	check(mfc_assign_room(&a, (size_t)1 << 40, &err) < 0, "a size beyond counting is an error");
	mfc_assign_clear(&a);
	return done();
}
