/* The memory of a pass: one allocation with pointers into it; but the edges keep their own. */
#include "net/pass.h"

#include <stdlib.h>

int mfc_tape_create(struct mfc_tape **tape, const struct mfc_score *net, bool keep, struct mfc_error *err)
{
	*tape = calloc(1, sizeof **tape);
	if (!*tape)
		return mfc_error_memory(err);
	(*tape)->net = net;
	(*tape)->keep = keep;
	(*tape)->block = calloc(net->config.blocks, sizeof *(*tape)->block);
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
	mfc_edges_clear(&tape->edges);
	free(tape->block);
	free(tape);
}

/* Hand out the next `count` numbers of memory; with NULL only count them. Blocks start on cache lines, at odd distances: addresses that are
 * equal in their last 12 bits make a load wait for a store to the other. */
static real *carve(real *memory, size_t *used, size_t count)
{
	enum { LINE = 64 / sizeof(real), GAP = 9 * LINE };
	real *p = memory ? memory + *used : NULL;
	*used += (count + LINE - 1) / LINE * LINE + GAP;
	return p;
}

bool mfc_score_crowded(const struct mfc_score *net)
{
	return net->config.arch == MFC_ARCH_PAIRWISE || net->config.windows;
}

/* What a cloud's measure gives the particles in a block. */
static void carve_given(struct mfc_block_tape *b, const struct mfc_score_config *c, real *m, size_t *u, size_t clouds)
{
	b->film = carve(m, u, clouds * 4 * c->width);
	if (c->arch == MFC_ARCH_LATENT)
		b->write_kv = carve(m, u, clouds * c->latents * 2 * c->width);
	if (c->arch == MFC_ARCH_POOLED)
		b->pool_q = carve(m, u, clouds * c->width);
}

/* What the latents of a block need. */
static void carve_latents(struct mfc_block_tape *b, const struct mfc_score_config *c, real *m, size_t *u, size_t clouds, size_t kept)
{
	size_t w = c->width, z = c->latent_width, l = clouds * c->latents, hm = c->heads * c->latents;
	b->kv = carve(m, u, kept * 2 * w);
	b->read_p = carve(m, u, kept * hm);
	b->read_state = carve(m, u, clouds * 3 * hm);
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
	b->write_q = carve(m, u, kept * w);
	b->write_p = carve(m, u, kept * hm);
	b->write_o = carve(m, u, kept * w);
}

static void carve_block(struct mfc_block_tape *b, const struct mfc_score_config *c, real *m, size_t *u, size_t clouds, size_t kept)
{
	size_t w = c->width, z = c->latent_width;
	carve_given(b, c, m, u, clouds);
	b->hat1 = carve(m, u, kept * w);
	b->rstd1 = carve(m, u, kept);
	b->hat2 = carve(m, u, kept * w);
	b->rstd2 = carve(m, u, kept);
	b->pre = carve(m, u, kept * 2 * w);
	if (c->arch == MFC_ARCH_LATENT)
		carve_latents(b, c, m, u, clouds, kept);
	if (c->arch == MFC_ARCH_POOLED) {
		b->pool = carve(m, u, clouds * z);
		b->pool_pre = carve(m, u, kept * z);
		b->pool_a = carve(m, u, kept * w);
	}
}

static void carve_backward(struct mfc_tape *t, real *m, size_t *u, size_t clouds, size_t rows, size_t tile)
{
	const struct mfc_score_config *c = &t->net->config;
	size_t w = c->width, z = c->latent_width, row = 2 * w > z ? 2 * w : z;
	t->dh = carve(m, u, rows * w);
	t->dv = carve(m, u, rows * w);
	t->de = carve(m, u, clouds * c->embed);
	t->row1 = carve(m, u, tile * row);
	t->row2 = carve(m, u, tile * row);
	t->cloud1 = carve(m, u, clouds * (4 * w > c->embed ? 4 * w : c->embed));
	t->cloud2 = carve(m, u, clouds * (2 * z > w ? 2 * z : w));
	t->cloud3 = carve(m, u, clouds * z);
	if (c->arch == MFC_ARCH_LATENT) {
		size_t l = clouds * c->latents, hm = c->heads * c->latents, latent = 3 * z > 2 * w ? 3 * z : 2 * w;
		t->dz = carve(m, u, l * z);
		t->rowp = carve(m, u, (tile > c->latents ? tile : c->latents) * hm);
		t->latent1 = carve(m, u, l * latent);
		t->latent2 = carve(m, u, l * latent);
		t->share = carve(m, u, l * w);
		t->dot = carve(m, u, clouds * hm);
	}
	if (c->arch == MFC_ARCH_PAIRWISE)
		t->dedge = carve(m, u, (c->dim + 1) * w);
}

static size_t carve_all(struct mfc_tape *t, real *m, size_t clouds, size_t rows)
{
	const struct mfc_score_config *c = &t->net->config;
	size_t w = c->width, z = c->latent_width, e = c->embed, used = 0, *u = &used, tile = rows < MFC_TILE ? rows : MFC_TILE;
	size_t kept = t->keep ? rows : tile;
	t->tin = carve(m, u, clouds * 2 * MFC_SCORE_TIME_FREQUENCIES);
	t->t0 = carve(m, u, clouds * e);
	t->t0s = carve(m, u, clouds * e);
	t->t1 = carve(m, u, clouds * e);
	t->e = carve(m, u, clouds * e);
	t->feature = carve(m, u, kept * t->net->embed.in);
	t->local = carve(m, u, rows * mfc_local_width(c));
	t->h = carve(m, u, rows * w);
	t->out_film = carve(m, u, clouds * 2 * w);
	t->out_hat = carve(m, u, kept * w);
	t->out_rstd = carve(m, u, kept);
	t->v = carve(m, u, tile * w);
	t->act = carve(m, u, tile * (2 * w > t->net->local.out ? 2 * w : t->net->local.out));
	if (c->arch == MFC_ARCH_LATENT) {
		t->z = carve(m, u, clouds * c->latents * z);
		t->turned = carve(m, u, (w > z ? w : z) * c->latents);
	}
	if (c->arch == MFC_ARCH_POOLED)
		t->pool_act = carve(m, u, tile * z);
	if (c->arch == MFC_ARCH_PAIRWISE) {
		t->pair_a = carve(m, u, clouds * w);
		t->pair_mean = carve(m, u, kept * w);
	}
	for (size_t k = 0; k < c->blocks; k++)
		if (t->keep || k == 0) {
			carve_block(&t->block[k], c, m, u, clouds, kept);
		} else {
			t->block[k] = t->block[0];
			carve_given(&t->block[k], c, m, u, clouds);
		}
	if (t->keep)
		carve_backward(t, m, u, clouds, rows, tile);
	return used;
}

size_t mfc_tape_bytes(const struct mfc_score *net, bool keep, size_t clouds, size_t rows)
{
	struct mfc_block_tape block[net->config.blocks];   /* at most 64 */
	struct mfc_tape t = { .net = net, .keep = keep, .block = block };
	const struct mfc_score_config *c = &net->config;
	return carve_all(&t, NULL, clouds, rows) * sizeof(real) + (c->arch == MFC_ARCH_PAIRWISE ? mfc_edges_bytes(rows) : 0);
}

int mfc_tape_reserve(struct mfc_tape *t, size_t clouds, size_t rows, struct mfc_error *err)
{
	if (clouds <= t->clouds && rows <= t->rows)
		return 0;
	clouds = clouds > t->clouds ? clouds : t->clouds;
	rows = rows > t->rows ? rows : t->rows;
	free(t->memory);
	t->memory = NULL;
	t->clouds = t->rows = 0;
	void *memory;
	if (posix_memalign(&memory, 64, carve_all(t, NULL, clouds, rows) * sizeof(real)))
		return mfc_error_memory(err);
	t->memory = memory;
	t->clouds = clouds;
	t->rows = rows;
	carve_all(t, t->memory, clouds, rows);
	return 0;
}
