#include "net/edges.h"
#include "net/crowd.h"
#include "net/rows.h"
#include "neighbors.h"

#include <stdlib.h>

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

size_t mfc_edges_bytes(size_t rows)
{
	const struct mfc_edges *e = NULL;
	return (rows + 1) * sizeof *e->start;
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

/* Offsets from `first` on in units of the ball, and its size beside the noise. */
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

/* A particle that is not finite has no neighbours. */
static int find_particle(struct ball *ball, float *at, double radius, double noise, struct mfc_error *err)
{
	size_t first = ball->count;
	bool finite = true;
	for (size_t j = 0; j < ball->dim; j++) {
		at[j] = (float)ball->u[j];
		finite = finite && isfinite(at[j]);
	}
	if (finite)
		mfc_neighbors_within(ball->crowd->tree, at, radius, collect, ball);
	scale(ball, first, radius, noise);
	return ball->failed ? mfc_error_memory(err) : 0;
}

int mfc_edges_find(struct mfc_edges *e, const struct mfc_score_batch *batch, size_t dim, double radius, struct mfc_error *err)
{
	size_t rows = batch->start[batch->clouds];
	float *at = malloc(dim * sizeof *at);
	if (e->features != dim + 1)   /* of another network: start anew */
		e->capacity = 0;
	e->features = dim + 1;
	if (rows + 1 > e->row_capacity) {
		free(e->start);
		e->start = malloc((rows + 1) * sizeof *e->start);
		e->row_capacity = e->start ? rows + 1 : 0;
	}
	int status = at && e->start ? 0 : mfc_error_memory(err);
	struct ball ball = { .edges = e, .dim = dim };
	if (status == 0)
		e->start[0] = 0;
	for (size_t i = 0; status == 0 && i < batch->clouds; i++) {
		double s = mfc_score_noise(batch, i), noise = s / sqrt(1 + s * s);
		ball.crowd = &batch->crowd[i];
		for (size_t row = batch->start[i]; status == 0 && row < batch->start[i + 1]; row++) {
			ball.u = batch->u + row * dim;
			status = ball.crowd->n ? find_particle(&ball, at, radius, noise, err) : 0;
			e->start[row + 1] = ball.count;
		}
	}
	free(at);
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
