/* lib/metric/{chamfer,jsd,sets} against naive twins and cases worked out by hand. */
#include "check.h"

#include "metric/bound.h"
#include "metric/chamfer.h"
#include "metric/jsd.h"
#include "metric/sets.h"
#include "rng.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void normals(size_t count, uint64_t stream, float *out)
{
	struct mfc_rng rng = mfc_rng_make(13, MFC_RNG_TEST, stream, 0);
	mfc_rng_normals(&rng, 0, count, out);
}

static double naive_one_way(size_t n, const float *x, size_t m, const float *y, size_t dim)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++) {
		double best = INFINITY;
		for (size_t j = 0; j < m; j++) {
			double d = 0;
			for (size_t k = 0; k < dim; k++)
				d += pow((double)x[i * dim + k] - (double)y[j * dim + k], 2);
			best = fmin(best, d);
		}
		sum += best;
	}
	return sum / (double)n;
}

static void chamfer(size_t n, size_t m, size_t dim, bool ties)
{
	float *x = malloc(n * dim * sizeof *x), *y = malloc(m * dim * sizeof *y);
	struct mfc_points s[2] = { { n, dim, x, NULL, NULL }, { m, dim, y, NULL, NULL } };
	normals(n * dim, 1, x);
	normals(m * dim, 2, y);
	for (size_t i = 0; i < n * dim && ties; i++)
		x[i] = roundf(x[i]);
	for (size_t i = 0; i < m * dim && ties; i++)
		y[i] = roundf(y[i]) + 1000;   /* far from the other, too */
	mfc_points_prepare(s, 2, 2, NULL);
	double got = mfc_chamfer(s[0].tree, s[1].tree), want = naive_one_way(n, x, m, y, dim) + naive_one_way(m, y, n, x, dim);
	check(fabs(got - want) <= 1e-12 * want, "CD of %zu and %zu points, dim %zu%s, as by brute force", n, m, dim, ties ? ", many in one place" : "");
	check(mfc_chamfer(s[1].tree, s[0].tree) == got, "CD is symmetric to the bit");
	check(mfc_chamfer(s[0].tree, s[0].tree) == 0, "CD to itself is 0");
	mfc_points_release(s, 2);
	free(x);
	free(y);
}

static void by_hand(void)
{
	float x[] = { 0, 0, 2, 0 }, y[] = { 0, 1 };
	struct mfc_points s[2] = { { 2, 2, x, NULL, NULL }, { 1, 2, y, NULL, NULL } };
	struct mfc_set_metrics m;
	struct mfc_error err;
	mfc_points_prepare(s, 2, 1, NULL);
	check(mfc_chamfer(s[0].tree, s[1].tree) == 3 + 1, "CD by hand: squared (1 + 5)/2, summed with 1, not halved");
	mfc_points_release(s, 2);
	/* Two reference clouds A B and two generated c d, at 0 10 and 1 2 on a line. */
	const double at[] = { 0, 10, 1, 2 };
	double d[16];
	for (size_t i = 0; i < 16; i++)
		d[i] = fabs(at[i / 4] - at[i % 4]);
	mfc_sets_metrics(2, 2, d, &m, &err);
	check(m.mmd == (1 + 8) / 2.0, "MMD by hand: mean over reference");
	check(m.cov == 0.5, "COV by hand: both generated are nearest to A");
	/* A's nearest is c: wrong; B's is d: wrong; c is as near to A as to d, and A comes first: wrong; d's is c: right */
	check(m.nna == 0.25, "1-NNA by hand: of equally near clouds the reference wins");
	memset(d, 0, sizeof d);
	mfc_sets_metrics(2, 2, d, &m, &err);
	check(m.nna == 0.5 && m.cov == 0.5, "all at distance 0: reference right, generated wrong");
	check(mfc_sets_metrics(0, 2, d, &m, &err) < 0 && mfc_sets_metrics(2, 0, d, &m, &err) < 0, "an empty set is an error");
}

static void distances(void)
{
	enum { R = 5, N = 40 };
	static float x[R * N * 3];
	struct mfc_points s[R];
	struct mfc_error err;
	double cd[R * R], emd[R * R], block[2 * 3], cd4[R * R], emd4[R * R];
	int same = 1, symmetric = 1;
	normals(R * N * 3, 3, x);
	for (size_t i = 0; i < R; i++)
		s[i] = (struct mfc_points){ N, 3, x + i * N * 3, NULL, NULL };
	mfc_points_prepare(s, R, 3, NULL);
	struct mfc_distances d = { .a = s, .a_count = R, .cd = cd, .emd = emd, .threads = 1 };
	check(mfc_sets_distances(&d, &err) == 0, "all pairs of %d clouds", R);
	d.cd = cd4;
	d.emd = emd4;
	d.threads = 4;
	mfc_sets_distances(&d, &err);
	check(memcmp(cd, cd4, sizeof cd) == 0 && memcmp(emd, emd4, sizeof emd) == 0, "the same bits on four threads");
	mfc_sets_distances(&(struct mfc_distances){ .a = s, .b = s + 2, .a_count = 2, .b_count = 3, .emd = block, .threads = 2 }, &err);
	for (size_t i = 0; i < 6; i++)
		same = same && block[i] == emd[i / 3 * R + 2 + i % 3];
	for (size_t i = 0; i < R * R; i++)
		symmetric = symmetric && emd[i] == emd[i % R * R + i / R] && (emd[i] == 0) == (i / R == i % R);
	check(same, "a block is what the whole holds there");
	check(symmetric, "symmetric with a diagonal of 0");
	s[4].n = N - 1;
	check(mfc_sets_distances(&d, &err) == 0 && emd4[4] > 0 && emd4[4] != emd[4] && emd4[3] == emd[3], "EMD of unequal sizes");
	s[4].dim = 2;
	check(mfc_sets_distances(&d, &err) < 0 && strstr(err.message, "2"), "other dimensions are an error: %s", err.message);
	s[4].dim = 3;
	mfc_points_release(s, R);
}

/* What is left out by the bound changes no metric: clouds at several distances, of one or several sizes, copies and ties among them. */
static void bounded(size_t r, size_t g, uint64_t stream, float spread, bool sizes, bool squared)
{
	enum { N = 24, MOST = 24 };
	static float x[MOST * N * 3], move[MOST * 3];
	static double all[MOST * MOST], some[MOST * MOST];
	struct mfc_points s[MOST];
	struct mfc_set_metrics a, b;
	struct mfc_error err;
	size_t total = r + g, skipped = 0, wrong = 0, below = 0;
	normals(MOST * N * 3, 100 + stream, x);
	normals(MOST * 3, 200 + stream, move);
	for (size_t i = 0; i < total * N * 3; i++)
		x[i] += spread * move[i / (N * 3) * 3 + i % 3];
	memcpy(x + N * 3, x, N * 3 * sizeof *x);                                    /* a copy in the reference */
	memcpy(x + (total - 1) * N * 3, x + 2 * N * 3, N * 3 * sizeof *x);          /* and one across */
	for (size_t i = 0; i < total; i++)
		s[i] = (struct mfc_points){ sizes ? N - i % 5 : N, 3, x + i * N * 3, NULL, NULL };
	mfc_sets_distances(&(struct mfc_distances){ .a = s, .a_count = total, .emd = all, .threads = 1, .squared = squared }, &err);
	struct mfc_pruning pruning;
	mfc_sets_distances(&(struct mfc_distances){ .a = s, .a_count = total, .emd = some, .threads = 3, .reference = r, .pruning = &pruning,
		.squared = squared }, &err);
	for (size_t i = 0; i < total * total; i++) {
		skipped += isinf(some[i]);
		wrong += !isinf(some[i]) && some[i] != all[i];
		const struct mfc_points *a = &s[i / total], *b = &s[i % total];
		double *p = mfc_bound_slices(a->n, 3, a->x), *q = mfc_bound_slices(b->n, 3, b->x);
		below += mfc_bound_emd(a->n, p, b->n, q, 3, squared) <= all[i] * (1 + 1e-7) + 1e-12;
		free(p);
		free(q);
	}
	check(below == total * total, "the bound is never above the EMD");
	check(wrong == 0, "an EMD is that of all pairs or infinite; %zu of %zu left out", skipped / 2, total * (total - 1) / 2);
	check(pruning.pairs == total * (total - 1) / 2 && pruning.solved == pruning.pairs - skipped / 2 && pruning.begun >= pruning.solved,
	    "and it says how many were solved: %zu of %zu", pruning.solved, pruning.pairs);
	mfc_sets_metrics(r, g, all, &a, &err);
	mfc_sets_metrics(r, g, some, &b, &err);
	check(memcmp(&a, &b, sizeof a) == 0, "and MMD, COV, 1-NNA are the same bits: %zu and %zu clouds", r, g);
	check(spread < 1 || skipped > 0, "clouds far apart are left out");
}

/* Clouds of unequal size have bounds, too, and every EMD its gap. */
static void unequal(void)
{
	enum { R = 6 };
	static float x[R * 60 * 3];
	struct mfc_points s[R];
	struct mfc_error err;
	double emd[R * R], gap[R * R];
	size_t below = 0, tight = 0;
	normals(R * 60 * 3, 300, x);
	for (size_t i = 0; i < R; i++)
		s[i] = (struct mfc_points){ 30 + 5 * i, 3, x + i * 180, NULL, NULL };
	mfc_sets_distances(&(struct mfc_distances){ .a = s, .a_count = R, .emd = emd, .gap = gap, .threads = 2 }, &err);
	for (size_t i = 0; i < R; i++)
		for (size_t j = 0; j < R; j++) {
			double *p = mfc_bound_slices(s[i].n, 3, s[i].x), *q = mfc_bound_slices(s[j].n, 3, s[j].x), bound = mfc_bound_emd(s[i].n, p, s[j].n, q, 3, false);
			below += bound <= emd[i * R + j] * (1 + 1e-7) + 1e-12 && (i == j || bound > 0.2 * emd[i * R + j]);
			tight += fabs(gap[i * R + j]) <= 1e-12;
			free(p);
			free(q);
		}
	check(below == R * R, "of unequal sizes: the bound is never above the EMD, nor nothing");
	check(tight == R * R, "and the gap of every pair is 0, but for rounding");
}

static double jsd_of(size_t dim, size_t n, const float *x, size_t m, const float *y)
{
	struct mfc_jsd *j;
	struct mfc_error err;
	if (mfc_jsd_create(&j, dim, &err))
		return -1;
	mfc_jsd_count(j, 0, n, x, 1);
	mfc_jsd_count(j, 1, m, y, 1);
	double value = mfc_jsd_value(j);
	mfc_jsd_free(j);
	return value;
}

static void jsd(void)
{
	const float center[] = { 0.01f, 0.01f, 0.01f }, side[] = { 0.4f, 0, 0 }, both[] = { 0.01f, 0.01f, 0.01f, 0.4f, 0, 0 },
	    far[] = { 9, 0.1f, 0.1f },
	    rim[] = { 0.5f, 0.09f, 0.09f };
	check(jsd_of(3, 1, center, 1, center) == 0, "JSD of the same is 0");
	check(jsd_of(3, 1, center, 1, side) == 1, "JSD of disjoint cells is 1: base 2");
	check(fabs(jsd_of(3, 1, center, 2, both) - 0.311278124459133) < 1e-12, "JSD of (1, 0) and (1/2, 1/2) by hand");
	check(jsd_of(3, 2, both, 1, center) == jsd_of(3, 1, center, 2, both), "JSD is symmetric");
	check(jsd_of(3, 1, far, 1, rim) == 0, "a point outside is counted in the nearest cell of the sphere");
	check(jsd_of(2, 1, center, 1, side) == 1 && jsd_of(1, 1, center, 1, side) == 1, "in the plane and on the line");
	check(jsd_of(4, 1, both, 1, both) == -1, "four coordinates are an error");
	check(mfc_jsd_scale(0.3) == 1 && mfc_jsd_scale(0.5005) == 1, "what lies in the unit cube is not scaled");
	check(mfc_jsd_scale(2) == 0.25, "what does not is brought into it");
}

int main(void)
{
	chamfer(1, 1, 3, false);
	chamfer(150, 90, 3, false);
	chamfer(2048, 1500, 3, false);
	chamfer(700, 1, 3, false);
	chamfer(600, 700, 2, true);
	chamfer(60, 70, 7, false);
	chamfer(60, 70, 20, false);
	by_hand();
	distances();
	for (size_t variant = 0; variant < 4; variant++) {
		bool sizes = variant & 1, squared = variant & 2;
		bounded(3, 1, 0, 0, sizes, squared);
		bounded(12, 12, 1, 0.2f, sizes, squared);
		bounded(12, 12, 2, 3, sizes, squared);
		bounded(8, 16, 3, 1e4f, sizes, squared);
	}
	unequal();
	jsd();
	return done();
}
