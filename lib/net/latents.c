/* The interaction: M latents a cloud read the empirical measure of its particles, attend among themselves, and write to the particles. */
#include "net/attend.h"
#include "net/pass.h"

#include <string.h>

/* Norm i of a block on the latents, with its affine part. */
static void latent_norm(const struct mfc_pass *s, struct mfc_block_tape *b, int i, const struct mfc_affine *a)
{
	mfc_norm_forward(s->batch->clouds * s->config->latents, s->config->latent_width, s->t->z, 0, s->p + a->weight, s->p + a->bias, b->zhat[i],
	    b->zrstd[i], b->zn[i]);
}

static void latent_norm_backward(const struct mfc_pass *s, struct mfc_block_tape *b, int i, const struct mfc_affine *a, const real *d)
{
	mfc_norm_backward(s->batch->clouds * s->config->latents, s->config->latent_width, b->zhat[i], b->zrstd[i], 0, s->p + a->weight, d, s->t->dz,
	    s->g + a->weight, s->g + a->bias);
}

/* Particles and latents of one cloud: `many` of its particles. */
static struct mfc_attention between(const struct mfc_pass *s, size_t many)
{
	size_t w = s->config->width;
	return (struct mfc_attention){ s->config->latents, many, w, s->config->heads, w, 2 * w, s->t->turned };
}

static struct mfc_attention among(const struct mfc_pass *s)
{
	size_t z = s->config->latent_width, m = s->config->latents;
	return (struct mfc_attention){ m, m, z, s->config->heads, 3 * z, 3 * z, s->t->turned };
}

static real *state_of(const struct mfc_pass *s, struct mfc_block_tape *b, size_t i)
{
	return b->read_state + i * 3 * s->config->heads * s->config->latents;
}

/* z = z0 + L(e) */
static void latent_start(const struct mfc_pass *s)
{
	size_t m = s->config->latents, z = s->config->latent_width;
	const real *z0 = s->p + s->net->latent;
	for (size_t i = 0; i < s->batch->clouds; i++) {
		real *to = s->t->z + i * m * z;
		mfc_pass_linear(s, &s->net->latent_time, 1, s->t->e + i * s->config->embed, false, to);
		for (size_t j = m; j-- > 0;)
			for (size_t q = 0; q < z; q++)
				to[j * z + q] = to[q] + z0[j * z + q];
	}
}

static void latent_read_begin(const struct mfc_pass *s, size_t k)
{
	struct mfc_block_tape *b = mfc_pass_block(s, k);
	size_t row = s->config->latents * s->config->width;
	struct mfc_attention a = between(s, 0);
	latent_norm(s, b, 0, &s->net->block[k].read_norm);
	mfc_pass_linear(s, &s->net->block[k].read_q, s->batch->clouds * s->config->latents, b->zn[0], false, b->read_q);
	for (size_t i = 0; i < s->batch->clouds; i++)
		mfc_read_begin(&a, state_of(s, b, i), b->read_o + i * row);
}

/* The latents read the particles at rows [at, at + count) of the row arrays: their scores, or what goes with them. */
static void latent_read_part(const struct mfc_pass *s, struct mfc_block_tape *b, size_t cloud, size_t at, size_t count, bool scores, bool gather)
{
	size_t w = s->config->width, m = s->config->latents;
	struct mfc_attention a = between(s, count);
	const real *kv = b->kv + at * 2 * w;
	real *p = b->read_p + at * s->config->heads * m, *state = state_of(s, b, cloud), *out = b->read_o + cloud * m * w;
	if (scores)
		mfc_read_scores(&a, b->read_q + cloud * m * w, kv, p, state, out);
	if (gather)
		mfc_read_gather(&a, kv + w, p, state, out);
}

static void latent_read(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile)
{
	struct mfc_block_tape *b = mfc_pass_block(s, k);
	size_t at = mfc_pass_at(s, tile), from, count;
	mfc_pass_linear(s, &s->net->block[k].read_kv, tile->count, s->t->v, false, b->kv + at * 2 * s->config->width);
	for (size_t i = 0; i < s->batch->clouds; i++)
		if (mfc_tile_cloud(s, tile, i, &from, &count))
			latent_read_part(s, b, i, at + from, count, true, !s->t->keep);
}

/* The latents take in what was read, attend among themselves, go through their MLP, and prepare what they write. */
static void latent_read_end(const struct mfc_pass *s, size_t k)
{
	const struct mfc_score_block *n = &s->net->block[k];
	struct mfc_block_tape *b = mfc_pass_block(s, k);
	size_t w = s->config->width, z = s->config->latent_width, m = s->config->latents, clouds = s->batch->clouds, l = clouds * m;
	struct mfc_attention read = between(s, 0), self = among(s);
	/* A pass that is kept has all scores before it gathers. */
	for (struct mfc_tile tile = { 0 }; s->t->keep && mfc_tile_next(&tile, s->batch->start[clouds]);)
		for (size_t i = 0, from, count; i < clouds; i++)
			if (mfc_tile_cloud(s, &tile, i, &from, &count))
				latent_read_part(s, b, i, tile.first + from, count, false, true);
	for (size_t i = 0; i < clouds; i++)
		mfc_read_end(&read, state_of(s, b, i), b->read_o + i * m * w);
	mfc_pass_linear(s, &n->read_out, l, b->read_o, true, s->t->z);

	latent_norm(s, b, 1, &n->self_norm);
	mfc_pass_linear(s, &n->self_qkv, l, b->zn[1], false, b->qkv);
	for (size_t i = 0; i < clouds; i++) {
		const real *q = b->qkv + i * m * 3 * z;
		mfc_ask_forward(&self, q, q + z, q + 2 * z, b->self_p + i * m * s->config->heads * m, b->self_o + i * m * z);
	}
	mfc_pass_linear(s, &n->self_out, l, b->self_o, true, s->t->z);

	latent_norm(s, b, 2, &n->latent_mlp_norm);
	mfc_pass_linear(s, &n->latent_film, clouds, s->t->e, false, b->latent_film);
	for (size_t i = 0; i < clouds; i++) {
		const real *g = b->latent_film + i * 2 * z;
		mfc_scale_forward(m, z, b->zn[2] + i * m * z, 1, g, g + z, b->zm + i * m * z);
	}
	mfc_pass_linear(s, &n->latent_mlp_0, l, b->zm, false, b->zpre);
	mfc_silu_forward(l * 2 * z, b->zpre, b->zact);
	mfc_pass_linear(s, &n->latent_mlp_2, l, b->zact, true, s->t->z);

	latent_norm(s, b, 3, &n->write_norm);
	mfc_pass_linear(s, &n->write_kv, l, b->zn[3], false, b->write_kv);
}

static void latent_write(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile)
{
	const struct mfc_score_block *n = &s->net->block[k];
	struct mfc_block_tape *b = mfc_pass_block(s, k);
	size_t w = s->config->width, m = s->config->latents, o = mfc_pass_at(s, tile), from, count;
	mfc_pass_linear(s, &n->write_q, tile->count, s->t->v, false, b->write_q + o * w);
	for (size_t i = 0; i < s->batch->clouds; i++)
		if (mfc_tile_cloud(s, tile, i, &from, &count)) {
			const real *kv = b->write_kv + i * m * 2 * w;
			size_t r = o + from;
			struct mfc_attention a = between(s, count);
			mfc_ask_forward(&a, b->write_q + r * w, kv, kv + w, b->write_p + r * s->config->heads * m, b->write_o + r * w);
		}
	mfc_pass_linear(s, &n->write_out, tile->count, b->write_o + o * w, true, s->t->h + tile->first * w);
}

/* dz begins at the last block; the gradient of write_kv's output gathers in latent1. */
static void latent_backward_begin(const struct mfc_pass *s, size_t k)
{
	size_t l = s->batch->clouds * s->config->latents;
	if (k + 1 == s->config->blocks)
		memset(s->t->dz, 0, l * s->config->latent_width * sizeof(real));
	memset(s->t->latent1, 0, l * 2 * s->config->width * sizeof(real));
}

static void latent_write_backward(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile)
{
	const struct mfc_score_block *n = &s->net->block[k];
	struct mfc_tape *t = s->t;
	struct mfc_block_tape *b = &t->block[k];
	size_t w = s->config->width, m = s->config->latents, hm = s->config->heads * m, o = tile->first, from, count;
	mfc_pass_linear_backward(s, &n->write_out, tile->count, b->write_o + o * w, t->dh + o * w, false, t->row1);
	for (size_t i = 0; i < s->batch->clouds; i++)
		if (mfc_tile_cloud(s, tile, i, &from, &count)) {
			const real *kv = b->write_kv + i * m * 2 * w;
			real *dkv = t->latent1 + i * m * 2 * w;
			size_t r = o + from;
			struct mfc_attention a = between(s, count);
			mfc_ask_backward(&a, b->write_q + r * w, kv, kv + w, b->write_p + r * hm, t->row1 + from * w, t->row2 + from * w, dkv, dkv + w, t->rowp);
		}
	mfc_pass_linear_backward(s, &n->write_q, tile->count, t->v, t->row2, true, t->dv + o * w);
}

static void latent_self_backward(const struct mfc_pass *s, size_t k)
{
	const struct mfc_score_block *n = &s->net->block[k];
	struct mfc_tape *t = s->t;
	struct mfc_block_tape *b = &t->block[k];
	size_t z = s->config->latent_width, m = s->config->latents, clouds = s->batch->clouds, l = clouds * m;
	struct mfc_attention a = among(s);
	mfc_pass_linear_backward(s, &n->self_out, l, b->self_o, t->dz, false, t->latent1);
	memset(t->latent2, 0, l * 3 * z * sizeof(real));
	for (size_t i = 0; i < clouds; i++) {
		const real *q = b->qkv + i * m * 3 * z;
		real *d = t->latent2 + i * m * 3 * z;
		mfc_ask_backward(&a, q, q + z, q + 2 * z, b->self_p + i * m * s->config->heads * m, t->latent1 + i * m * z, d, d + z, d + 2 * z, t->rowp);
	}
	mfc_pass_linear_backward(s, &n->self_qkv, l, b->zn[1], t->latent2, false, t->latent1);
	latent_norm_backward(s, b, 1, &n->self_norm, t->latent1);
}

/* From latent1 and dz to dz before the latents' MLP … and before what was read; prepares the reads' backward, of which the gradient of read_q's output
 * gathers in latent1. */
static void latent_backward_middle(const struct mfc_pass *s, size_t k)
{
	const struct mfc_score_block *n = &s->net->block[k];
	struct mfc_tape *t = s->t;
	struct mfc_block_tape *b = &t->block[k];
	size_t w = s->config->width, z = s->config->latent_width, m = s->config->latents, clouds = s->batch->clouds, l = clouds * m;
	mfc_pass_linear_backward(s, &n->write_kv, l, b->zn[3], t->latent1, false, t->latent2);
	latent_norm_backward(s, b, 3, &n->write_norm, t->latent2);

	mfc_pass_linear_backward(s, &n->latent_mlp_2, l, b->zact, t->dz, false, t->latent1);
	mfc_silu_backward(l * 2 * z, b->zpre, t->latent1, t->latent1, NULL);
	mfc_pass_linear_backward(s, &n->latent_mlp_0, l, b->zm, t->latent1, false, t->latent2);
	memset(t->cloud2, 0, clouds * 2 * z * sizeof(real));
	for (size_t i = 0; i < clouds; i++) {
		real *d = t->latent2 + i * m * z, *dfilm = t->cloud2 + i * 2 * z;
		mfc_scale_backward(m, z, b->zn[2] + i * m * z, 1, b->latent_film + i * 2 * z, d, d, dfilm, dfilm + z);
	}
	mfc_pass_linear_backward(s, &n->latent_film, clouds, t->e, t->cloud2, true, t->de);
	latent_norm_backward(s, b, 2, &n->latent_mlp_norm, t->latent2);
	latent_self_backward(s, k);

	mfc_pass_linear_backward(s, &n->read_out, l, b->read_o, t->dz, false, t->latent2);
	memset(t->latent1, 0, l * w * sizeof(real));
	struct mfc_attention a = between(s, 0);
	for (size_t i = 0; i < clouds; i++)
		mfc_read_backward_begin(&a, state_of(s, b, i), b->read_o + i * m * w, t->latent2 + i * m * w, t->share + i * m * w,
		    t->dot + i * s->config->heads * m);
}

static void latent_read_backward(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile)
{
	struct mfc_tape *t = s->t;
	struct mfc_block_tape *b = &t->block[k];
	size_t w = s->config->width, m = s->config->latents, hm = s->config->heads * m, o = tile->first, from, count;
	for (size_t i = 0; i < s->batch->clouds; i++)
		if (mfc_tile_cloud(s, tile, i, &from, &count)) {
			size_t r = o + from;
			const real *kv = b->kv + r * 2 * w;
			real *dkv = t->row1 + from * 2 * w;
			struct mfc_attention a = between(s, count);
			mfc_read_backward(&a, b->read_q + i * m * w, kv, kv + w, b->read_p + r * hm, t->share + i * m * w, t->dot + i * hm,
			    t->latent1 + i * m * w, dkv, dkv + w, t->rowp);
		}
	mfc_pass_linear_backward(s, &s->net->block[k].read_kv, tile->count, t->v, t->row1, true, t->dv + o * w);
}

static void latent_backward_end(const struct mfc_pass *s, size_t k)
{
	const struct mfc_score_block *n = &s->net->block[k];
	mfc_pass_linear_backward(s, &n->read_q, s->batch->clouds * s->config->latents, s->t->block[k].zn[0], s->t->latent1, false, s->t->latent2);
	latent_norm_backward(s, &s->t->block[k], 0, &n->read_norm, s->t->latent2);
}

/* dz goes to z0 summed over clouds and to the time layer summed over latents. */
static void latent_start_backward(const struct mfc_pass *s)
{
	struct mfc_tape *t = s->t;
	size_t z = s->config->latent_width, m = s->config->latents, clouds = s->batch->clouds;
	memset(t->cloud2, 0, clouds * z * sizeof(real));
	for (size_t i = 0; i < clouds; i++)
		for (size_t j = 0; j < m; j++)
			for (size_t q = 0; q < z; q++) {
				real d = t->dz[(i * m + j) * z + q];
				s->g[s->net->latent + j * z + q] += d;
				t->cloud2[i * z + q] += d;
			}
	mfc_pass_linear_backward(s, &s->net->latent_time, clouds, t->e, t->cloud2, true, t->de);
}

const struct mfc_interaction mfc_interaction_latent = { .start = latent_start, .read_begin = latent_read_begin, .read = latent_read,
	.read_end = latent_read_end, .write = latent_write, .backward_begin = latent_backward_begin, .write_backward = latent_write_backward,
	.backward_middle = latent_backward_middle, .read_backward = latent_read_backward, .backward_end = latent_backward_end,
	.start_backward = latent_start_backward };
