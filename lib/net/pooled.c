/* The interaction by one mean: what all particles of a cloud say, p = mean of silu(L(v)), is given to each, h += L0(silu(L(v) + L(p))). */
#include "net/pass.h"

#include <string.h>

static size_t pooled_size(const struct mfc_pass *s, size_t i)
{
	return s->batch->start[i + 1] - s->batch->start[i];
}

static void pooled_read_begin(const struct mfc_pass *s, size_t k)
{
	memset(mfc_pass_block(s, k)->pool, 0, s->batch->clouds * s->config->latent_width * sizeof(real));
}

/* Until the end, pool holds sums. */
static void pooled_read(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile)
{
	struct mfc_block_tape *b = mfc_pass_block(s, k);
	size_t z = s->config->latent_width, from, count;
	real *pre = b->pool_pre + mfc_pass_at(s, tile) * z, *act = s->t->pool_act;
	mfc_pass_linear(s, &s->net->block[k].pool_in, tile->count, s->t->v, false, pre);
	mfc_silu_forward(tile->count * z, pre, act);
	for (size_t i = 0; i < s->batch->clouds; i++)
		if (mfc_tile_cloud(s, tile, i, &from, &count))
			mfc_rows_sum(count, z, act + from * z, b->pool + i * z);
}

static void pooled_read_end(const struct mfc_pass *s, size_t k)
{
	struct mfc_block_tape *b = mfc_pass_block(s, k);
	size_t z = s->config->latent_width;
	for (size_t i = 0; i < s->batch->clouds; i++)
		for (size_t j = 0; j < z; j++)
			b->pool[i * z + j] /= (real)pooled_size(s, i);
	mfc_pass_linear(s, &s->net->block[k].pool_out, s->batch->clouds, b->pool, false, b->pool_q);
}

static void pooled_write(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile)
{
	const struct mfc_score_block *n = &s->net->block[k];
	struct mfc_block_tape *b = mfc_pass_block(s, k);
	size_t w = s->config->width, from, count;
	real *a = b->pool_a + mfc_pass_at(s, tile) * w;
	mfc_pass_linear(s, &n->write_q, tile->count, s->t->v, false, a);
	for (size_t i = 0; i < s->batch->clouds; i++)
		if (mfc_tile_cloud(s, tile, i, &from, &count))
			for (size_t r = from; r < from + count; r++)
				for (size_t j = 0; j < w; j++)
					a[r * w + j] += b->pool_q[i * w + j];
	mfc_silu_forward(tile->count * w, a, s->t->act);
	mfc_pass_linear(s, &n->write_out, tile->count, s->t->act, true, s->t->h + tile->first * w);
}

/* The gradient of pool_out's output gathers in cloud2. */
static void pooled_backward_begin(const struct mfc_pass *s, size_t k)
{
	(void)k;
	memset(s->t->cloud2, 0, s->batch->clouds * s->config->width * sizeof(real));
}

static void pooled_write_backward(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile)
{
	const struct mfc_score_block *n = &s->net->block[k];
	struct mfc_tape *t = s->t;
	size_t w = s->config->width, o = tile->first, from, count;
	mfc_pass_backward(s, &n->write_out, tile->count, t->dh + o * w, false, t->row1);
	mfc_silu_backward(tile->count * w, t->block[k].pool_a + o * w, t->row1, t->row1, t->act);
	mfc_pass_gradient(s, &n->write_out, tile->count, t->act, t->dh + o * w);
	for (size_t i = 0; i < s->batch->clouds; i++)
		if (mfc_tile_cloud(s, tile, i, &from, &count))
			mfc_rows_sum(count, w, t->row1 + from * w, t->cloud2 + i * w);
	mfc_pass_linear_backward(s, &n->write_q, tile->count, t->v, t->row1, true, t->dv + o * w);
}

/* The gradient of a mean is that of each of its terms, over their number: in cloud3. */
static void pooled_backward_middle(const struct mfc_pass *s, size_t k)
{
	struct mfc_tape *t = s->t;
	size_t z = s->config->latent_width;
	mfc_pass_linear_backward(s, &s->net->block[k].pool_out, s->batch->clouds, t->block[k].pool, t->cloud2, false, t->cloud3);
	for (size_t i = 0; i < s->batch->clouds; i++)
		for (size_t j = 0; j < z; j++)
			t->cloud3[i * z + j] /= (real)pooled_size(s, i);
}

static void pooled_read_backward(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile)
{
	struct mfc_tape *t = s->t;
	size_t z = s->config->latent_width, w = s->config->width, from, count;
	for (size_t i = 0; i < s->batch->clouds; i++)
		if (mfc_tile_cloud(s, tile, i, &from, &count))
			for (size_t r = from; r < from + count; r++)
				memcpy(t->row1 + r * z, t->cloud3 + i * z, z * sizeof(real));
	mfc_silu_backward(tile->count * z, t->block[k].pool_pre + tile->first * z, t->row1, t->row1, NULL);
	mfc_pass_linear_backward(s, &s->net->block[k].pool_in, tile->count, t->v, t->row1, true, t->dv + tile->first * w);
}

const struct mfc_interaction mfc_interaction_pooled = { .read_begin = pooled_read_begin, .read = pooled_read, .read_end = pooled_read_end,
	.write = pooled_write, .backward_begin = pooled_backward_begin, .write_backward = pooled_write_backward,
	.backward_middle = pooled_backward_middle, .read_backward = pooled_read_backward };
