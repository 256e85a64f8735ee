#include "load/sample.h"

#include <math.h>
#include <stdlib.h>

static double area(const struct mfc_mesh *mesh, const uint32_t *t)
{
	const double *a = mesh->position + 3 * t[0], *b = mesh->position + 3 * t[1], *c = mesh->position + 3 * t[2];
	double u[3], v[3];
	for (int i = 0; i < 3; i++) {
		u[i] = b[i] - a[i];
		v[i] = c[i] - a[i];
	}
	double x = u[1] * v[2] - u[2] * v[1], y = u[2] * v[0] - u[0] * v[2], z = u[0] * v[1] - u[1] * v[0];
	return 0.5 * sqrt(x * x + y * y + z * z);
}

/* The first triangle whose running sum of areas is above `at`. */
static size_t find(const double *sum, size_t count, double at)
{
	size_t low = 0, high = count - 1;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (sum[middle] > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static int sample_surface(struct mfc_cloud *cloud, const struct mfc_mesh *mesh, size_t n, struct mfc_rng *rng, struct mfc_error *err)
{
	double *sum = malloc(mesh->triangles * sizeof *sum), total = 0;
	if (!sum || mfc_cloud_resize(cloud, n, 3, err)) {
		free(sum);
		return mfc_error_memory(err);
	}
	for (size_t i = 0; i < mesh->triangles; i++)
		sum[i] = total += area(mesh, mesh->triangle + 3 * i);
	if (!(total > 0) || !isfinite(total)) {
		free(sum);
		return mfc_error_set(err, "a surface without area");
	}
	for (size_t i = 0; i < n; i++) {
		const uint32_t *t = mesh->triangle + 3 * find(sum, mesh->triangles, mfc_rng_uniform(rng) * total);
		/* Uniform in the triangle: fold the square over its diagonal. */
		double u = mfc_rng_uniform(rng), v = mfc_rng_uniform(rng);
		if (u + v > 1) {
			u = 1 - u;
			v = 1 - v;
		}
		for (int j = 0; j < 3; j++)
			cloud->x[3 * i + (size_t)j] = (float)((1 - u - v) * mesh->position[3 * t[0] + (uint32_t)j] +
			    u * mesh->position[3 * t[1] + (uint32_t)j] + v * mesh->position[3 * t[2] + (uint32_t)j]);
	}
	free(sum);
	return 0;
}

static int all_vertices(struct mfc_cloud *cloud, const struct mfc_mesh *mesh, struct mfc_error *err)
{
	if (mfc_cloud_resize(cloud, mesh->vertices, mesh->dim, err))
		return -1;
	for (size_t i = 0; i < mesh->vertices * mesh->dim; i++)
		cloud->x[i] = (float)mesh->position[i];
	mfc_value_clear(&cloud->extra);
	return mfc_value_copy(&cloud->extra, &mesh->extra, err);
}

int mfc_sample(struct mfc_cloud *cloud, const struct mfc_mesh *mesh, enum mfc_sample how, size_t n, struct mfc_rng *rng, struct mfc_error *err)
{
	if (how == MFC_SAMPLE_AREA && mesh->triangles)
		return sample_surface(cloud, mesh, n, rng, err);
	if (how != MFC_SAMPLE_ALL && mesh->vertices < n)
		return mfc_error_set(err, "%zu points where %zu are wanted", mesh->vertices, n);
	if (all_vertices(cloud, mesh, err))
		return -1;
	if (how == MFC_SAMPLE_ALL || mesh->vertices == n)
		return 0;
	size_t *index = malloc(mesh->vertices * sizeof *index);
	if (!index)
		return mfc_error_memory(err);
	mfc_rng_choose(rng, mesh->vertices, n, index);
	int status = mfc_cloud_select(cloud, index, n, err);
	free(index);
	return status;
}
