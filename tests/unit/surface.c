/* load/sample: which points of a mesh or point set are taken, and with what. */
#include "check.h"
#include "array.h"
#include "load/sample.h"
#include "shapes.h"

#include <stdlib.h>
#include <string.h>

static struct mfc_rng start(uint64_t seed)
{
	return mfc_rng_make(seed, MFC_RNG_TEST, 0, 0);
}

/* A triangle of its own at height z. */
static void add(struct mfc_mesh *m, double z, double ax, double ay, double bx, double by, double cx, double cy)
{
	uint32_t v = (uint32_t)m->vertices;
	const double corner[3][3] = { { ax, ay, z }, { bx, by, z }, { cx, cy, z } };
	for (int i = 0; i < 3; i++)
		mfc_mesh_add_vertex(m, corner[i], NULL);
	mfc_mesh_add_triangle(m, v, v + 1, v + 2, NULL);
}

/* Triangles at heights 0, 1, …, large, tiny, skewed and without area, two of them there twice; area (levels) by height. */
static size_t mixed(struct mfc_mesh *m, double *area, double shift)
{
	size_t level = 0;
	struct mfc_rng rng = start(3);
	mfc_mesh_init(m);
	for (; level < 200; level++) {
		double w = level % 7 == 0 ? 0 : exp(3 * mfc_rng_uniform(&rng)), h = level % 11 == 0 ? 1e-3 : 1 + mfc_rng_uniform(&rng);
		double skew = level % 3 == 0 ? 1000 * mfc_rng_uniform(&rng) : 0;
		w = ldexp(round(ldexp(w, 20)), -20);   /* exact after a shift, too */
		h = ldexp(round(ldexp(h, 20)), -20);
		skew = round(skew);
		add(m, (double)level, shift, shift, shift + w, shift, shift + skew, shift + h);
		area[level] = 0.5 * w * h;
	}
	const uint32_t *t = m->triangle + 3 * 5;
	mfc_mesh_add_triangle(m, t[0], t[1], t[2], NULL);
	t = m->triangle + 3 * 8;
	mfc_mesh_add_triangle(m, t[1], t[0], t[2], NULL);
	mfc_mesh_add_triangle(m, 3, 3, 4, NULL);
	area[5] *= 2;
	area[8] *= 2;
	return level;
}

static void by_area(double shift)
{
	enum { N = 400000 };
	double area[200], total = 0, chi = 0;
	size_t count[200] = { 0 }, freedom = 0, flat = 0;
	struct mfc_mesh mesh;
	struct mfc_cloud cloud;
	struct mfc_error err;
	struct mfc_rng rng = start(1);
	size_t levels = mixed(&mesh, area, shift);
	mfc_cloud_init(&cloud);
	check(mfc_sample(&cloud, &mesh, MFC_SAMPLE_AREA, N, false, &rng, &err) == 0 && cloud.n == N && cloud.dim == 3, "%d points at %g", N, shift);
	check(cloud.extra.size == 0, "no arrays that nobody wanted");
	for (size_t i = 0; i < N; i++)
		count[(size_t)cloud.x[3 * i + 2]]++;
	for (size_t i = 0; i < levels; i++)
		total += area[i];
	for (size_t i = 0; i < levels; i++) {
		double expected = N * area[i] / total;
		flat += area[i] == 0 ? count[i] : 0;
		if (expected < 10)
			continue;
		chi += pow((double)count[i] - expected, 2) / expected;
		freedom++;
	}
	double z = normal_of(chi, (double)freedom);
	check(fabs(z) < 3.72 && freedom > 100, "as many in a triangle as its area asks for (%zu triangles, z = %.2f)", freedom, z);
	check(flat == 0, "none in triangles without area");
	mfc_cloud_clear(&cloud);
	mfc_mesh_clear(&mesh);
}

/* Barycentric coordinates of p in the triangle: of b and c, by least squares. */
static void coordinates(const double *a, const double *b, const double *c, const float *p, double *u, double *v)
{
	double uu = 0, uv = 0, vv = 0, pu = 0, pv = 0;
	for (int i = 0; i < 3; i++) {
		double e = b[i] - a[i], f = c[i] - a[i], g = p[i] - a[i];
		uu += e * e;
		uv += e * f;
		vv += f * f;
		pu += g * e;
		pv += g * f;
	}
	double det = uu * vv - uv * uv;
	*u = (pu * vv - pv * uv) / det;
	*v = (pv * uu - pu * uv) / det;
}

static void in_one(void)
{
	enum { N = 100000, SIDE = 8 };
	const double corner[3][3] = { { 1, 2, 3 }, { 2, 2.5, -1 }, { -3, 4, 7 } };
	size_t count[SIDE * SIDE] = { 0 };
	double outside = 0, chi = 0, expected = (double)N / (SIDE * SIDE);
	struct mfc_mesh mesh;
	struct mfc_cloud cloud;
	struct mfc_error err;
	struct mfc_rng rng = start(2);
	mfc_mesh_init(&mesh);
	for (int i = 0; i < 3; i++)
		mfc_mesh_add_vertex(&mesh, corner[i], NULL);
	mfc_mesh_add_triangle(&mesh, 0, 1, 2, NULL);
	mfc_cloud_init(&cloud);
	check(mfc_sample(&cloud, &mesh, MFC_SAMPLE_AREA, N, false, &rng, &err) == 0 && cloud.n == N, "one triangle");
	for (size_t i = 0; i < N; i++) {
		double u, v;
		coordinates(corner[0], corner[1], corner[2], cloud.x + 3 * i, &u, &v);
		outside = fmax(outside, fmax(-u, fmax(-v, u + v - 1)));
		u = SIDE * fmin(fmax(u, 0), 1 - 1e-9);
		v = SIDE * fmin(fmax(v, 0), 1 - 1e-9);
		/* SIDE² equal triangles: in each cell the lower one, and the upper one put where v is out of the triangle. */
		size_t a = (size_t)u, b = (size_t)v;
		if (u - floor(u) + v - floor(v) > 1) {
			a = SIDE - 1 - a;
			b = SIDE - 1 - b;
		}
		count[a * SIDE + b]++;
	}
	for (size_t i = 0; i < SIDE * SIDE; i++)
		chi += pow((double)count[i] - expected, 2) / expected;
	double z = normal_of(chi, SIDE * SIDE - 1);
	check(outside < 1e-6, "every point is in it (out by %g)", outside);
	check(fabs(z) < 3.72, "evenly within it (z = %.2f)", z);
	mfc_cloud_clear(&cloud);
	mfc_mesh_clear(&mesh);
}

/* Naive twin: through all triangles until the running sum is above. */
static void naive(float *x, const struct mfc_mesh *m, size_t n, struct mfc_rng *rng)
{
	double *area = malloc(m->triangles * sizeof *area), total = 0;
	for (size_t i = 0; i < m->triangles; i++) {
		const double *a = m->position + 3 * m->triangle[3 * i], *b = m->position + 3 * m->triangle[3 * i + 1],
		    *c = m->position + 3 * m->triangle[3 * i + 2];
		double u[3] = { b[0] - a[0], b[1] - a[1], b[2] - a[2] }, v[3] = { c[0] - a[0], c[1] - a[1], c[2] - a[2] };
		double p = u[1] * v[2] - u[2] * v[1], q = u[2] * v[0] - u[0] * v[2], r = u[0] * v[1] - u[1] * v[0];
		total += area[i] = 0.5 * sqrt(p * p + q * q + r * r);
	}
	for (size_t i = 0; i < n; i++) {
		const uint32_t *k = m->triangle;
		double at = mfc_rng_uniform(rng) * total, u = mfc_rng_uniform(rng), v = mfc_rng_uniform(rng), sum = 0;
		size_t t = 0;
		for (; (sum += area[t]) <= at; k += 3)
			t++;
		if (u + v > 1) {
			u = 1 - u;
			v = 1 - v;
		}
		for (size_t j = 0; j < 3; j++)
			x[3 * i + j] = (float)((1 - u - v) * m->position[3 * k[0] + j] + u * m->position[3 * k[1] + j] +
			    v * m->position[3 * k[2] + j]);
	}
	free(area);
}

static void guide(void)
{
	const size_t sizes[] = { 1, 7, 500, 5000 };
	double area[200];
	for (int k = 0; k < 3; k++) {
		struct mfc_mesh mesh;
		if (k == 0)
			mixed(&mesh, area, 0);
		else if (k == 1)
			cube(&mesh);
		else
			sphere(&mesh, 3);
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			struct mfc_cloud cloud;
			struct mfc_rng a = start(5), b = a;
			float *x = malloc(3 * sizes[i] * sizeof *x);
			mfc_cloud_init(&cloud);
			naive(x, &mesh, sizes[i], &a);
			mfc_sample(&cloud, &mesh, MFC_SAMPLE_AREA, sizes[i], false, &b, NULL);
			check(memcmp(x, cloud.x, 3 * sizes[i] * sizeof *x) == 0, "%zu points of %zu triangles, as found without a guide", sizes[i],
			    mesh.triangles);
			mfc_cloud_clear(&cloud);
			free(x);
		}
		mfc_mesh_clear(&mesh);
	}
}

/* Give the vertices their own numbers as the array "columns". */
static void number(struct mfc_mesh *m)
{
	float *index = malloc(m->vertices * sizeof *index);
	struct mfc_value v;
	for (size_t i = 0; i < m->vertices; i++)
		index[i] = (float)i;
	mfc_array_make(&v, "<f4", 2, (size_t[2]){ m->vertices, 1 }, index, NULL);
	mfc_value_put(&m->extra, "columns", v, NULL);
	free(index);
}

/* Whether the cloud has n different points and each is the vertex whose number it bears; `used` says which may be there. */
static bool numbered(const struct mfc_cloud *c, const struct mfc_mesh *m, size_t n, bool (*used)(size_t))
{
	struct mfc_array a;
	float index[256];
	bool seen[256] = { false }, right = c->n == n && mfc_array_view(mfc_value_get(&c->extra, "columns"), &a) && a.shape[0] == n;
	if (!right || mfc_array_floats(&a, 0, n, index, NULL))
		return false;
	for (size_t i = 0; i < n; i++) {
		size_t k = (size_t)index[i];
		right = right && !seen[k] && (!used || used(k));
		seen[k] = true;
		for (size_t j = 0; j < m->dim; j++)
			right = right && c->x[i * m->dim + j] == (float)m->position[k * m->dim + j];
	}
	return right;
}

static bool even(size_t i)
{
	return i % 2 == 0;
}

static void vertices(void)
{
	struct mfc_mesh mesh;
	struct mfc_cloud cloud;
	struct mfc_error err;
	struct mfc_rng rng = start(4);
	mfc_mesh_init(&mesh);
	mfc_cloud_init(&cloud);
	for (size_t i = 0; i < 200; i++)
		mfc_mesh_add_vertex(&mesh, (double[3]){ (double)i, sin((double)i), cos(3. * (double)i) }, NULL);
	number(&mesh);
	check(mfc_sample(&cloud, &mesh, MFC_SAMPLE_ALL, 0, false, &rng, &err) == 0 && numbered(&cloud, &mesh, 200, NULL), "all of a point set");
	check(mfc_sample(&cloud, &mesh, MFC_SAMPLE_AREA, 90, false, &rng, &err) == 0 && numbered(&cloud, &mesh, 90, NULL), "area: a subset of it");
	check(mfc_sample(&cloud, &mesh, MFC_SAMPLE_VERTICES, 200, false, &rng, &err) == 0 && numbered(&cloud, &mesh, 200, NULL), "or the whole");
	check(mfc_sample(&cloud, &mesh, MFC_SAMPLE_POISSON, 20, false, &rng, &err) == 0 && numbered(&cloud, &mesh, 20, NULL), "or blue noise");
	for (uint32_t i = 0; i + 4 < 200; i += 2)
		mfc_mesh_add_triangle(&mesh, i, i + 2, i + 4, NULL);
	check(mfc_sample(&cloud, &mesh, MFC_SAMPLE_ALL, 0, false, &rng, &err) == 0 && numbered(&cloud, &mesh, 100, even), "all that triangles have");
	check(mfc_sample(&cloud, &mesh, MFC_SAMPLE_VERTICES, 100, false, &rng, &err) == 0 && numbered(&cloud, &mesh, 100, even), "just as many");
	check(mfc_sample(&cloud, &mesh, MFC_SAMPLE_VERTICES, 30, false, &rng, &err) == 0 && numbered(&cloud, &mesh, 30, even), "a subset of them");
	check(mfc_sample(&cloud, &mesh, MFC_SAMPLE_VERTICES, 101, false, &rng, &err) == -1 && strstr(err.message, "100 points where 101"), "%s",
	    err.message);
	check(mfc_sample(&cloud, &mesh, MFC_SAMPLE_AREA, 150, false, &rng, &err) == 0 && cloud.n == 150 && cloud.extra.size == 0,
	    "points between vertices have none of their arrays");
	mfc_cloud_clear(&cloud);
	mfc_mesh_clear(&mesh);
}

/* One triangle whose corners are `far` away from each other; its error under each way to sample, "" for none. */
static void refused(double far, const char *surface, const char *vertex)
{
	const enum mfc_sample how[] = { MFC_SAMPLE_AREA, MFC_SAMPLE_POISSON, MFC_SAMPLE_VERTICES, MFC_SAMPLE_ALL };
	for (int k = 0; k < 4; k++) {
		struct mfc_mesh mesh;
		struct mfc_cloud cloud;
		struct mfc_error err = { 0 };
		struct mfc_rng rng = start(6);
		const char *want = k < 2 ? surface : vertex;
		mfc_mesh_init(&mesh);
		mfc_cloud_init(&cloud);
		add(&mesh, 0, 0, 0, far, 0, 0, far);
		int status = mfc_sample(&cloud, &mesh, how[k], 3, false, &rng, &err);
		check(status == (*want ? -1 : 0) && strstr(err.message, want), "way %d of a triangle of %g: \"%s\"", k, far, err.message);
		mfc_cloud_clear(&cloud);
		mfc_mesh_clear(&mesh);
	}
}

static void few(void)
{
	struct mfc_mesh mesh;
	struct mfc_cloud cloud;
	struct mfc_error err;
	struct mfc_rng rng = start(7);
	mfc_mesh_init(&mesh);
	mfc_cloud_init(&cloud);
	for (int i = 0; i < 5; i++)
		mfc_mesh_add_vertex(&mesh, (double[3]){ i, 0, 0 }, NULL);
	check(mfc_sample(&cloud, &mesh, MFC_SAMPLE_AREA, 6, false, &rng, &err) == -1 && strstr(err.message, "5 points where 6"), "%s", err.message);
	check(mfc_sample(&cloud, &mesh, MFC_SAMPLE_POISSON, 6, false, &rng, &err) == -1 && strstr(err.message, "5 points where 6"), "%s",
	    err.message);
	add(&mesh, 0, 0, 0, 1, 0, 0, 1);
	check(mfc_sample(&cloud, &mesh, MFC_SAMPLE_POISSON, SIZE_MAX / 4, false, &rng, &err) == -1, "more than fit: %s", err.message);
	mfc_cloud_clear(&cloud);
	mfc_mesh_clear(&mesh);
}

int main(void)
{
	by_area(0);
	by_area(1048576);
	in_one();
	guide();
	vertices();
	refused(0, "a surface without area", "");
	refused(NAN, "a surface without area", "too large for 32 bits");
	refused(1e200, "a surface without area", "too large for 32 bits");
	refused(1e-200, "a surface without area", "");
	refused(1e60, "too large for 32 bits", "too large for 32 bits");
	refused(1e-30, "", "");
	few();
	return done();
}
