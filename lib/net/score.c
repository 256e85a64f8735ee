#include "net/pass.h"
#include "net/weights.h"

#include <string.h>

bool mfc_tile_cloud(const struct mfc_pass *s, const struct mfc_tile *tile, size_t i, size_t *from, size_t *count)
{
	size_t a = s->batch->start[i], b = s->batch->start[i + 1], end = tile->first + tile->count;
	a = a > tile->first ? a : tile->first;
	b = b < end ? b : end;
	if (a >= b)
		return false;
	*from = a - tile->first;
	*count = b - a;
	return true;
}

/* v of the tile = norm(h)(1 + g) + b, where cloud i's g is film[i · stride …] and b follows it. */
static void modulate(const struct mfc_pass *s, const struct mfc_tile *tile, const real *film, size_t stride, real *hat, real *rstd)
{
	size_t w = s->config->width, o = mfc_pass_at(s, tile), from, count;
	for (size_t i = 0; i < s->batch->clouds; i++)
		if (mfc_tile_cloud(s, tile, i, &from, &count)) {
			const real *g = film + i * stride;
			size_t r = o + from;
			mfc_norm_forward(count, w, s->t->h + (tile->first + from) * w, 1, g, g + w, hat + r * w, rstd + r, s->t->v + from * w);
		}
}

/* The same v again, from what was kept. */
static void modulate_again(const struct mfc_pass *s, const struct mfc_tile *tile, const real *film, size_t stride, const real *hat)
{
	size_t w = s->config->width, from, count;
	for (size_t i = 0; i < s->batch->clouds; i++)
		if (mfc_tile_cloud(s, tile, i, &from, &count)) {
			const real *g = film + i * stride;
			mfc_scale_forward(count, w, hat + (tile->first + from) * w, 1, g, g + w, s->t->v + from * w);
		}
}

/* dh += through it from dy, the rows of the tile; dfilm +=. */
static void modulate_backward(const struct mfc_pass *s, const struct mfc_tile *tile, const real *film, size_t stride, const real *hat,
    const real *rstd, const real *dy, real *dfilm)
{
	size_t w = s->config->width, from, count;
	for (size_t i = 0; i < s->batch->clouds; i++)
		if (mfc_tile_cloud(s, tile, i, &from, &count)) {
			size_t r = tile->first + from, o = i * stride;
			mfc_norm_backward(count, w, hat + r * w, rstd + r, 1, film + o, dy + from * w, s->t->dh + r * w, dfilm + o, dfilm + o + w);
		}
}

/* v, which the interaction reads and asks with. */
static void first_half(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile)
{
	struct mfc_block_tape *b = mfc_pass_block(s, k);
	modulate(s, tile, b->film, 4 * s->config->width, b->hat1, b->rstd1);
}

static void first_half_again(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile)
{
	if (s->t->keep)
		modulate_again(s, tile, s->t->block[k].film, 4 * s->config->width, s->t->block[k].hat1);
	else
		first_half(s, k, tile);
}

/* h += MLP(h modulated) */
static void second_half(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile)
{
	const struct mfc_score_block *n = &s->net->block[k];
	struct mfc_block_tape *b = mfc_pass_block(s, k);
	size_t w = s->config->width;
	real *pre = b->pre + mfc_pass_at(s, tile) * 2 * w;
	modulate(s, tile, b->film + 2 * w, 4 * w, b->hat2, b->rstd2);
	mfc_pass_linear(s, &n->mlp_0, tile->count, s->t->v, false, pre);
	mfc_silu_forward(tile->count * 2 * w, pre, s->t->act);
	mfc_pass_linear(s, &n->mlp_2, tile->count, s->t->act, true, s->t->h + tile->first * w);
}

static void second_half_backward(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile)
{
	const struct mfc_score_block *n = &s->net->block[k];
	struct mfc_tape *t = s->t;
	struct mfc_block_tape *b = &t->block[k];
	size_t w = s->config->width, o = tile->first;
	mfc_pass_backward(s, &n->mlp_2, tile->count, t->dh + o * w, false, t->row1);
	mfc_silu_backward(tile->count * 2 * w, b->pre + o * 2 * w, t->row1, t->row1, t->act);
	mfc_pass_gradient(s, &n->mlp_2, tile->count, t->act, t->dh + o * w);
	modulate_again(s, tile, b->film + 2 * w, 4 * w, b->hat2);
	mfc_pass_linear_backward(s, &n->mlp_0, tile->count, t->v, t->row1, false, t->row2);
	modulate_backward(s, tile, b->film + 2 * w, 4 * w, b->hat2, b->rstd2, t->row2, t->cloud1 + 2 * w);
}

/* What the blocks of an architecture have in common; NULL: nothing. */
static const struct mfc_interaction *const interaction_of[MFC_ARCHS] = {
	[MFC_ARCH_LATENT] = &mfc_interaction_latent, [MFC_ARCH_POOLED] = &mfc_interaction_pooled
};

static void block_forward(const struct mfc_pass *s, size_t k)
{
	const struct mfc_interaction *in = interaction_of[s->config->arch];
	mfc_pass_linear(s, &s->net->block[k].film, s->batch->clouds, s->t->e, false, mfc_pass_block(s, k)->film);
	if (in) {
		in->read_begin(s, k);
		for (struct mfc_tile tile = { 0 }; mfc_tile_next(&tile, s->rows);) {
			first_half(s, k, &tile);
			in->read(s, k, &tile);
		}
		in->read_end(s, k);
	}
	for (struct mfc_tile tile = { 0 }; mfc_tile_next(&tile, s->rows);) {
		if (in) {
			first_half_again(s, k, &tile);
			in->write(s, k, &tile);
		}
		second_half(s, k, &tile);
	}
}

static void block_backward(const struct mfc_pass *s, size_t k, size_t rows)
{
	const struct mfc_interaction *in = interaction_of[s->config->arch];
	struct mfc_tape *t = s->t;
	struct mfc_block_tape *b = &t->block[k];
	size_t w = s->config->width, clouds = s->batch->clouds;
	memset(t->cloud1, 0, clouds * 4 * w * sizeof(real));
	memset(t->dv, 0, rows * w * sizeof(real));
	if (in)
		in->backward_begin(s, k);
	for (struct mfc_tile tile = { 0 }; mfc_tile_next(&tile, rows);) {
		second_half_backward(s, k, &tile);
		if (in) {
			first_half_again(s, k, &tile);
			in->write_backward(s, k, &tile);
		}
	}
	if (in)
		in->backward_middle(s, k);
	for (struct mfc_tile tile = { 0 }; in && mfc_tile_next(&tile, rows);) {
		first_half_again(s, k, &tile);
		in->read_backward(s, k, &tile);
		modulate_backward(s, &tile, b->film, 4 * w, b->hat1, b->rstd1, t->dv + tile.first * w, t->cloud1);
	}
	if (in && in->backward_end)
		in->backward_end(s, k);
	mfc_pass_linear_backward(s, &s->net->block[k].film, clouds, t->e, t->cloud1, true, t->de);
}

/* Vector k of particle i, of all its windows'. */
static const real *local_vector(const struct mfc_pass *s, size_t i, size_t k)
{
	size_t part = mfc_local_part(s->config);
	return s->t->local + (i * s->config->windows + k / MFC_LOCAL_VECTORS) * part + k % MFC_LOCAL_VECTORS * s->config->dim;
}

/* f += Σ_k gate_k vector_k, the gates linear in v. */
static void add_local(const struct mfc_pass *s, const struct mfc_tile *tile, real *f)
{
	size_t d = s->config->dim;
	const real *gate = s->t->act;
	mfc_pass_linear(s, &s->net->local, tile->count, s->t->v, false, s->t->act);
	for (size_t i = tile->first; i < tile->first + tile->count; i++)
		for (size_t k = 0; k < s->net->local.out; k++, gate++)
			for (size_t j = 0; j < d; j++)
				f[i * d + j] += *gate * local_vector(s, i, k)[j];
}

/* row1, dv of the tile, += */
static void add_local_backward(const struct mfc_pass *s, const struct mfc_tile *tile, const real *df)
{
	struct mfc_tape *t = s->t;
	size_t d = s->config->dim;
	real *dgate = t->act;
	for (size_t i = tile->first; i < tile->first + tile->count; i++)
		for (size_t k = 0; k < s->net->local.out; k++, dgate++) {
			*dgate = 0;
			for (size_t j = 0; j < d; j++)
				*dgate += df[i * d + j] * local_vector(s, i, k)[j];
		}
	mfc_pass_linear_backward(s, &s->net->local, tile->count, t->v, t->act, true, t->row1);
}

static void out_rows(const struct mfc_pass *s, const struct mfc_tile *tile, real *f)
{
	struct mfc_tape *t = s->t;
	size_t w = s->config->width;
	modulate(s, tile, t->out_film, 2 * w, t->out_hat, t->out_rstd);
	mfc_pass_linear(s, &s->net->out, tile->count, t->v, false, f + tile->first * s->config->dim);
	if (s->config->windows)
		add_local(s, tile, f);
}

static void out_backward(const struct mfc_pass *s, size_t rows, const real *df)
{
	struct mfc_tape *t = s->t;
	size_t w = s->config->width, clouds = s->batch->clouds;
	memset(t->cloud1, 0, clouds * 2 * w * sizeof(real));
	for (struct mfc_tile tile = { 0 }; mfc_tile_next(&tile, rows);) {
		modulate_again(s, &tile, t->out_film, 2 * w, t->out_hat);
		mfc_pass_linear_backward(s, &s->net->out, tile.count, t->v, df + tile.first * s->config->dim, false, t->row1);
		if (s->config->windows)
			add_local_backward(s, &tile, df);
		modulate_backward(s, &tile, t->out_film, 2 * w, t->out_hat, t->out_rstd, t->row1, t->cloud1);
	}
	mfc_pass_linear_backward(s, &s->net->out_film, clouds, t->e, t->cloud1, true, t->de);
}

static int find_edges(const struct mfc_pass *s, struct mfc_error *err)
{
	const struct mfc_score_config *c = s->config;
	return c->arch == MFC_ARCH_PAIRWISE ? mfc_edges_find(&s->t->edges, s->batch, c->dim, c->radius, err) : 0;
}

int mfc_score_forward(const struct mfc_score *net, const struct mfc_weights *weights, struct mfc_tape *tape, const struct mfc_score_batch *batch,
    real *f, struct mfc_error *err)
{
	size_t rows = batch->start[batch->clouds];
	struct mfc_pass s = { &net->config, net, weights->params, weights->transposed, NULL, tape, batch, rows };
	const struct mfc_interaction *in = interaction_of[net->config.arch];
	if (mfc_tape_reserve(tape, batch->clouds, rows, err))
		return -1;
	if (find_edges(&s, err))
		return -1;
	mfc_embed_time(&s);
	for (struct mfc_tile tile = { 0 }; mfc_tile_next(&tile, rows);)
		mfc_embed_rows(&s, &tile);
	if (in && in->start)
		in->start(&s);
	for (size_t k = 0; k < net->config.blocks; k++)
		block_forward(&s, k);
	mfc_pass_linear(&s, &net->out_film, batch->clouds, tape->e, false, tape->out_film);
	for (struct mfc_tile tile = { 0 }; mfc_tile_next(&tile, rows);)
		out_rows(&s, &tile, f);
	if (net->config.arch == MFC_ARCH_PAIRWISE)
		mfc_pair_begin(&s);
	for (struct mfc_tile tile = { 0 }; net->config.arch == MFC_ARCH_PAIRWISE && mfc_tile_next(&tile, rows);)
		mfc_pair_forward(&s, &tile, f);
	return 0;
}

int mfc_score_follow(const struct mfc_score *net, const struct mfc_weights *weights, const struct mfc_tape *measure, struct mfc_tape *tape,
    const struct mfc_score_batch *batch, real *f, struct mfc_error *err)
{
	size_t rows = batch->start[1];
	const struct mfc_pass s = { &net->config, net, weights->params, weights->transposed, NULL, tape, batch, rows };
	const struct mfc_interaction *in = interaction_of[net->config.arch];
	if (mfc_tape_reserve(tape, 1, rows, err) || find_edges(&s, err))
		return -1;
	for (size_t k = 0; k < net->config.blocks; k++) {
		struct mfc_block_tape *b = &tape->block[k];
		const struct mfc_block_tape *given = &measure->block[k];
		b->film = given->film;
		b->write_kv = given->write_kv;
		b->pool_q = given->pool_q;
	}
	tape->out_film = measure->out_film;
	tape->pair_a = measure->pair_a;
	for (struct mfc_tile tile = { 0 }; mfc_tile_next(&tile, rows);) {
		mfc_embed_rows(&s, &tile);
		for (size_t k = 0; k < net->config.blocks; k++) {
			if (in) {
				first_half(&s, k, &tile);
				in->write(&s, k, &tile);
			}
			second_half(&s, k, &tile);
		}
		out_rows(&s, &tile, f);
		if (net->config.arch == MFC_ARCH_PAIRWISE)
			mfc_pair_forward(&s, &tile, f);
	}
	return 0;
}

void mfc_score_backward(const struct mfc_score *net, const struct mfc_weights *weights, struct mfc_tape *tape,
    const struct mfc_score_batch *batch, const real *df, real *grads)
{
	const struct mfc_score_config *c = &net->config;
	size_t rows = batch->start[batch->clouds];
	struct mfc_pass s = { c, net, weights->params, weights->transposed, grads, tape, batch, rows };
	const struct mfc_interaction *in = interaction_of[c->arch];
	memset(tape->dh, 0, rows * c->width * sizeof(real));
	memset(tape->de, 0, batch->clouds * c->embed * sizeof(real));
	out_backward(&s, rows, df);
	if (c->arch == MFC_ARCH_PAIRWISE)
		mfc_pair_backward(&s, rows, df);
	for (size_t k = c->blocks; k-- > 0;)
		block_backward(&s, k, rows);
	if (in && in->start_backward)
		in->start_backward(&s);
	for (struct mfc_tile tile = { 0 }; mfc_tile_next(&tile, rows);)
		mfc_embed_rows_backward(&s, &tile);
	mfc_embed_time_backward(&s);
}
