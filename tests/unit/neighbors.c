/* lib/neighbors against a search through all points, and from several threads. */
#include "check.h"

#include "neighbors.h"
#include "parallel.h"
#include "rng.h"

#include <math.h>
#include <stdlib.h>

#define QUERIES 60

static double distance2(size_t dim, const float *p, const float *q)
{
	double sum = 0;
	for (size_t k = 0; k < dim; k++)
		sum += ((double)p[k] - (double)q[k]) * ((double)p[k] - (double)q[k]);
	return sum;
}

struct near { double d; size_t i; };

static int before(const void *a, const void *b)
{
	const struct near *x = a, *y = b;
	return x->d != y->d ? (x->d > y->d) - (x->d < y->d) : (x->i > y->i) - (x->i < y->i);
}

/* Naive twin: all points in order of (distance, index). */
static void order(size_t n, size_t dim, const float *x, const float *q, struct near *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (struct near){ distance2(dim, x + i * dim, q), i };
	qsort(out, n, sizeof *out, before);
}

struct found { size_t count; double sum; };

static void visit(void *context, size_t index, double d)
{
	struct found *f = context;
	f->count++;
	f->sum += (double)(index + 1) + d;
}

/* kind 0: normal, 1: clustered, 2: on a coarse lattice (many equal), 3: all the same point, 4: sorted on a line */
static float *points(size_t n, size_t dim, int kind, uint64_t cloud)
{
	float *x = malloc(n * dim * sizeof *x);
	struct mfc_rng rng = mfc_rng_make(7, MFC_RNG_TEST, cloud, (uint64_t)kind);
	mfc_rng_normals(&rng, 0, n * dim, x);
	for (size_t i = 0; i < n * dim; i++)
		x[i] = kind == 0 ? x[i] : kind == 1 ? 0.01f * x[i] + (float)(i / dim % 3) : kind == 2 ? roundf(x[i]) : kind == 3 ? 1.5f :
		    (float)(i / dim);
	return x;
}

static void compare(size_t n, size_t dim, int kind)
{
	struct mfc_neighbors *tree;
	struct mfc_error err;
	float *x = points(n, dim, kind, 0), *q = points(QUERIES, dim, kind == 3 ? 0 : kind, 1);
	struct near *all = malloc(n * sizeof *all);
	size_t k = n < 9 ? n + 2 : 9, index[16], nearest = 0, same = 0, within = 0;
	double d[16];
	if (!check(mfc_neighbors_build(&tree, n, dim, x, &err) == 0, "build %zu points, dim %zu, kind %d", n, dim, kind))
		exit(1);
	for (size_t i = 0; i < QUERIES; i++) {
		const float *at = q + i * dim;
		order(n, dim, x, at, all);
		nearest += mfc_neighbors_nearest(tree, at, d) == all[0].i && d[0] == all[0].d && mfc_neighbors_distance2(tree, at) == all[0].d;
		size_t count = mfc_neighbors_nearest_k(tree, at, k, index, d), good = count == (k < n ? k : n);
		for (size_t j = 0; j < count; j++)
			good = good && index[j] == all[j].i && d[j] == all[j].d;
		same += good;
		double radius = sqrt(all[n / 3].d);
		struct found got = { 0, 0 }, want = { 0, 0 };
		mfc_neighbors_within(tree, at, radius, visit, &got);
		for (size_t j = 0; j < n && all[j].d <= radius * radius; j++)
			visit(&want, all[j].i, all[j].d);
		within += got.count == want.count && fabs(got.sum - want.sum) <= 1e-9 * want.sum;
	}
	check(nearest == QUERIES, "nearest as by brute force, %zu of %d", nearest, QUERIES);
	check(same == QUERIES, "k nearest in order, equal distances by index, %zu of %d", same, QUERIES);
	check(within == QUERIES, "within a radius, %zu of %d", within, QUERIES);
	mfc_neighbors_free(tree);
	free(x);
	free(q);
	free(all);
}

struct shared { const struct mfc_neighbors *tree; const float *q; size_t count, threads; size_t *out; };

static void ask(void *context, size_t thread)
{
	struct shared *s = context;
	size_t from, to;
	mfc_parallel_share(s->count, s->threads, thread, &from, &to);
	for (size_t i = from; i < to; i++)
		s->out[i] = mfc_neighbors_nearest(s->tree, s->q + 3 * i, NULL);
}

static void threads(void)
{
	enum { N = 2000 };
	struct mfc_neighbors *tree;
	float *x = points(N, 3, 0, 0), *q = points(N, 3, 0, 1);
	static size_t one[N], four[N], equal;
	mfc_neighbors_build(&tree, N, 3, x, NULL);
	mfc_parallel(1, ask, &(struct shared){ tree, q, N, 1, one });
	mfc_parallel(4, ask, &(struct shared){ tree, q, N, 4, four });
	for (size_t i = 0; i < N; i++)
		equal += one[i] == four[i];
	check(equal == N, "four threads ask one tree at once");
	mfc_neighbors_free(tree);
	free(x);
	free(q);
}

/* Of points on a line each block holds those next to one another, and all hold every index once. */
static void blocks(size_t n, size_t block)
{
	float *x = malloc(n * 2 * sizeof *x);
	size_t *index = malloc(n * sizeof *index), *seen = calloc(n, sizeof *seen), once = 0, apart = 0;
	for (size_t i = 0; i < n; i++) {
		x[2 * i] = (float)(i * 7919 % n);   /* a line of n places, mixed */
		x[2 * i + 1] = 1;
	}
	mfc_neighbors_order(n, 2, x, block, index);
	for (size_t i = 0; i < n; i++)
		once += seen[index[i]]++ == 0;
	for (size_t i = 0; i < n; i++)
		apart += x[2 * index[i]] < (float)(i / block * block) || x[2 * index[i]] >= (float)(i / block * block + block);
	check(once == n && apart == 0, "%zu points on a line in blocks of %zu: each holds those next to one another", n, block);
	free(x);
	free(index);
	free(seen);
}

int main(void)
{
	static const size_t sizes[] = { 1, 2, 7, 11, 500 };
	struct mfc_neighbors *tree;
	struct mfc_error err;
	float one = 0;
	for (int kind = 0; kind < 5; kind++)
		for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
			compare(sizes[s], 3, kind);
	compare(300, 1, 0);
	compare(300, 2, 2);
	compare(300, 17, 0);
	threads();
	check(mfc_neighbors_build(&tree, 0, 3, &one, &err) < 0 && !tree, "no points is an error");
	check(mfc_neighbors_build(&tree, SIZE_MAX / 4, 8, &one, &err) < 0 && !tree, "a size that overflows is an error");
	blocks(1, 16);
	blocks(16, 16);
	blocks(17, 16);
	blocks(1000, 16);
	return done();
}
