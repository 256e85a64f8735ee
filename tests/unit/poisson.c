/* load/poisson: points that keep apart, as many where the area says; the choice equals that of elimination by its definition. */
#include "check.h"
#include "load/poisson.h"
#include "load/sample.h"
#include "neighbors.h"
#include "shapes.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct gaps { double least, mean, variation; };

/* Of the distances to the nearest other point. */
static struct gaps gaps_of(size_t n, const float *x)
{
	struct gaps g = { .least = INFINITY };
	struct mfc_neighbors *tree;
	double sum = 0, square = 0;
	mfc_neighbors_build(&tree, n, 3, x, NULL);
	for (size_t i = 0; i < n; i++) {
		size_t index[2];
		double d[2];
		mfc_neighbors_nearest_k(tree, x + 3 * i, 2, index, d);
		g.least = fmin(g.least, sqrt(d[1]));
		sum += sqrt(d[1]);
		square += d[1];
	}
	g.mean = sum / (double)n;
	g.variation = sqrt(fmax(square / (double)n - g.mean * g.mean, 0)) / g.mean;
	mfc_neighbors_free(tree);
	return g;
}

/* Random points have a variation of sqrt(4/π - 1) = 0.52 and no least distance. */
static void apart(const char *name, const struct mfc_cloud *c, size_t n, double area)
{
	struct gaps g = gaps_of(c->n, c->x);
	double most = 2 * sqrt(area / (2 * sqrt(3) * (double)n));
	check(c->n == n && g.least > 0.6 * most && g.variation < 0.12, "%s: %zu points at least %.2f of the densest packing apart, variation %.3f",
	    name, n, g.least / most, g.variation);
}

static void on_sphere(void)
{
	enum { N = 3000 };
	struct mfc_mesh mesh, set;
	struct mfc_cloud c, again;
	struct mfc_error err;
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_TEST, 0, 0), same = rng;
	sphere(&mesh, 40);
	mfc_cloud_init(&c);
	mfc_cloud_init(&again);
	mfc_sample(&c, &mesh, MFC_SAMPLE_AREA, N, false, &rng, &err);
	check(gaps_of(N, c.x).variation > 0.45, "points at random have a variation of %.3f", gaps_of(N, c.x).variation);
	rng = same;
	check(mfc_sample(&c, &mesh, MFC_SAMPLE_POISSON, N, false, &rng, &err) == 0, "blue noise on a sphere");
	apart("sphere", &c, N, 4 * M_PI);
	mfc_sample(&again, &mesh, MFC_SAMPLE_POISSON, N, false, &same, &err);
	check(memcmp(c.x, again.x, 3 * N * sizeof *c.x) == 0, "the same seed, the same points");
	/* As a set of points, whose area nobody tells. */
	mfc_sample(&c, &mesh, MFC_SAMPLE_AREA, 8 * N, false, &rng, &err);
	mfc_mesh_init(&set);
	for (size_t i = 0; i < c.n; i++)
		mfc_mesh_add_vertex(&set, (double[3]){ c.x[3 * i], c.x[3 * i + 1], c.x[3 * i + 2] }, NULL);
	check(mfc_sample(&again, &set, MFC_SAMPLE_POISSON, N, false, &rng, &err) == 0, "blue noise out of a point set");
	apart("set", &again, N, 4 * M_PI);
	mfc_sample(&again, &set, MFC_SAMPLE_POISSON, 8 * N, false, &rng, &err);
	check(memcmp(again.x, c.x, 24 * N * sizeof *c.x) == 0, "all of it where it has no more");
	mfc_cloud_clear(&c);
	mfc_cloud_clear(&again);
	mfc_mesh_clear(&mesh);
	mfc_mesh_clear(&set);
}

/* Each triangle twice, with its back to itself, as many modelled shapes have them. */
static void doubled(void)
{
	enum { N = 2000 };
	struct mfc_mesh mesh;
	struct mfc_cloud c;
	struct mfc_rng rng = mfc_rng_make(5, MFC_RNG_TEST, 0, 0);
	sphere(&mesh, 20);
	mfc_cloud_init(&c);
	for (size_t i = 0, once = mesh.triangles; i < once; i++)
		mfc_mesh_add_triangle(&mesh, mesh.triangle[3 * i], mesh.triangle[3 * i + 2], mesh.triangle[3 * i + 1], NULL);
	mfc_sample(&c, &mesh, MFC_SAMPLE_POISSON, N, false, &rng, NULL);
	apart("doubled sphere", &c, N, 4 * M_PI);
	mfc_cloud_clear(&c);
	mfc_mesh_clear(&mesh);
}

/* Counts in the cells of a cube's faces, whose triangles differ a thousandfold in area. */
static void evenly(void)
{
	enum { N = 6000, SIDE = 6, CELLS = 6 * SIDE * SIDE };
	size_t count[CELLS] = { 0 };
	double chi = 0, faces = 0, expected = (double)N / CELLS;
	struct mfc_mesh mesh;
	struct mfc_cloud c;
	struct mfc_rng rng = mfc_rng_make(2, MFC_RNG_TEST, 0, 0);
	cube(&mesh);
	mfc_cloud_init(&c);
	mfc_sample(&c, &mesh, MFC_SAMPLE_POISSON, N, false, &rng, NULL);
	apart("cube", &c, N, 6);
	for (size_t i = 0; i < N; i++) {
		const float *p = c.x + 3 * i;
		size_t axis = 0;
		for (size_t j = 1; j < 3; j++)
			if (fabs(p[j] - 0.5) > fabs(p[axis] - 0.5))
				axis = j;
		size_t u = (size_t)fmin(p[(axis + 1) % 3] * SIDE, SIDE - 1), v = (size_t)fmin(p[(axis + 2) % 3] * SIDE, SIDE - 1);
		count[((axis + (p[axis] > 0.5 ? 3 : 0)) * SIDE + u) * SIDE + v]++;
	}
	for (size_t k = 0; k < 6; k++) {
		double face = 0;
		for (size_t i = k * SIDE * SIDE; i < (k + 1) * SIDE * SIDE; i++) {
			face += (double)count[i];
			chi += pow((double)count[i] - expected, 2) / expected;
		}
		faces = fmax(faces, fabs(face / (N / 6.) - 1));
	}
	/* Chance would make it about CELLS - 1. */
	check(chi < 0.4 * (CELLS - 1), "as many in each cell, more so than by chance (chi-square %.1f for %d cells)", chi, CELLS);
	check(faces < 0.02, "as many on each face (within %.4f)", faces);
	mfc_cloud_clear(&c);
	mfc_mesh_clear(&mesh);
}

/* Naive twin: the weight of every pair, and a search for the heaviest each time. */
static void by_definition(size_t count, const float *x, size_t n, double area, bool *alive)
{
	double far = 2 * sqrt(area / (2 * sqrt(3) * (double)n)), near = 0.65 * far * (1 - pow((double)n / (double)count, 1.5));
	float *w = calloc(count * count, sizeof *w);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++) {
			double d = sqrt(pow(x[3 * i] - x[3 * j], 2) + pow(x[3 * i + 1] - x[3 * j + 1], 2) + pow(x[3 * i + 2] - x[3 * j + 2], 2));
			w[i * count + j] = i == j || d > far ? 0 : (float)pow(1 - fmax(d, near) / far, 8);
		}
	for (size_t i = 0; i < count; i++)
		alive[i] = true;
	for (size_t left = count; left > n; left--) {
		size_t worst = 0;
		double most = -1;
		for (size_t i = 0; i < count; i++) {
			double sum = 0;
			for (size_t j = 0; j < count; j++)
				sum += alive[j] ? w[i * count + j] : 0;
			if (alive[i] && sum > most) {
				most = sum;
				worst = i;
			}
		}
		alive[worst] = false;
	}
	free(w);
}

static void definition(size_t count, size_t n)
{
	struct mfc_mesh mesh;
	struct mfc_cloud c;
	struct mfc_error err;
	struct mfc_rng rng = mfc_rng_make(3, MFC_RNG_TEST, count, n);
	size_t *kept = calloc(n, sizeof *kept), same = 0;
	bool *alive = calloc(count, sizeof *alive);
	sphere(&mesh, 10);
	mfc_cloud_init(&c);
	mfc_sample(&c, &mesh, MFC_SAMPLE_AREA, count, false, &rng, NULL);
	by_definition(count, c.x, n, 4 * M_PI, alive);
	check(mfc_poisson_thin(count, 3, c.x, n, 4 * M_PI, kept, &err) == 0, "%zu of %zu", n, count);
	for (size_t i = 0; i < n; i++)
		same += alive[kept[i]] && (i == 0 || kept[i] > kept[i - 1]);
	check(same == n, "those that the definition keeps, in order (%zu)", same);
	free(kept);
	free(alive);
	mfc_cloud_clear(&c);
	mfc_mesh_clear(&mesh);
}

/* Surfaces and sets where everybody is everybody's neighbour: an answer, and soon, where all pairs would take minutes and gigabytes. */
static void crowded(void)
{
	enum { N = 6000, LARGE = 30000 };
	const double corner[3][3] = { { 0, 0, 0 }, { 1, 0, 0 }, { 0, 1, 0 } };
	struct mfc_mesh mesh;
	struct mfc_cloud c;
	struct mfc_error err;
	struct mfc_rng rng = mfc_rng_make(4, MFC_RNG_TEST, 0, 0);
	alarm(60);
	mfc_mesh_init(&mesh);
	mfc_cloud_init(&c);
	for (int i = 0; i < 3; i++)
		mfc_mesh_add_vertex(&mesh, corner[i], NULL);
	for (int i = 0; i < N; i++)
		mfc_mesh_add_triangle(&mesh, 0, 1, 2, NULL);
	check(mfc_sample(&c, &mesh, MFC_SAMPLE_POISSON, N, false, &rng, &err) == 0 && c.n == N, "a surface that covers itself %d times", N);
	apart("it", &c, N, 0.5);
	for (size_t i = 0; i < 9; i++)
		mesh.position[i] = 1e8 + 1e-3 * mesh.position[i];
	check(mfc_sample(&c, &mesh, MFC_SAMPLE_POISSON, N, false, &rng, &err) == 0 && c.n == N, "a surface too small for a float's digits");
	mesh.triangles = 0;
	for (int i = 0; i < LARGE; i++)
		mfc_mesh_add_vertex(&mesh, corner[1], NULL);
	check(mfc_sample(&c, &mesh, MFC_SAMPLE_POISSON, N, false, &rng, &err) == 0 && c.n == N, "points that coincide");
	for (size_t i = 0; i < LARGE / 2; i++)
		mesh.position[3 * i + 1] = (double)i;
	check(mfc_sample(&c, &mesh, MFC_SAMPLE_POISSON, N, false, &rng, &err) == 0 && c.n == N, "half of which coincide");
	alarm(0);
	mfc_cloud_clear(&c);
	mfc_mesh_clear(&mesh);
}

static void small(void)
{
	const float x[] = { 0, 0, 0.1f, 0, 5, 0, 5, 5 };
	size_t kept[4] = { 9, 9, 9, 9 };
	struct mfc_error err;
	check(mfc_poisson_thin(4, 2, x, 4, 0, kept, &err) == 0 && kept[0] == 0 && kept[3] == 3, "all of four");
	check(mfc_poisson_thin(4, 2, x, 3, 25, kept, &err) == 0 && kept[0] == 1 && kept[1] == 2 && kept[2] == 3,
	    "three of four: the first of the two that are close goes");
	check(mfc_poisson_thin(1, 2, x, 1, 0, kept, &err) == 0 && kept[0] == 0, "one of one");
	check(mfc_poisson_thin(4, 2, x, 0, 0, kept, &err) == 0, "none");
}

int main(void)
{
	on_sphere();
	doubled();
	evenly();
	definition(500, 100);
	definition(300, 250);
	definition(200, 10);
	crowded();
	small();
	return done();
}
