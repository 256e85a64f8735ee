#include "load/sample.h"
#include "load/normals.h"
#include "load/poisson.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Triangles by running sums of their areas, with a guide (Chen and Asau 1974): the range of the sums is cut into equal buckets, and guide[b] is the
 * first triangle whose sum is in bucket b or a later one. */
struct picker {
	size_t triangles, buckets;
	double *sum, total;     /* (triangles) */
	size_t *guide;          /* (buckets + 1) */
};

/* Never falls as `at` rises, rounding included: so a triangle is looked for between two of the guide and the others need no look. */
static size_t bucket(const struct picker *p, double at)
{
	size_t b = (size_t)(at / p->total * (double)p->buckets);
	return b < p->buckets ? b : p->buckets - 1;
}

static void picker_free(struct picker *p)
{
	free(p->sum);
	free(p->guide);
}

/* For about n draws: more buckets than those would not pay. Frees itself on failure. */
static int picker_make(struct picker *p, const struct mfc_mesh *mesh, size_t n, struct mfc_error *err)
{
	size_t next = 0;
	double cross[3];
	*p = (struct picker){ .triangles = mesh->triangles, .buckets = n < mesh->triangles ? n : mesh->triangles };
	p->sum = malloc(p->triangles * sizeof *p->sum);
	p->guide = malloc((p->buckets + 1) * sizeof *p->guide);
	if (!p->sum || !p->guide) {
		picker_free(p);
		return mfc_error_memory(err);
	}
	for (size_t i = 0; i < p->triangles; i++)
		p->sum[i] = p->total += mfc_normals_cross(mesh, mesh->triangle + 3 * i, cross);
	if (!(p->total > 0) || !isfinite(p->total)) {
		picker_free(p);
		return mfc_error_set(err, "a surface without area");
	}
	/* Most sums of a fine mesh are in the bucket of the one before: a comparison with a little less than where the next begins shows it sooner
	 * than a division. (A total above 0 is at least 1e-162, being half a root, so that the width is exact enough.) */
	double width = p->total / (double)p->buckets * (1 - 1e-9);
	for (size_t i = 0; i < p->triangles; i++)
		if (p->sum[i] >= (double)next * width)
			for (size_t b = bucket(p, p->sum[i]); next <= b; next++)
				p->guide[next] = i;
	p->guide[p->buckets] = p->triangles - 1;
	return 0;
}

/* The first triangle whose running sum of areas is above `at`: one without area never is. */
static size_t pick(const struct picker *p, double at)
{
	size_t b = bucket(p, at), low = p->guide[b], high = p->guide[b + 1];
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (p->sum[middle] > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* n points, uniform by area, and the normals of their triangles where normal (n, 3) is not NULL. */
static int on_surface(struct mfc_cloud *cloud, const struct mfc_mesh *mesh, size_t n, float *normal, double *area, struct mfc_rng *rng,
    struct mfc_error *err)
{
	struct picker p;
	if (mfc_cloud_resize(cloud, n, 3, err) || picker_make(&p, mesh, n ? n : 1, err))
		return -1;
	for (size_t i = 0; i < n; i++) {
		const uint32_t *t = mesh->triangle + 3 * pick(&p, mfc_rng_uniform(rng) * p.total);
		const double *a = mesh->position + 3 * (size_t)t[0], *b = mesh->position + 3 * (size_t)t[1], *c = mesh->position + 3 * (size_t)t[2];
		/* Uniform in the triangle: fold the square over its diagonal. */
		double u = mfc_rng_uniform(rng), v = mfc_rng_uniform(rng), cross[3];
		if (u + v > 1) {
			u = 1 - u;
			v = 1 - v;
		}
		for (size_t j = 0; j < 3; j++)
			cloud->x[3 * i + j] = (float)((1 - u - v) * a[j] + u * b[j] + v * c[j]);
		if (normal) {
			mfc_normals_cross(mesh, t, cross);
			mfc_normals_unit(cross, normal + 3 * i);
		}
	}
	*area = p.total;
	picker_free(&p);
	return 0;
}

static int check_finite(const struct mfc_cloud *cloud, struct mfc_error *err)
{
	for (size_t i = 0; i < cloud->n * cloud->dim; i++)
		if (!isfinite(cloud->x[i]))
			return mfc_error_set(err, "a coordinate too large for 32 bits");
	return 0;
}

/* Keep n particles of the cloud as blue noise. */
static int thin(struct mfc_cloud *cloud, size_t n, double area, struct mfc_error *err)
{
	size_t *kept = calloc(n ? n : 1, sizeof *kept);
	if (!kept)
		return mfc_error_memory(err);
	int status = mfc_poisson_thin(cloud->n, cloud->dim, cloud->x, n, area, kept, err) || mfc_cloud_select(cloud, kept, n, err) ? -1 : 0;
	free(kept);
	return status;
}

static int from_surface(struct mfc_cloud *cloud, const struct mfc_mesh *mesh, bool poisson, size_t n, bool normals, struct mfc_rng *rng,
    struct mfc_error *err)
{
	size_t drawn = n;
	double area;
	if (poisson && __builtin_mul_overflow(n, MFC_POISSON_CANDIDATES, &drawn))
		return mfc_error_memory(err);
	float *normal = normals ? calloc(drawn ? drawn : 1, 3 * sizeof *normal) : NULL;
	if (normals && !normal)
		return mfc_error_memory(err);
	int status = on_surface(cloud, mesh, drawn, normal, &area, rng, err) || check_finite(cloud, err) ||
	    (normals && mfc_normals_put(&cloud->extra, drawn, normal, err)) || (poisson && thin(cloud, n, area, err)) ? -1 : 0;
	free(normal);
	return status;
}

/* The vertices that index (n) names, with their arrays. */
static int take_vertices(struct mfc_cloud *cloud, const struct mfc_mesh *mesh, const size_t *index, size_t n, bool normals, struct mfc_error *err)
{
	if (mfc_value_copy(&cloud->extra, &mesh->extra, err))
		return -1;
	/* Rows follow those of a cloud that has them all, of which x is left out until it is chosen. */
	if (mesh->extra.size && (mfc_cloud_resize(cloud, mesh->vertices, 1, err) || mfc_cloud_select(cloud, index, n, err)))
		return -1;
	if (mfc_cloud_resize(cloud, n, mesh->dim, err))
		return -1;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0, from = index[i] * mesh->dim; j < mesh->dim; j++, from++)
			cloud->x[i * mesh->dim + j] = mesh->point ? mesh->point[from] : (float)mesh->position[from];
	float *normal = normals ? calloc(n, 3 * sizeof *normal) : NULL;
	if (normals && !normal)
		return mfc_error_memory(err);
	int status = normals && (mfc_normals_vertices(mesh, index, n, normal, err) || mfc_normals_put(&cloud->extra, n, normal, err)) ? -1 : 0;
	free(normal);
	return status;
}

/* The vertices that triangles have, or all of a point set, in order: vertex has room for all. Returns how many. */
static size_t used_vertices(const struct mfc_mesh *mesh, size_t *vertex)
{
	size_t count = 0;
	memset(vertex, mesh->triangles ? 0 : 1, mesh->vertices * sizeof *vertex);
	for (size_t i = 0; i < 3 * mesh->triangles; i++)
		vertex[mesh->triangle[i]] = 1;
	for (size_t i = 0; i < mesh->vertices; i++)
		if (vertex[i])
			vertex[count++] = i;
	return count;
}

/* A random n of the count numbers in index, in random order. */
static int choose(size_t *index, size_t count, size_t n, struct mfc_rng *rng, struct mfc_error *err)
{
	size_t *order = calloc(count, sizeof *order);
	if (!order)
		return mfc_error_memory(err);
	mfc_rng_choose(rng, count, n, order);
	for (size_t i = 0; i < n; i++)
		order[i] = index[order[i]];
	memcpy(index, order, n * sizeof *index);
	free(order);
	return 0;
}

static int from_vertices(struct mfc_cloud *cloud, const struct mfc_mesh *mesh, enum mfc_sample how, size_t n, bool normals, struct mfc_rng *rng,
    struct mfc_error *err)
{
	size_t *index = calloc(mesh->vertices + 1, sizeof *index);
	if (!index)
		return mfc_error_memory(err);
	size_t count = used_vertices(mesh, index), taken = how == MFC_SAMPLE_ALL ? count : n;
	int status = count < taken ? mfc_error_set(err, "%zu points where %zu are wanted", count, taken) : 0;
	bool poisson = how == MFC_SAMPLE_POISSON && n < count;
	if (poisson)
		taken = n < count / MFC_POISSON_CANDIDATES ? n * MFC_POISSON_CANDIDATES : count;
	if (status == 0 && taken < count)
		status = choose(index, count, taken, rng, err);
	status = status || take_vertices(cloud, mesh, index, taken, normals, err) || check_finite(cloud, err) ||
	    (poisson && thin(cloud, n, 0, err)) ? -1 : 0;
	free(index);
	return status;
}

int mfc_sample(struct mfc_cloud *cloud, const struct mfc_mesh *mesh, enum mfc_sample how, size_t n, bool normals, struct mfc_rng *rng,
    struct mfc_error *err)
{
	mfc_value_clear(&cloud->extra);
	cloud->extra = mfc_value_map();
	if (mesh->triangles && (how == MFC_SAMPLE_AREA || how == MFC_SAMPLE_POISSON))
		return from_surface(cloud, mesh, how == MFC_SAMPLE_POISSON, n, normals, rng, err);
	return from_vertices(cloud, mesh, how, n, normals, rng, err);
}
