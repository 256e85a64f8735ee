#include "net/edges.h"
#include "net/rows.h"
#include "neighbors.h"

#include <stdlib.h>

void mfc_edges_clear(struct mfc_edges *e)
{
	free(e->start);
	free(e->index);
	free(e->feature);
	*e = (struct mfc_edges){ 0 };
}

/* What a search collects of one particle: rows of the batch. */
struct ball {
	struct mfc_edges *edges;
	size_t count, base;
	bool failed;
};

static int make_room(struct mfc_edges *e, size_t count)
{
	if (count <= e->capacity)
		return 0;
	uint32_t *index = realloc(e->index, count * sizeof *index);
	if (!index)
		return -1;
	e->index = index;
	real *feature = realloc(e->feature, count * e->features * sizeof *feature);
	if (!feature)
		return -1;
	e->feature = feature;
	e->capacity = count;
	return 0;
}

size_t mfc_edges_bytes(size_t dim, size_t rows, size_t neighbors)
{
	const struct mfc_edges *e = NULL;
	return (rows + 1) * sizeof *e->start + rows * neighbors * (sizeof *e->index + (dim + 1) * sizeof *e->feature);
}

static void collect(void *context, size_t index, double distance2)
{
	struct ball *b = context;
	(void)distance2;
	b->failed = b->failed || (b->count == b->edges->capacity && make_room(b->edges, b->count + b->count / 2 + 1024));
	if (b->failed)
		return;
	b->edges->index[b->count++] = (uint32_t)(b->base + index);
}

static void describe(struct mfc_edges *e, const real *u, size_t dim, size_t i, double radius, double noise)
{
	real scale = (real)(1 / radius), size = (real)(log(radius / noise) / 4);
	for (size_t q = e->start[i]; q < e->start[i + 1]; q++) {
		real *g = e->feature + q * e->features;
		for (size_t j = 0; j < dim; j++)
			g[j] = (u[e->index[q] * dim + j] - u[i * dim + j]) * scale;
		g[dim] = size;
	}
}

/* Clouds of the batch are searched in float, as they came. A particle that is not finite has no neighbours, and what it is given is not
 * finite either: the mean of nothing. */
static int find_cloud(struct mfc_edges *e, const struct mfc_score_batch *batch, size_t cloud, size_t dim, size_t neighbors, double radius,
    double noise, struct mfc_error *err)
{
	size_t from = batch->start[cloud], n = batch->start[cloud + 1] - from, *near = malloc((neighbors + 1) * sizeof *near);
	double *distance2 = malloc((neighbors + 1) * sizeof *distance2);
	float *points = malloc(n * dim * sizeof *points);
	struct mfc_neighbors *tree = NULL;
	int status = near && distance2 && points ? 0 : mfc_error_memory(err);
	for (size_t i = 0; status == 0 && i < n * dim; i++)
		points[i] = (float)batch->u[from * dim + i];
	if (status == 0)
		status = mfc_neighbors_build(&tree, n, dim, points, err);
	for (size_t i = 0; status == 0 && i < n; i++) {
		struct ball ball = { .edges = e, .count = e->start[from + i], .base = from };
		double rho = radius;
		if (neighbors) {
			size_t found = mfc_neighbors_nearest_k(tree, points + i * dim, neighbors, near, distance2);
			rho = found ? fmax(sqrt(distance2[found - 1]), 1e-6) : radius;   /* none is near what is not finite */
			for (size_t k = 0; k < found; k++)
				collect(&ball, near[k], 0);
		} else {
			mfc_neighbors_within(tree, points + i * dim, radius, collect, &ball);
		}
		if (ball.failed)
			status = mfc_error_memory(err);
		e->start[from + i + 1] = ball.count;
		if (status == 0)
			describe(e, batch->u, dim, from + i, rho, noise);
	}
	mfc_neighbors_free(tree);
	free(points);
	free(distance2);
	free(near);
	return status;
}

int mfc_edges_find(struct mfc_edges *e, const struct mfc_score_batch *batch, size_t dim, size_t neighbors, double radius, bool in_noise,
    struct mfc_error *err)
{
	size_t rows = batch->start[batch->clouds];
	if (rows > UINT32_MAX)
		return mfc_error_set(err, "%zu particles, too many for a search of neighbours", rows);
	if (e->features != dim + 1)   /* of another network: start anew */
		e->capacity = 0;
	e->features = dim + 1;
	size_t count = 0;   /* of edges, where that is known */
	for (size_t i = 0, n; i < batch->clouds; i++) {
		n = batch->start[i + 1] - batch->start[i];
		count += n * (neighbors < n ? neighbors : n);
	}
	if (make_room(e, count))
		return mfc_error_memory(err);
	if (rows + 1 > e->row_capacity) {
		free(e->start);
		e->start = malloc((rows + 1) * sizeof *e->start);
		e->row_capacity = e->start ? rows + 1 : 0;
		if (!e->start)
			return mfc_error_memory(err);
	}
	e->start[0] = 0;
	for (size_t i = 0; i < batch->clouds; i++) {
		double s = exp(4 * (double)batch->c[i]), noise = s / sqrt(1 + s * s);
		if (find_cloud(e, batch, i, dim, neighbors, in_noise ? radius * noise : radius, noise, err))
			return -1;
	}
	return 0;
}

void mfc_edges_forward(const struct mfc_edges *e, const struct mfc_edge_function *f, size_t first, size_t count, real *out)
{
	mfc_edge_mean_forward(count, f->width, e->features, e->start + first, e->index, e->feature, f->et, f->a, f->a_stride, f->b, f->b_stride, out);
}

void mfc_edges_backward(const struct mfc_edges *e, const struct mfc_edge_function *f, size_t first, size_t count, const real *dout, real *da,
    real *db, real *det)
{
	mfc_edge_mean_backward(count, f->width, e->features, e->start + first, e->index, e->feature, f->et, f->a, f->a_stride, f->b, f->b_stride, dout,
	    da, db, det);
}
