/* The local term of a block: h += L0(mean over the neighbours j of silu(L(v_i) + L(v_j) + E g_ij)), a layer of edges (edges.h). */
#include "net/pass.h"

#include <string.h>

/* a and b of edges.h, from v, side by side. */
static struct mfc_edge_function local_function(const struct mfc_pass *s, size_t k)
{
	size_t w = s->config->width;
	const real *ab = mfc_pass_block(s, k)->local_ab;
	return (struct mfc_edge_function){ w, 2 * w, 2 * w, s->transposed + s->net->block[k].local_edge, ab, ab + w };
}

static void local_read(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile)
{
	size_t w = s->config->width;
	mfc_pass_linear(s, &s->net->block[k].local_in, tile->count, s->t->v, false, mfc_pass_block(s, k)->local_ab + tile->first * 2 * w);
}

static void local_write(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile)
{
	size_t w = s->config->width;
	struct mfc_edge_function f = local_function(s, k);
	real *mean = mfc_pass_block(s, k)->local_mean + mfc_pass_at(s, tile) * w;
	f.a += tile->first * 2 * w;
	mfc_edges_forward(&s->t->edges, &f, tile->first, tile->count, mean);
	mfc_pass_linear(s, &s->net->block[k].local_out, tile->count, mean, true, s->t->h + tile->first * w);
}

/* The gradient of local_in's output, which edges carry from tile to tile, gathers in dlocal. */
static void local_backward_begin(const struct mfc_pass *s, size_t k)
{
	size_t w = s->config->width;
	(void)k;
	memset(s->t->dlocal, 0, s->batch->start[s->batch->clouds] * 2 * w * sizeof(real));
	memset(s->t->dedge, 0, w * s->t->edges.features * sizeof(real));
}

static void local_write_backward(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile)
{
	struct mfc_tape *t = s->t;
	size_t w = s->config->width, o = tile->first;
	struct mfc_edge_function f = local_function(s, k);
	f.a += o * 2 * w;
	mfc_pass_linear_backward(s, &s->net->block[k].local_out, tile->count, t->block[k].local_mean + o * w, t->dh + o * w, false, t->row1);
	mfc_edges_backward(&t->edges, &f, o, tile->count, t->row1, t->dlocal + o * 2 * w, t->dlocal + w, t->dedge);
}

static void local_backward_middle(const struct mfc_pass *s, size_t k)
{
	mfc_pass_edge_gradient(s, s->net->block[k].local_edge);
}

static void local_read_backward(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile)
{
	struct mfc_tape *t = s->t;
	size_t w = s->config->width, o = tile->first;
	mfc_pass_linear_backward(s, &s->net->block[k].local_in, tile->count, t->v, t->dlocal + o * 2 * w, true, t->dv + o * w);
}

const struct mfc_interaction mfc_interaction_local = { .reads_all = true, .read = local_read, .write = local_write, .backward_begin = local_backward_begin,
	.write_backward = local_write_backward, .backward_middle = local_backward_middle, .read_backward = local_read_backward };
