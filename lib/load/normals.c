#include "load/normals.h"
#include "array.h"

#include <math.h>
#include <stdlib.h>

double mfc_normals_cross(const struct mfc_mesh *mesh, const uint32_t *t, double cross[3])
{
	const double *a = mesh->position + 3 * (size_t)t[0], *b = mesh->position + 3 * (size_t)t[1], *c = mesh->position + 3 * (size_t)t[2];
	double u0 = b[0] - a[0], u1 = b[1] - a[1], u2 = b[2] - a[2], v0 = c[0] - a[0], v1 = c[1] - a[1], v2 = c[2] - a[2];
	double x = u1 * v2 - u2 * v1, y = u2 * v0 - u0 * v2, z = u0 * v1 - u1 * v0;
	cross[0] = x;
	cross[1] = y;
	cross[2] = z;
	return 0.5 * sqrt(x * x + y * y + z * z);
}

void mfc_normals_unit(const double v[3], float out[3])
{
	/* By the largest first: squares of very small or large numbers lose digits. */
	double most = fmax(fabs(v[0]), fmax(fabs(v[1]), fabs(v[2]))), u[3] = { v[0] / most, v[1] / most, v[2] / most };
	double length = sqrt(u[0] * u[0] + u[1] * u[1] + u[2] * u[2]);
	for (int i = 0; i < 3; i++)
		out[i] = length > 0 ? (float)(u[i] / length) : i == 2 ? 1 : 0;   /* 0/0 is not above 0 */
}

/* The file's own normals; false where it has none of the right shape. */
static bool given(const struct mfc_mesh *mesh, const size_t *index, size_t count, float *normal)
{
	struct mfc_array a;
	const struct mfc_value *v = mfc_value_get(&mesh->extra, "normal");
	if (!mfc_array_view(v, &a) || a.dims != 2 || a.shape[0] != mesh->vertices || a.shape[1] != 3)
		return false;
	for (size_t i = 0; i < count; i++) {
		float *n = normal + 3 * i;
		if (mfc_array_floats(&a, 3 * index[i], 3, n, NULL))
			return false;
		mfc_normals_unit((double[3]){ n[0], n[1], n[2] }, n);
	}
	return true;
}

/* sum (count, 3) over the triangles around each vertex; place (vertices): where a vertex is in sum, plus one, or 0. */
static void add_up(const struct mfc_mesh *mesh, const uint32_t *place, double *sum)
{
	double cross[3];
	for (const uint32_t *t = mesh->triangle; t < mesh->triangle + 3 * mesh->triangles; t += 3) {
		if (!(place[t[0]] | place[t[1]] | place[t[2]]))
			continue;
		mfc_normals_cross(mesh, t, cross);
		for (size_t k = 0; k < 3; k++)
			for (size_t j = 0; place[t[k]] && j < 3; j++)
				sum[3 * (size_t)(place[t[k]] - 1) + j] += cross[j];
	}
}

int mfc_normals_vertices(const struct mfc_mesh *mesh, const size_t *index, size_t count, float *normal, struct mfc_error *err)
{
	if (given(mesh, index, count, normal))
		return 0;
	if (!mesh->triangles)
		return mfc_error_set(err, "no normals in it");
	double *sum = calloc(count + 1, 3 * sizeof *sum);
	uint32_t *place = calloc(mesh->vertices, sizeof *place);
	if (sum && place) {
		for (size_t i = 0; i < count; i++)
			place[index[i]] = (uint32_t)i + 1;
		add_up(mesh, place, sum);
		for (size_t i = 0; i < count; i++)
			mfc_normals_unit(sum + 3 * i, normal + 3 * i);
	}
	int status = sum && place ? 0 : mfc_error_memory(err);
	free(sum);
	free(place);
	return status;
}

int mfc_normals_put(struct mfc_value *map, size_t n, const float *normal, struct mfc_error *err)
{
	struct mfc_value v;
	return mfc_array_make(&v, "<f4", 2, (size_t[2]){ n, 3 }, normal, err) || mfc_value_put(map, "normal", v, err) ? -1 : 0;
}
