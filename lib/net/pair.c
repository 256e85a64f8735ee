/* The paper's plain form: f += L0(mean over the particles in a ball of silu(L(e) + E g_ij)), a function of the noise level and the offset alone. */
#include "net/pass.h"

#include <string.h>

static struct mfc_edge_function pair_function(const struct mfc_pass *s, size_t cloud)
{
	size_t w = s->config->width;
	return (struct mfc_edge_function){ w, 0, s->transposed + s->net->pair_edge, s->t->pair_a + cloud * w };
}

void mfc_pair_begin(const struct mfc_pass *s)
{
	mfc_pass_linear(s, &s->net->pair_film, s->batch->clouds, s->t->e, false, s->t->pair_a);
}

void mfc_pair_forward(const struct mfc_pass *s, const struct mfc_tile *tile, real *f)
{
	struct mfc_tape *t = s->t;
	size_t w = s->config->width, from, count;
	real *mean = t->pair_mean + mfc_pass_at(s, tile) * w;
	for (size_t i = 0; i < s->batch->clouds; i++)
		if (mfc_tile_cloud(s, tile, i, &from, &count)) {
			struct mfc_edge_function edge = pair_function(s, i);
			mfc_edges_forward(&t->edges, &edge, tile->first + from, count, mean + from * w);
		}
	mfc_pass_linear(s, &s->net->pair_out, tile->count, mean, true, f + tile->first * s->config->dim);
}

void mfc_pair_backward(const struct mfc_pass *s, size_t rows, const real *df)
{
	struct mfc_tape *t = s->t;
	size_t w = s->config->width, from, count;
	memset(t->cloud1, 0, s->batch->clouds * w * sizeof(real));
	memset(t->dedge, 0, w * t->edges.features * sizeof(real));
	for (struct mfc_tile tile = { 0 }; mfc_tile_next(&tile, rows);) {
		mfc_pass_linear_backward(s, &s->net->pair_out, tile.count, t->pair_mean + tile.first * w, df + tile.first * s->config->dim, false, t->row1);
		for (size_t i = 0; i < s->batch->clouds; i++)
			if (mfc_tile_cloud(s, &tile, i, &from, &count)) {
				struct mfc_edge_function edge = pair_function(s, i);
				mfc_edges_backward(&t->edges, &edge, tile.first + from, count, t->row1 + from * w, t->cloud1 + i * w, t->dedge);
			}
	}
	mfc_pass_edge_gradient(s, s->net->pair_edge);
	mfc_pass_linear_backward(s, &s->net->pair_film, s->batch->clouds, t->e, t->cloud1, true, t->de);
}
