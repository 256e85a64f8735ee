#include "net/edges.h"
#include "net/rows.h"
#include "neighbors.h"

#include <stdlib.h>

size_t mfc_crowd_size(const struct mfc_score_config *config, double s, size_t n)
{
	if (config->arch == MFC_ARCH_PAIRWISE)
		return n;
	if (!config->local || s > config->below)
		return 0;
	double size = ceil(config->crowd / (s * s));
	return size < (double)n ? (size_t)size : n;
}

/* The search is in float. */
int mfc_crowd_make(struct mfc_crowd *crowd, size_t n, size_t dim, real *u, struct mfc_error *err)
{
	*crowd = (struct mfc_crowd){ .n = n, .u = u };
	float *at = malloc(n * dim * sizeof *at);
	for (size_t i = 0; at && i < n * dim; i++)
		at[i] = (float)u[i];
	int status = at ? mfc_neighbors_build(&crowd->tree, n, dim, at, err) : mfc_error_memory(err);
	free(at);
	if (status)
		mfc_crowd_clear(crowd);
	return status;
}

void mfc_crowd_clear(struct mfc_crowd *crowd)
{
	mfc_neighbors_free(crowd->tree);
	free(crowd->u);
	*crowd = (struct mfc_crowd){ 0 };
}

void mfc_edges_clear(struct mfc_edges *e)
{
	free(e->start);
	free(e->feature);
	*e = (struct mfc_edges){ 0 };
}

static int make_room(struct mfc_edges *e, size_t count)
{
	if (count <= e->capacity)
		return 0;
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
	return (rows + 1) * sizeof *e->start + rows * neighbors * (dim + 1) * sizeof *e->feature;
}

/* The edges of one particle at u, as a search finds them. */
struct ball {
	struct mfc_edges *edges;
	const struct mfc_crowd *crowd;
	const real *u;
	size_t dim, count;
	bool failed;
};

static void collect(void *context, size_t index, double distance2)
{
	struct ball *b = context;
	struct mfc_edges *e = b->edges;
	(void)distance2;
	b->failed = b->failed || (b->count == e->capacity && make_room(e, b->count + b->count / 2 + 1024));
	if (b->failed)
		return;
	real *g = e->feature + b->count++ * e->features;
	for (size_t j = 0; j < b->dim; j++)
		g[j] = b->crowd->u[index * b->dim + j] - b->u[j];
}

/* Offsets from `first` on in units of the ball, and its size. */
static void scale(const struct ball *b, size_t first, double radius, double noise)
{
	real to_ball = (real)(1 / radius), size = (real)(log(radius / noise) / 4);
	for (size_t q = first; q < b->count; q++) {
		real *g = b->edges->feature + q * b->edges->features;
		for (size_t j = 0; j < b->dim; j++)
			g[j] *= to_ball;
		g[b->dim] = size;
	}
}

struct search {
	size_t dim, neighbors, *near;
	double radius, noise, *distance2;
	float *at;                   /* the particle, in float as the crowd is */
};

/* A particle that is not finite has no neighbours. */
static int find_particle(struct search *s, struct ball *ball, struct mfc_error *err)
{
	size_t first = ball->count;
	double rho = s->radius;
	bool finite = true;
	for (size_t j = 0; j < s->dim; j++) {
		s->at[j] = (float)ball->u[j];
		finite = finite && isfinite(s->at[j]);
	}
	if (finite && s->neighbors) {
		size_t found = mfc_neighbors_nearest_k(ball->crowd->tree, s->at, s->neighbors, s->near, s->distance2);
		rho = found ? fmax(sqrt(s->distance2[found - 1]), 1e-6) : rho;   /* none is near where the crowd is not finite */
		for (size_t k = 0; k < found; k++)
			collect(ball, s->near[k], 0);
	} else if (finite) {
		mfc_neighbors_within(ball->crowd->tree, s->at, s->radius, collect, ball);
	}
	scale(ball, first, rho, s->noise);
	return ball->failed ? mfc_error_memory(err) : 0;
}

/* Edges to the nearest, at most. */
static size_t most(const struct mfc_score_batch *batch, size_t neighbors)
{
	size_t count = 0;
	for (size_t i = 0; i < batch->clouds; i++)
		count += (batch->start[i + 1] - batch->start[i]) * (neighbors < batch->crowd[i].n ? neighbors : batch->crowd[i].n);
	return count;
}

int mfc_edges_find(struct mfc_edges *e, const struct mfc_score_batch *batch, size_t dim, size_t neighbors, double radius, bool in_noise,
    struct mfc_error *err)
{
	size_t rows = batch->start[batch->clouds];
	struct search s = { .dim = dim, .neighbors = neighbors, .near = malloc((neighbors + 1) * sizeof *s.near),
		.distance2 = malloc((neighbors + 1) * sizeof *s.distance2), .at = malloc(dim * sizeof *s.at) };
	if (e->features != dim + 1)   /* of another network: start anew */
		e->capacity = 0;
	e->features = dim + 1;
	if (rows + 1 > e->row_capacity) {
		free(e->start);
		e->start = malloc((rows + 1) * sizeof *e->start);
		e->row_capacity = e->start ? rows + 1 : 0;
	}
	int status = s.near && s.distance2 && s.at && e->start && make_room(e, most(batch, neighbors)) == 0 ? 0 : mfc_error_memory(err);
	struct ball ball = { .edges = e, .dim = dim };
	if (status == 0)
		e->start[0] = 0;
	for (size_t i = 0; status == 0 && i < batch->clouds; i++) {
		double noise = mfc_score_noise(batch, i);
		s.noise = noise / sqrt(1 + noise * noise);
		s.radius = in_noise ? radius * s.noise : radius;
		ball.crowd = &batch->crowd[i];
		for (size_t row = batch->start[i]; status == 0 && row < batch->start[i + 1]; row++) {
			ball.u = batch->u + row * dim;
			status = ball.crowd->n ? find_particle(&s, &ball, err) : 0;
			e->start[row + 1] = ball.count;
		}
	}
	free(s.near);
	free(s.distance2);
	free(s.at);
	return status;
}

void mfc_edges_forward(const struct mfc_edges *e, const struct mfc_edge_function *f, size_t first, size_t count, real *out)
{
	mfc_edge_mean_forward(count, f->width, e->features, e->start + first, e->feature, f->et, f->a, f->a_stride, out);
}

void mfc_edges_backward(const struct mfc_edges *e, const struct mfc_edge_function *f, size_t first, size_t count, const real *dout, real *da,
    real *det)
{
	mfc_edge_mean_backward(count, f->width, e->features, e->start + first, e->feature, f->et, f->a, f->a_stride, dout, da, det);
}
