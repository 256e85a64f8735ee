/* load/normals: of triangles and of vertices, and as sampling hands them on. */
#include "check.h"
#include "array.h"
#include "load/normals.h"
#include "load/sample.h"
#include "shapes.h"

#include <stdlib.h>
#include <string.h>

/* The array "normal" of a cloud, (n, 3) of <f4; NULL where it is missing or not of unit length. */
static float *normals_of(const struct mfc_cloud *c)
{
	struct mfc_array a;
	if (!mfc_array_view(mfc_value_get(&c->extra, "normal"), &a) || a.dims != 2 || a.shape[0] != c->n || a.shape[1] != 3 || strcmp(a.dtype, "<f4"))
		return NULL;
	float *v = malloc(a.count * sizeof *v);
	double worst = mfc_array_floats(&a, 0, a.count, v, NULL) ? 1 : 0;
	for (size_t i = 0; i < a.count; i += 3)
		worst = fmax(worst, fabs(sqrt(v[i] * v[i] + v[i + 1] * v[i + 1] + v[i + 2] * v[i + 2]) - 1));
	if (worst < 1e-6)
		return v;
	free(v);
	return NULL;
}

static void on_cube(enum mfc_sample how)
{
	struct mfc_mesh mesh;
	struct mfc_cloud c;
	struct mfc_error err;
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_TEST, 0, 0);
	double worst = 0;
	cube(&mesh);
	mfc_cloud_init(&c);
	check(mfc_sample(&c, &mesh, how, 1000, true, &rng, &err) == 0, "a cube with normals, way %d", how);
	float *v = normals_of(&c);
	check(v != NULL, "unit vectors");
	for (size_t i = 0; v && i < c.n; i++) {
		double out = -1;
		for (size_t j = 0; j < 3; j++)   /* outwards is where the coordinate is 0 or 1 */
			if (c.x[3 * i + j] == 0 || c.x[3 * i + j] == 1)
				out = fmax(out, v[3 * i + j] * (2 * c.x[3 * i + j] - 1));
		worst = fmax(worst, fabs(out - 1));
	}
	check(worst < 1e-6, "each outwards from its face (%g)", worst);
	free(v);
	mfc_cloud_clear(&c);
	mfc_mesh_clear(&mesh);
}

static void on_sphere(enum mfc_sample how, double least)
{
	struct mfc_mesh mesh;
	struct mfc_cloud c;
	struct mfc_error err;
	struct mfc_rng rng = mfc_rng_make(2, MFC_RNG_TEST, 0, 0);
	double worst = 1;
	sphere(&mesh, 30);
	mfc_cloud_init(&c);
	check(mfc_sample(&c, &mesh, how, 500, true, &rng, &err) == 0, "a sphere with normals, way %d", how);
	float *v = normals_of(&c);
	check(v != NULL, "unit vectors");
	for (size_t i = 0; v && i < c.n; i++)
		worst = fmin(worst, v[3 * i] * c.x[3 * i] + v[3 * i + 1] * c.x[3 * i + 1] + v[3 * i + 2] * c.x[3 * i + 2]);
	check(worst > least, "each along the radius (cosine %.5f)", worst);
	free(v);
	mfc_cloud_clear(&c);
	mfc_mesh_clear(&mesh);
}

static void weighted(void)
{
	const double corner[][3] = { { 0, 0, 0 }, { 3, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 }, { 1e-90, 0, 5 }, { 0, 1e-90, 5 }, { 0, 0, 5 } };
	struct mfc_mesh mesh;
	struct mfc_error err;
	float v[21];
	const size_t all[] = { 0, 1, 2, 3, 4, 5, 6 }, two[] = { 4, 0 };
	mfc_mesh_init(&mesh);
	for (int i = 0; i < 7; i++)
		mfc_mesh_add_vertex(&mesh, corner[i], NULL);
	mfc_mesh_add_triangle(&mesh, 0, 1, 2, NULL);   /* area 3/2, up */
	mfc_mesh_add_triangle(&mesh, 0, 2, 3, NULL);   /* area 1/2, along x */
	mfc_mesh_add_triangle(&mesh, 4, 6, 5, NULL);   /* its area squared is no number above 0 */
	check(mfc_normals_vertices(&mesh, all, 7, v, &err) == 0, "vertices of three triangles");
	check(fabs(v[0] - sqrt(0.1)) < 1e-6 && v[1] == 0 && fabs(v[2] - 3 * sqrt(0.1)) < 1e-6, "by area where two meet (%g %g %g)", v[0], v[1], v[2]);
	check(v[3] == 0 && v[5] == 1 && v[9] == 1 && v[11] == 0, "its own where one is");
	check(v[12] == 0 && v[13] == 0 && v[14] == -1, "of a tiny triangle (%g %g %g)", v[12], v[13], v[14]);
	float few[6];
	check(mfc_normals_vertices(&mesh, two, 2, few, &err) == 0 && memcmp(few, v + 12, 12) == 0 && memcmp(few + 3, v, 12) == 0, "of some vertices the same");
	mfc_mesh_add_triangle(&mesh, 0, 2, 1, NULL);
	mfc_normals_vertices(&mesh, all, 7, v, &err);
	check(v[3] == 0 && v[4] == 0 && v[5] == 1, "upwards where faces cancel");
	mfc_mesh_clear(&mesh);
}

static void put(struct mfc_mesh *m, const char *dtype, size_t columns, const void *data)
{
	struct mfc_value v;
	mfc_array_make(&v, dtype, 2, (size_t[2]){ m->vertices, columns }, data, NULL);
	mfc_value_put(&m->extra, "normal", v, NULL);
}

static void from_file(void)
{
	const double given[] = { 0, 3, 4, 0, 0, 0, NAN, 1, 1, -1e-200, 0, 0 };
	const float wrong[] = { 1, 0, 1, 0, 1, 0, 1, 0 };
	struct mfc_mesh mesh;
	struct mfc_cloud c;
	struct mfc_error err;
	struct mfc_rng rng = mfc_rng_make(3, MFC_RNG_TEST, 0, 0);
	mfc_mesh_init(&mesh);
	mfc_cloud_init(&c);
	for (int i = 0; i < 4; i++)
		mfc_mesh_add_vertex(&mesh, (double[3]){ i, i * i, 0 }, NULL);
	check(mfc_sample(&c, &mesh, MFC_SAMPLE_AREA, 3, true, &rng, &err) == -1 && strstr(err.message, "no normals in it"), "a point set: %s",
	    err.message);
	put(&mesh, "<f4", 2, wrong);
	check(mfc_sample(&c, &mesh, MFC_SAMPLE_ALL, 3, true, &rng, &err) == -1 && strstr(err.message, "no normals in it"), "nor pairs: %s",
	    err.message);
	put(&mesh, "<f8", 3, given);
	for (int triangles = 0; triangles < 2; triangles++) {
		check(mfc_sample(&c, &mesh, MFC_SAMPLE_ALL, 0, true, &rng, &err) == 0, "the file's own, %d triangles", 2 * triangles);
		float *v = normals_of(&c);
		check(v && v[0] == 0 && fabs(v[1] - 0.6) < 1e-6 && fabs(v[2] - 0.8) < 1e-6, "made a unit long");
		check(v && v[5] == 1 && v[8] == 1, "upwards where it has no direction");
		free(v);
		mfc_mesh_add_triangle(&mesh, 0, 2, 1, NULL);
		mfc_mesh_add_triangle(&mesh, 1, 2, 3, NULL);
	}
	check(mfc_sample(&c, &mesh, MFC_SAMPLE_AREA, 9, true, &rng, &err) == 0, "on the surface");
	float *v = normals_of(&c);
	check(v && v[0] == 0 && fabs(v[2]) == 1, "the triangle's, not the file's");
	free(v);
	check(mfc_sample(&c, &mesh, MFC_SAMPLE_AREA, 9, false, &rng, &err) == 0 && !mfc_value_get(&c.extra, "normal"), "none when nobody asks");
	mfc_cloud_clear(&c);
	mfc_mesh_clear(&mesh);
}

int main(void)
{
	on_cube(MFC_SAMPLE_AREA);
	on_cube(MFC_SAMPLE_POISSON);
	on_sphere(MFC_SAMPLE_AREA, 0.99);
	on_sphere(MFC_SAMPLE_POISSON, 0.99);
	on_sphere(MFC_SAMPLE_VERTICES, 0.98);
	on_sphere(MFC_SAMPLE_ALL, 0.98);
	weighted();
	from_file();
	return done();
}
