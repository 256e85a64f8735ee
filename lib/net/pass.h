/* What the parts of the score network share: the activations of a pass, and the pass itself. For the files of score.h only. */
#ifndef MFC_PASS_H
#define MFC_PASS_H

#include "net/edges.h"
#include "net/local.h"
#include "net/layers.h"
#include "net/score.h"

/* Sizes: C clouds, R rows (particles of all clouds), T rows of a tile, L = C · M latents; a row array holds R rows where the pass is kept
 * for backward, else the T of one tile. */

/* What a block leaves for its backward. Without keep the blocks share all but what a cloud's measure gives the particles: film, write_kv, pool_q. */
struct mfc_block_tape {
	real *film;                                      /* (C, 4W): g1 b1 g2 b2 */
	real *hat1, *rstd1;                              /* (R, W) (R) */
	real *kv, *read_p, *read_state;                  /* (R, 2W) (R, H, M) C × (3, H, M) */
	real *zhat[4], *zrstd[4], *zn[4];                /* norms of the latents: read, self, mlp, write: (L, Z) (L) (L, Z) */
	real *read_q, *read_o;                           /* (L, W) */
	real *qkv, *self_p, *self_o;                     /* (L, 3Z) (L, H, M) (L, Z) */
	real *latent_film, *zm, *zpre, *zact;            /* (C, 2Z) (L, Z) (L, 2Z) (L, 2Z) */
	real *write_kv, *write_q, *write_p, *write_o;    /* (L, 2W) (R, W) (R, H, M) (R, W) */
	real *pool, *pool_q, *pool_pre, *pool_a;         /* pooled: (C, Z) (C, W) (R, Z) (R, W) */
	real *hat2, *rstd2, *pre;                        /* (R, W) (R) (R, 2W) */
};

struct mfc_tape {
	const struct mfc_score *net;
	bool keep;
	size_t rows, clouds;     /* capacity */
	real *memory;
	real *tin, *t0, *t0s, *t1, *e;                   /* (C, 32) (C, E) … */
	real *feature;                                   /* (R, d(1 + 2·frequencies) + the local term's) */
	real *local;                                     /* always all rows: (R, windows·(2d + 4)) */
	real *h, *z;                                     /* always all rows: (R, W); (L, Z) */
	struct mfc_edges edges;                          /* of all rows, where the network is pairwise */
	real *pair_a, *pair_mean;                        /* pairwise: (C, W) (R, W) */
	real *out_film, *out_hat, *out_rstd;             /* (C, 2W) (R, W) (R) */
	real *v, *act, *pool_act;                        /* of the tile at hand: h modulated (T, W), the MLP within (T, 2W) or the local term's gates,
	                                                  * (T, Z) */
	real *turned;                                    /* (W or Z, M) */
	struct mfc_block_tape *block;
	/* of backward */
	real *dh, *dv, *dz, *de;                         /* (R, W) (R, W) (L, Z) (C, E) */
	real *row1, *row2, *rowp;                        /* (T, 2W or Z) twice, (T or M, H, M) */
	real *dedge;                                     /* (d + 1, W) */
	real *latent1, *latent2;                         /* (L, 3Z) or (L, 2W) each */
	real *share, *dot;                               /* (L, W) C × (H, M): of the read */
	real *cloud1, *cloud2, *cloud3;                  /* (C, 4W or E) (C, 2Z or W) (C, Z) */
};

#ifndef MFC_TILE
#define MFC_TILE 256   /* rows at a time, so that what a row goes through stays in the second cache */
#endif

/* Make room. */
int mfc_tape_reserve(struct mfc_tape *tape, size_t clouds, size_t rows, struct mfc_error *err);

/* A pass over a batch; p: parameters, transposed: mfc_weights', g: their gradients in backward. */
struct mfc_pass {
	const struct mfc_score_config *config;
	const struct mfc_score *net;
	const real *p, *transposed;
	real *g;
	struct mfc_tape *t;
	const struct mfc_score_batch *batch;
	size_t rows;         /* of the batch */
};

static inline struct mfc_block_tape *mfc_pass_block(const struct mfc_pass *s, size_t k)
{
	return &s->t->block[k];
}

static inline void mfc_pass_linear(const struct mfc_pass *s, const struct mfc_linear *l, size_t rows, const real *x, bool add, real *y)
{
	mfc_linear_forward(rows, l->in, l->out, x, s->transposed + l->weight, s->p + l->bias, add, y);
}

static inline void mfc_pass_backward(const struct mfc_pass *s, const struct mfc_linear *l, size_t rows, const real *dy, bool add, real *dx)
{
	mfc_linear_backward(rows, l->in, l->out, s->p + l->weight, dy, add, dx);
}

static inline void mfc_pass_gradient(const struct mfc_pass *s, const struct mfc_linear *l, size_t rows, const real *x, const real *dy)
{
	mfc_linear_gradient(rows, l->in, l->out, x, dy, s->g + l->weight, s->g + l->bias);
}

/* The gradient of an edge's matrix, which lies at an offset, from dedge. */
static inline void mfc_pass_edge_gradient(const struct mfc_pass *s, size_t offset)
{
	size_t w = s->config->width, features = s->t->edges.features;
	for (size_t i = 0; i < w; i++)
		for (size_t q = 0; q < features; q++)
			s->g[offset + i * features + q] += s->t->dedge[q * w + i];
}

/* Both; dx may not be dy. */
static inline void mfc_pass_linear_backward(const struct mfc_pass *s, const struct mfc_linear *l, size_t rows, const real *x, const real *dy,
    bool add, real *dx)
{
	mfc_pass_backward(s, l, rows, dy, add, dx);
	mfc_pass_gradient(s, l, rows, x, dy);
}

/* Rows [first, first + count) of the batch. */
struct mfc_tile { size_t first, count; };

/* The tiles of rows [0, limit), in order: `for (struct mfc_tile t = { 0 }; mfc_tile_next(&t, limit);)`. */
static inline bool mfc_tile_next(struct mfc_tile *tile, size_t limit)
{
	tile->first += tile->count;
	tile->count = limit - tile->first < MFC_TILE ? limit - tile->first : MFC_TILE;
	return tile->count > 0;
}

/* Where a tile begins in a row array. */
static inline size_t mfc_pass_at(const struct mfc_pass *s, const struct mfc_tile *tile)
{
	return s->t->keep ? tile->first : 0;
}

/* The rows of cloud i that lie in the tile, counted from the tile's first. False when none. */
bool mfc_tile_cloud(const struct mfc_pass *s, const struct mfc_tile *tile, size_t i, size_t *from, size_t *count);

/* embed.c: e of the clouds' noise levels; h of a tile of particles. Backward from de and dh. */
void mfc_embed_time(const struct mfc_pass *s);
void mfc_embed_time_backward(const struct mfc_pass *s);
void mfc_embed_rows(const struct mfc_pass *s, const struct mfc_tile *tile);
void mfc_embed_rows_backward(const struct mfc_pass *s, const struct mfc_tile *tile);

/* An interaction, as the blocks use it. Forward: start once; then for block k begin, read every tile of particles (its v in the tape),
 * end, and write every tile (h += from its v). Backward the other way round: begin, write of every tile (dv of its rows += from their dh), middle,
 * read of every tile (dv +=), end; and start once. NULL: nothing to do. */
struct mfc_interaction {
	void (*start)(const struct mfc_pass *s);
	void (*read_begin)(const struct mfc_pass *s, size_t k);
	void (*read)(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile);
	void (*read_end)(const struct mfc_pass *s, size_t k);
	void (*write)(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile);
	void (*backward_begin)(const struct mfc_pass *s, size_t k);
	void (*write_backward)(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile);
	void (*backward_middle)(const struct mfc_pass *s, size_t k);
	void (*read_backward)(const struct mfc_pass *s, size_t k, const struct mfc_tile *tile);
	void (*backward_end)(const struct mfc_pass *s, size_t k);
	void (*start_backward)(const struct mfc_pass *s);
};
extern const struct mfc_interaction mfc_interaction_latent, mfc_interaction_pooled;   /* latents.c, pooled.c */

/* pair.c: what the clouds' noise levels give the edges; f (rows, d) += of a tile of particles; backward from df. */
void mfc_pair_begin(const struct mfc_pass *s);
void mfc_pair_forward(const struct mfc_pass *s, const struct mfc_tile *tile, real *f);
void mfc_pair_backward(const struct mfc_pass *s, size_t rows, const real *df);

#endif
