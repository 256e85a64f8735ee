/* The local term of a block: h += L0(mean over the neighbours j of silu(L(v_i) + E g_ij)), a layer of edges (edges.h). */
#include "net/pass.h"

#include <string.h>

/* Of the tile; local_a holds its L(v). */
static struct mfc_edge_function local_function(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile)
{
	size_t w = s->config->width;
	return (struct mfc_edge_function){ w, w, s->transposed + s->net->block[k].local_edge, mfc_pass_block(s, k)->local_a + mfc_pass_at(s, tile) * w };
}

static void local_write(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile)
{
	struct mfc_block_tape *b = mfc_pass_block(s, k);
	size_t w = s->config->width, o = mfc_pass_at(s, tile) * w;
	struct mfc_edge_function f = local_function(s, k, tile);
	mfc_pass_linear(s, &s->net->block[k].local_in, tile->count, s->t->v, false, b->local_a + o);
	mfc_edges_forward(&s->t->edges, &f, tile->first, tile->count, b->local_mean + o);
	mfc_pass_linear(s, &s->net->block[k].local_out, tile->count, b->local_mean + o, true, s->t->h + tile->first * w);
}

static void local_backward_begin(const struct mfc_pass *s, size_t k)
{
	(void)k;
	memset(s->t->dedge, 0, s->config->width * s->t->edges.features * sizeof(real));
}

static void local_write_backward(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile)
{
	struct mfc_tape *t = s->t;
	size_t w = s->config->width, o = tile->first;
	struct mfc_edge_function f = local_function(s, k, tile);
	mfc_pass_linear_backward(s, &s->net->block[k].local_out, tile->count, t->block[k].local_mean + o * w, t->dh + o * w, false, t->row1);
	memset(t->row2, 0, tile->count * w * sizeof(real));
	mfc_edges_backward(&t->edges, &f, o, tile->count, t->row1, t->row2, t->dedge);
	mfc_pass_linear_backward(s, &s->net->block[k].local_in, tile->count, t->v, t->row2, true, t->dv + o * w);
}

static void local_backward_middle(const struct mfc_pass *s, size_t k)
{
	mfc_pass_edge_gradient(s, s->net->block[k].local_edge);
}

const struct mfc_interaction mfc_interaction_local = { .write = local_write, .backward_begin = local_backward_begin,
	.write_backward = local_write_backward, .backward_middle = local_backward_middle };
