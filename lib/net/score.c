#include "net/score.h"
#include "net/layers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TILE 1024   /* rows at a time where activations are not kept: they stay in the cache */

/* What a block leaves for its backward. Without keep the blocks share one, and the row arrays hold one tile. */
struct block_tape {
	real *film;                                      /* (C, 4W): g1 b1 g2 b2 */
	real *hat1, *rstd1, *v;                          /* (R, W) (R) (R, W) */
	real *kv;                                        /* (R, 2W): always all rows */
	real *read_p;                                    /* C × (H, M, N) */
	real *zhat[4], *zrstd[4], *zn[4];                /* norms of the latents: read, self, mlp, write: (L, Z) (L) (L, Z) */
	real *read_q, *read_o;                           /* (L, W) */
	real *qkv, *self_p, *self_o;                     /* (L, 3Z) C × (H, M, M) (L, Z) */
	real *latent_film, *zm, *zpre, *zact;            /* (C, 2Z) (L, Z) (L, 2Z) (L, 2Z) */
	real *write_kv, *write_q, *write_p, *write_o;    /* (L, 2W) (R, W) C × (H, N, M) (R, W) */
	real *hat2, *rstd2, *m, *pre, *act;              /* (R, W) (R) (R, W) (R, 2W) (R, 2W) */
};

struct mfc_tape {
	const struct mfc_score *net;
	bool keep;
	size_t rows, clouds;     /* capacity */
	real *memory;
	real *tin, *t0, *t0s, *t1, *e;                   /* (C, 32) (C, E) … */
	real *feature;                                   /* (R, d(1 + 2·5)) */
	real *h, *z;                                     /* (R, W) (L, Z) */
	real *out_film, *out_hat, *out_rstd, *out_v;     /* (C, 2W) (R, W) (R) (R, W) */
	real *dh, *dz, *de;                              /* backward: (R, W) (L, Z) (C, E) */
	real *row1, *row2, *row3;                        /* (R, 2W) each */
	real *latent1, *latent2;                         /* (L, 3Z) or (L, 3W) each */
	real *cloud1, *cloud2, *scratch;                 /* (C, 4W) (C, 2Z) (M, R) or (M, M) */
	struct block_tape *block;
};

int mfc_tape_create(struct mfc_tape **tape, const struct mfc_score *net, bool keep, struct mfc_error *err)
{
	*tape = calloc(1, sizeof **tape);
	if (!*tape)
		return mfc_error_memory(err);
	(*tape)->net = net;
	(*tape)->keep = keep;
	(*tape)->block = calloc(keep ? net->config.blocks : 1, sizeof *(*tape)->block);
	if (!(*tape)->block) {
		mfc_tape_free(*tape);
		*tape = NULL;
		return mfc_error_memory(err);
	}
	return 0;
}

void mfc_tape_free(struct mfc_tape *tape)
{
	if (!tape)
		return;
	free(tape->memory);
	free(tape->block);
	free(tape);
}

static struct block_tape *block_of(struct mfc_tape *t, size_t k)
{
	return &t->block[t->keep ? k : 0];
}

/* Hand out the next `count` numbers of memory; with NULL only count them. Blocks start on cache lines. */
static real *carve(real *memory, size_t *used, size_t count)
{
	real *p = memory ? memory + *used : NULL;
	*used += (count + 15) / 16 * 16;
	return p;
}

static void carve_block(struct block_tape *b, const struct mfc_score_config *c, real *m, size_t *u, size_t clouds, size_t rows, size_t kept)
{
	size_t w = c->width, z = c->latent_width, l = clouds * c->latents, hm = c->heads * c->latents;
	b->film = carve(m, u, clouds * 4 * w);
	b->hat1 = carve(m, u, kept * w);
	b->rstd1 = carve(m, u, kept);
	b->v = carve(m, u, kept * w);
	b->kv = carve(m, u, rows * 2 * w);
	b->read_p = carve(m, u, rows * hm);
	for (int i = 0; i < 4; i++) {
		b->zhat[i] = carve(m, u, l * z);
		b->zrstd[i] = carve(m, u, l);
		b->zn[i] = carve(m, u, l * z);
	}
	b->read_q = carve(m, u, l * w);
	b->read_o = carve(m, u, l * w);
	b->qkv = carve(m, u, l * 3 * z);
	b->self_p = carve(m, u, l * hm);
	b->self_o = carve(m, u, l * z);
	b->latent_film = carve(m, u, clouds * 2 * z);
	b->zm = carve(m, u, l * z);
	b->zpre = carve(m, u, l * 2 * z);
	b->zact = carve(m, u, l * 2 * z);
	b->write_kv = carve(m, u, l * 2 * w);
	b->write_q = carve(m, u, kept * w);
	b->write_p = carve(m, u, kept * hm);
	b->write_o = carve(m, u, kept * w);
	b->hat2 = carve(m, u, kept * w);
	b->rstd2 = carve(m, u, kept);
	b->m = carve(m, u, kept * w);
	b->pre = carve(m, u, kept * 2 * w);
	b->act = carve(m, u, kept * 2 * w);
}

static size_t carve_all(struct mfc_tape *t, real *m, size_t clouds, size_t rows)
{
	const struct mfc_score_config *c = &t->net->config;
	size_t w = c->width, z = c->latent_width, e = c->embed, l = clouds * c->latents, used = 0, *u = &used;
	size_t kept = t->keep ? rows : TILE, back = t->keep ? 1 : 0;
	t->tin = carve(m, u, clouds * 2 * MFC_SCORE_TIME_FREQUENCIES);
	t->t0 = carve(m, u, clouds * e);
	t->t0s = carve(m, u, clouds * e);
	t->t1 = carve(m, u, clouds * e);
	t->e = carve(m, u, clouds * e);
	t->feature = carve(m, u, kept * t->net->embed.in);
	t->h = carve(m, u, rows * w);
	t->z = carve(m, u, l * z);
	t->out_film = carve(m, u, clouds * 2 * w);
	t->out_hat = carve(m, u, kept * w);
	t->out_rstd = carve(m, u, kept);
	t->out_v = carve(m, u, kept * w);
	for (size_t k = 0; k < (t->keep ? c->blocks : 1); k++)
		carve_block(&t->block[k], c, m, u, clouds, rows, kept);
	t->dh = carve(m, u, back * rows * w);
	t->dz = carve(m, u, back * l * z);
	t->de = carve(m, u, back * clouds * e);
	t->row1 = carve(m, u, back * rows * 2 * w);
	t->row2 = carve(m, u, back * rows * 2 * w);
	t->row3 = carve(m, u, back * rows * 2 * w);
	t->latent1 = carve(m, u, back * l * 3 * (z > w ? z : w));
	t->latent2 = carve(m, u, back * l * 3 * (z > w ? z : w));
	t->cloud1 = carve(m, u, back * clouds * 4 * w);
	t->cloud2 = carve(m, u, back * clouds * 2 * z);
	t->scratch = carve(m, u, back * c->latents * (rows > c->latents ? rows : c->latents));
	return used;
}

static int reserve(struct mfc_tape *t, size_t clouds, size_t rows, struct mfc_error *err)
{
	if (clouds <= t->clouds && rows <= t->rows)
		return 0;
	clouds = clouds > t->clouds ? clouds : t->clouds;
	rows = rows > t->rows ? rows : t->rows;
	free(t->memory);
	t->memory = NULL;
	t->clouds = t->rows = 0;
	size_t count = carve_all(t, NULL, clouds, rows);
	void *memory;
	if (posix_memalign(&memory, 64, count * sizeof(real)))
		return mfc_error_memory(err);
	t->memory = memory;
	t->clouds = clouds;
	t->rows = rows;
	carve_all(t, t->memory, clouds, rows);
	return 0;
}

/* Everything the phases below share; p: parameters, g: their gradients in backward. */
struct pass {
	const struct mfc_score_config *config;
	const struct mfc_score *net;
	const real *p;
	real *g;
	struct mfc_tape *t;
	const struct mfc_score_batch *batch;
};

static void forward(const struct pass *s, const struct mfc_linear *l, size_t rows, const real *x, bool add, real *y)
{
	mfc_linear_forward(rows, l->in, l->out, x, s->p + l->weight, s->p + l->bias, add, y);
}

static void backward(const struct pass *s, const struct mfc_linear *l, size_t rows, const real *x, const real *dy, bool add, real *dx)
{
	mfc_linear_backward(rows, l->in, l->out, x, s->p + l->weight, dy, add, dx, s->g + l->weight, s->g + l->bias);
}

/* Rows [first, first + count) of the batch. Arrays of kept rows begin at the tile in memory when only a tile is kept. */
struct tile { size_t first, count; };

static size_t at(const struct pass *s, const struct tile *tile)
{
	return s->t->keep ? tile->first : 0;
}

/* The rows of cloud i that lie in the tile, counted from the tile's first. False when none. */
static bool rows_of(const struct pass *s, const struct tile *tile, size_t i, size_t *from, size_t *count)
{
	size_t a = s->batch->start[i], b = s->batch->start[i + 1];
	a = a > tile->first ? a : tile->first;
	b = b < tile->first + tile->count ? b : tile->first + tile->count;
	if (a >= b)
		return false;
	*from = a - tile->first;
	*count = b - a;
	return true;
}

/* y = xhat · (1 + g) + b where cloud i's g is film[i · stride + offset …], b follows g. */
static void film_rows(const struct pass *s, const struct tile *tile, const real *film, size_t stride, size_t offset, const real *xhat, real *y)
{
	size_t w = s->config->width, from, count;
	for (size_t i = 0; i < s->batch->clouds; i++)
		if (rows_of(s, tile, i, &from, &count)) {
			const real *g = film + i * stride + offset;
			mfc_scale_forward(count, w, xhat + from * w, 1, g, g + w, y + from * w);
		}
}

static void film_rows_backward(const struct pass *s, const real *film, size_t stride, size_t offset, const real *xhat, real *d, real *dfilm)
{
	size_t w = s->config->width;
	for (size_t i = 0; i < s->batch->clouds; i++) {
		size_t from = s->batch->start[i], count = s->batch->start[i + 1] - from, o = i * stride + offset;
		mfc_scale_backward(count, w, xhat + from * w, 1, film + o, d + from * w, d + from * w, dfilm + o, dfilm + o + w);
	}
}

/* Where the embedding of cloud i's label lies among the parameters. */
static size_t label_of(const struct pass *s, size_t i)
{
	return s->net->label + (s->batch->label ? s->batch->label[i] : s->config->labels) * s->config->embed;
}

/* e = silu(L(silu(L(time))) + label) */
static void embed_time(const struct pass *s)
{
	struct mfc_tape *t = s->t;
	size_t n = MFC_SCORE_TIME_FREQUENCIES, e = s->config->embed, clouds = s->batch->clouds;
	for (size_t i = 0; i < clouds; i++)
		for (size_t j = 0; j < n; j++) {
			double a = s->batch->c[i] * exp2(-2 + 5.0 * (double)j / (double)(n - 1));
			t->tin[i * 2 * n + j] = (real)sin(a);
			t->tin[i * 2 * n + n + j] = (real)cos(a);
		}
	forward(s, &s->net->time_0, clouds, t->tin, false, t->t0);
	mfc_silu_forward(clouds * e, t->t0, t->t0s);
	forward(s, &s->net->time_2, clouds, t->t0s, false, t->t1);
	for (size_t i = 0; s->config->labels && i < clouds; i++)
		for (size_t j = 0, row = label_of(s, i); j < e; j++)
			t->t1[i * e + j] += s->p[row + j];
	mfc_silu_forward(clouds * e, t->t1, t->e);
}

static void embed_time_backward(const struct pass *s)
{
	struct mfc_tape *t = s->t;
	size_t e = s->config->embed, clouds = s->batch->clouds;
	mfc_silu_backward(clouds * e, t->t1, t->de, t->de);
	for (size_t i = 0; s->config->labels && i < clouds; i++)
		for (size_t j = 0, row = label_of(s, i); j < e; j++)
			s->g[row + j] += t->de[i * e + j];
	backward(s, &s->net->time_2, clouds, t->t0s, t->de, false, t->cloud1);
	mfc_silu_backward(clouds * e, t->t0, t->cloud1, t->cloud1);
	backward(s, &s->net->time_0, clouds, t->tin, t->cloud1, false, NULL);
}

/* [u, sin(π/4 2^i u), cos(π/4 2^i u)]; higher frequencies by doubling the angle. */
static void features(size_t rows, size_t d, const real *u, real *f)
{
	const size_t n = MFC_SCORE_FREQUENCIES;
	for (size_t i = 0; i < rows; i++, u += d, f += d * (1 + 2 * n))
		for (size_t j = 0; j < d; j++) {
			double sine = sin(u[j] * M_PI_4), cosine = cos(u[j] * M_PI_4);
			f[j] = u[j];
			for (size_t k = 0; k < n; k++) {
				f[(1 + 2 * k) * d + j] = (real)sine;
				f[(2 + 2 * k) * d + j] = (real)cosine;
				double twice = 2 * sine * cosine;
				cosine = 1 - 2 * sine * sine;
				sine = twice;
			}
		}
}

static void embed_rows(const struct pass *s, const struct tile *tile)
{
	size_t d = s->config->dim;
	real *f = s->t->feature + at(s, tile) * s->net->embed.in;
	features(tile->count, d, s->batch->u + tile->first * d, f);
	forward(s, &s->net->embed, tile->count, f, false, s->t->h + tile->first * s->config->width);
}

/* v = norm(h)(1 + g1) + b1 */
static void modulate_rows(const struct pass *s, struct block_tape *b, const struct tile *tile)
{
	size_t w = s->config->width, o = at(s, tile);
	mfc_norm_forward(tile->count, w, s->t->h + tile->first * w, b->hat1 + o * w, b->rstd1 + o);
	film_rows(s, tile, b->film, 4 * w, 0, b->hat1 + o * w, b->v + o * w);
}

static void read_rows(const struct pass *s, size_t k, const struct tile *tile)
{
	struct block_tape *b = block_of(s->t, k);
	size_t w = s->config->width;
	modulate_rows(s, b, tile);
	forward(s, &s->net->block[k].read_kv, tile->count, b->v + at(s, tile) * w, false, b->kv + tile->first * 2 * w);
}

/* h += what the latents write */
static void write_rows(const struct pass *s, size_t k, const struct tile *tile)
{
	const struct mfc_score_block *n = &s->net->block[k];
	struct block_tape *b = block_of(s->t, k);
	size_t w = s->config->width, m = s->config->latents, heads = s->config->heads, o = at(s, tile), from, count;
	if (!s->t->keep)
		modulate_rows(s, b, tile);
	forward(s, &n->write_q, tile->count, b->v + o * w, false, b->write_q + o * w);
	for (size_t i = 0; i < s->batch->clouds; i++)
		if (rows_of(s, tile, i, &from, &count)) {
			const real *kv = b->write_kv + i * m * 2 * w;
			size_t r = o + from;
			struct mfc_attention a = { count, m, w, heads, b->write_q + r * w, w, kv, kv + w, 2 * w, b->write_p + r * heads * m };
			mfc_attend_forward(&a, b->write_o + r * w, w);
		}
	forward(s, &n->write_out, tile->count, b->write_o + o * w, true, s->t->h + tile->first * w);
}

static void mlp_rows(const struct pass *s, size_t k, const struct tile *tile)
{
	const struct mfc_score_block *n = &s->net->block[k];
	struct block_tape *b = block_of(s->t, k);
	size_t w = s->config->width, o = at(s, tile);
	real *h = s->t->h + tile->first * w;
	mfc_norm_forward(tile->count, w, h, b->hat2 + o * w, b->rstd2 + o);
	film_rows(s, tile, b->film, 4 * w, 2 * w, b->hat2 + o * w, b->m + o * w);
	forward(s, &n->mlp_0, tile->count, b->m + o * w, false, b->pre + o * 2 * w);
	mfc_silu_forward(tile->count * 2 * w, b->pre + o * 2 * w, b->act + o * 2 * w);
	forward(s, &n->mlp_2, tile->count, b->act + o * 2 * w, true, h);
}

static void out_rows(const struct pass *s, const struct tile *tile, real *f)
{
	struct mfc_tape *t = s->t;
	size_t w = s->config->width, o = at(s, tile);
	mfc_norm_forward(tile->count, w, t->h + tile->first * w, t->out_hat + o * w, t->out_rstd + o);
	film_rows(s, tile, t->out_film, 2 * w, 0, t->out_hat + o * w, t->out_v + o * w);
	forward(s, &s->net->out, tile->count, t->out_v + o * w, false, f + tile->first * s->config->dim);
}

/* Norm i of a block on the latents, with its affine part. */
static void latent_norm(const struct pass *s, struct block_tape *b, int i, const struct mfc_affine *a)
{
	size_t z = s->config->latent_width, l = s->batch->clouds * s->config->latents;
	mfc_norm_forward(l, z, s->t->z, b->zhat[i], b->zrstd[i]);
	mfc_scale_forward(l, z, b->zhat[i], 0, s->p + a->weight, s->p + a->bias, b->zn[i]);
}

static void latent_norm_backward(const struct pass *s, struct block_tape *b, int i, const struct mfc_affine *a, real *d)
{
	size_t z = s->config->latent_width, l = s->batch->clouds * s->config->latents;
	mfc_scale_backward(l, z, b->zhat[i], 0, s->p + a->weight, d, d, s->g + a->weight, s->g + a->bias);
	mfc_norm_backward(l, z, b->zhat[i], b->zrstd[i], d, s->t->dz);
}

static struct mfc_attention read_attention(const struct pass *s, struct block_tape *b, size_t i)
{
	size_t w = s->config->width, m = s->config->latents, start = s->batch->start[i], n = s->batch->start[i + 1] - start;
	if (s->batch->context && s->batch->context < n)
		n = s->batch->context;
	const real *kv = b->kv + start * 2 * w;
	return (struct mfc_attention){ m, n, w, s->config->heads, b->read_q + i * m * w, w, kv, kv + w, 2 * w,
		b->read_p + start * s->config->heads * m };
}

static struct mfc_attention self_attention(const struct pass *s, struct block_tape *b, size_t i)
{
	size_t z = s->config->latent_width, m = s->config->latents;
	const real *q = b->qkv + i * m * 3 * z;
	return (struct mfc_attention){ m, m, z, s->config->heads, q, 3 * z, q + z, q + 2 * z, 3 * z, b->self_p + i * s->config->heads * m * m };
}

/* The latents' part of a block: read the particles, attend among themselves, MLP, and prepare what they write. */
static void latents(const struct pass *s, size_t k)
{
	const struct mfc_score_block *n = &s->net->block[k];
	struct block_tape *b = block_of(s->t, k);
	size_t w = s->config->width, z = s->config->latent_width, m = s->config->latents, clouds = s->batch->clouds, l = clouds * m;
	latent_norm(s, b, 0, &n->read_norm);
	forward(s, &n->read_q, l, b->zn[0], false, b->read_q);
	for (size_t i = 0; i < clouds; i++) {
		struct mfc_attention a = read_attention(s, b, i);
		mfc_attend_forward(&a, b->read_o + i * m * w, w);
	}
	forward(s, &n->read_out, l, b->read_o, true, s->t->z);

	latent_norm(s, b, 1, &n->self_norm);
	forward(s, &n->self_qkv, l, b->zn[1], false, b->qkv);
	for (size_t i = 0; i < clouds; i++) {
		struct mfc_attention a = self_attention(s, b, i);
		mfc_attend_forward(&a, b->self_o + i * m * z, z);
	}
	forward(s, &n->self_out, l, b->self_o, true, s->t->z);

	latent_norm(s, b, 2, &n->latent_mlp_norm);
	for (size_t i = 0; i < clouds; i++) {
		const real *g = b->latent_film + i * 2 * z;
		mfc_scale_forward(m, z, b->zn[2] + i * m * z, 1, g, g + z, b->zm + i * m * z);
	}
	forward(s, &n->latent_mlp_0, l, b->zm, false, b->zpre);
	mfc_silu_forward(l * 2 * z, b->zpre, b->zact);
	forward(s, &n->latent_mlp_2, l, b->zact, true, s->t->z);

	latent_norm(s, b, 3, &n->write_norm);
	forward(s, &n->write_kv, l, b->zn[3], false, b->write_kv);
}

int mfc_score_forward(const struct mfc_score *net, const real *params, struct mfc_tape *tape, const struct mfc_score_batch *batch, real *f,
    struct mfc_error *err)
{
	const struct mfc_score_config *c = &net->config;
	struct pass s = { c, net, params, NULL, tape, batch };
	size_t clouds = batch->clouds, rows = batch->start[clouds], step = tape->keep ? rows : TILE;
	/* Rows beyond the context are passengers: they need no keys. */
	size_t read = batch->context && clouds == 1 && batch->context < rows ? batch->context : rows;
	if (reserve(tape, clouds, rows, err))
		return -1;
#define EACH_TILE(limit) for (struct tile tile = { 0, 0 }; \
	tile.first < (limit) && (tile.count = (limit) - tile.first < step ? (limit) - tile.first : step, true); tile.first += step)
	embed_time(&s);
	EACH_TILE(rows)
		embed_rows(&s, &tile);
	for (size_t i = 0; i < clouds; i++) {
		forward(&s, &net->latent_time, 1, tape->e + i * c->embed, false, tape->z + i * c->latents * c->latent_width);
		for (size_t j = c->latents; j-- > 0;)
			for (size_t q = 0; q < c->latent_width; q++)
				tape->z[(i * c->latents + j) * c->latent_width + q] =
				    tape->z[i * c->latents * c->latent_width + q] + params[net->latent + j * c->latent_width + q];
	}
	for (size_t k = 0; k < c->blocks; k++) {
		struct block_tape *b = block_of(tape, k);
		forward(&s, &net->block[k].film, clouds, tape->e, false, b->film);
		forward(&s, &net->block[k].latent_film, clouds, tape->e, false, b->latent_film);
		if (!c->alone) {
			EACH_TILE(read)
				read_rows(&s, k, &tile);
			latents(&s, k);
		}
		EACH_TILE(rows) {
			if (!c->alone)
				write_rows(&s, k, &tile);
			mlp_rows(&s, k, &tile);
		}
	}
	forward(&s, &net->out_film, clouds, tape->e, false, tape->out_film);
	EACH_TILE(rows)
		out_rows(&s, &tile, f);
#undef EACH_TILE
	return 0;
}

/* From dh after the particle MLP to dh before it. */
static void mlp_backward(const struct pass *s, size_t k)
{
	const struct mfc_score_block *n = &s->net->block[k];
	struct mfc_tape *t = s->t;
	struct block_tape *b = &t->block[k];
	size_t w = s->config->width, rows = s->batch->start[s->batch->clouds];
	backward(s, &n->mlp_2, rows, b->act, t->dh, false, t->row1);
	mfc_silu_backward(rows * 2 * w, b->pre, t->row1, t->row1);
	backward(s, &n->mlp_0, rows, b->m, t->row1, false, t->row2);
	film_rows_backward(s, b->film, 4 * w, 2 * w, b->hat2, t->row2, t->cloud1);
	mfc_norm_backward(rows, w, b->hat2, b->rstd2, t->row2, t->dh);
}

/* From dh to dv (R, W) in row3 and the gradient of write_kv's output in latent1. */
static void write_backward(const struct pass *s, size_t k)
{
	const struct mfc_score_block *n = &s->net->block[k];
	struct mfc_tape *t = s->t;
	struct block_tape *b = &t->block[k];
	size_t w = s->config->width, m = s->config->latents, heads = s->config->heads, rows = s->batch->start[s->batch->clouds];
	backward(s, &n->write_out, rows, b->write_o, t->dh, false, t->row1);
	for (size_t i = 0; i < s->batch->clouds; i++) {
		size_t r = s->batch->start[i], count = s->batch->start[i + 1] - r;
		const real *kv = b->write_kv + i * m * 2 * w;
		real *dkv = t->latent1 + i * m * 2 * w;
		struct mfc_attention a = { count, m, w, heads, b->write_q + r * w, w, kv, kv + w, 2 * w, b->write_p + r * heads * m };
		mfc_attend_backward(&a, t->row1 + r * w, w, t->row2 + r * w, dkv, dkv + w, t->scratch);
	}
	backward(s, &n->write_q, rows, b->v, t->row2, false, t->row3);
}

/* From latent1 and dz to dz at the start of the block; leaves the gradient of read_kv's output in row1. */
static void latents_backward(const struct pass *s, size_t k)
{
	const struct mfc_score_block *n = &s->net->block[k];
	struct mfc_tape *t = s->t;
	struct block_tape *b = &t->block[k];
	size_t w = s->config->width, z = s->config->latent_width, m = s->config->latents, clouds = s->batch->clouds, l = clouds * m;
	backward(s, &n->write_kv, l, b->zn[3], t->latent1, false, t->latent2);
	latent_norm_backward(s, b, 3, &n->write_norm, t->latent2);

	backward(s, &n->latent_mlp_2, l, b->zact, t->dz, false, t->latent1);
	mfc_silu_backward(l * 2 * z, b->zpre, t->latent1, t->latent1);
	backward(s, &n->latent_mlp_0, l, b->zm, t->latent1, false, t->latent2);
	memset(t->cloud2, 0, clouds * 2 * z * sizeof(real));
	for (size_t i = 0; i < clouds; i++) {
		real *d = t->latent2 + i * m * z, *dfilm = t->cloud2 + i * 2 * z;
		mfc_scale_backward(m, z, b->zn[2] + i * m * z, 1, b->latent_film + i * 2 * z, d, d, dfilm, dfilm + z);
	}
	backward(s, &n->latent_film, clouds, t->e, t->cloud2, true, t->de);
	latent_norm_backward(s, b, 2, &n->latent_mlp_norm, t->latent2);

	backward(s, &n->self_out, l, b->self_o, t->dz, false, t->latent1);
	for (size_t i = 0; i < clouds; i++) {
		struct mfc_attention a = self_attention(s, b, i);
		real *d = t->latent2 + i * m * 3 * z;
		mfc_attend_backward(&a, t->latent1 + i * m * z, z, d, d + z, d + 2 * z, t->scratch);
	}
	backward(s, &n->self_qkv, l, b->zn[1], t->latent2, false, t->latent1);
	latent_norm_backward(s, b, 1, &n->self_norm, t->latent1);

	backward(s, &n->read_out, l, b->read_o, t->dz, false, t->latent1);
	for (size_t i = 0; i < clouds; i++) {
		struct mfc_attention a = read_attention(s, b, i);
		real *dkv = t->row1 + s->batch->start[i] * 2 * w;
		mfc_attend_backward(&a, t->latent1 + i * m * w, w, t->latent2 + i * m * w, dkv, dkv + w, t->scratch);
	}
	backward(s, &n->read_q, l, b->zn[0], t->latent2, false, t->latent1);
	latent_norm_backward(s, b, 0, &n->read_norm, t->latent1);
}

/* z = z0 + L(e): dz goes to z0 summed over clouds and to the time layer summed over latents. */
static void latent_start_backward(const struct pass *s)
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
	backward(s, &s->net->latent_time, clouds, t->e, t->cloud2, true, t->de);
}

void mfc_score_backward(const struct mfc_score *net, const real *params, struct mfc_tape *tape, const struct mfc_score_batch *batch,
    const real *df, real *grads)
{
	const struct mfc_score_config *c = &net->config;
	struct pass s = { c, net, params, grads, tape, batch };
	size_t w = c->width, clouds = batch->clouds, rows = batch->start[clouds];
	memset(tape->dh, 0, rows * w * sizeof(real));
	memset(tape->dz, 0, clouds * c->latents * c->latent_width * sizeof(real));
	memset(tape->de, 0, clouds * c->embed * sizeof(real));

	memset(tape->cloud1, 0, clouds * 2 * w * sizeof(real));
	backward(&s, &net->out, rows, tape->out_v, df, false, tape->row1);
	film_rows_backward(&s, tape->out_film, 2 * w, 0, tape->out_hat, tape->row1, tape->cloud1);
	mfc_norm_backward(rows, w, tape->out_hat, tape->out_rstd, tape->row1, tape->dh);
	backward(&s, &net->out_film, clouds, tape->e, tape->cloud1, true, tape->de);

	for (size_t k = c->blocks; k-- > 0;) {
		const struct block_tape *b = &tape->block[k];
		memset(tape->cloud1, 0, clouds * 4 * w * sizeof(real));
		mlp_backward(&s, k);
		if (!c->alone) {
			write_backward(&s, k);
			latents_backward(&s, k);
			backward(&s, &net->block[k].read_kv, rows, b->v, tape->row1, true, tape->row3);
			film_rows_backward(&s, b->film, 4 * w, 0, b->hat1, tape->row3, tape->cloud1);
			mfc_norm_backward(rows, w, b->hat1, b->rstd1, tape->row3, tape->dh);
		}
		backward(&s, &net->block[k].film, clouds, tape->e, tape->cloud1, true, tape->de);
	}
	latent_start_backward(&s);
	backward(&s, &net->embed, rows, tape->feature, tape->dh, false, NULL);
	embed_time_backward(&s);
}
