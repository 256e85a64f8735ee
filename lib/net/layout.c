/* Where each parameter tensor lies in the vector of all parameters (score.h). */
#include "net/local.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PER_BLOCK 36   /* tensors of a block, at most */
#define OUTSIDE 21     /* and those outside the blocks */

const char *const mfc_arch_name[] = { "latent", "pooled", "pairwise", "none" };

bool mfc_arch_named(enum mfc_arch *arch, const char *name)
{
	for (*arch = 0; *arch < MFC_ARCHS; ++*arch)
		if (strcmp(name, mfc_arch_name[*arch]) == 0)
			return true;
	return false;
}

static size_t add(struct mfc_score *net, size_t rows, size_t columns, enum mfc_tensor_init init, size_t fan_in, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

static size_t add(struct mfc_score *net, size_t rows, size_t columns, enum mfc_tensor_init init, size_t fan_in, const char *format, ...)
{
	struct mfc_tensor *t = &net->tensor[net->tensors++];
	va_list args;
	va_start(args, format);
	vsnprintf(t->name, sizeof t->name, format, args);
	va_end(args);
	t->dims = columns ? 2 : 1;
	t->shape[0] = rows;
	t->shape[1] = columns;
	t->count = rows * (columns ? columns : 1);
	t->offset = net->parameters;
	t->init = init;
	t->fan_in = fan_in;
	net->parameters += t->count;
	return t->offset;
}

/* zero: the layer starts as the zero map, so that a block starts as the identity. */
static struct mfc_linear linear(struct mfc_score *net, const char *prefix, const char *name, size_t in, size_t out, bool zero)
{
	enum mfc_tensor_init init = zero ? MFC_INIT_ZERO : MFC_INIT_UNIFORM;
	struct mfc_linear l = { .in = in, .out = out };
	l.weight = add(net, out, in, init, in, "%s%s.weight", prefix, name);
	l.bias = add(net, out, 0, init, in, "%s%s.bias", prefix, name);
	return l;
}

static struct mfc_affine affine(struct mfc_score *net, const char *prefix, const char *name, size_t width)
{
	struct mfc_affine a;
	a.weight = add(net, width, 0, MFC_INIT_ONE, 0, "%s%s.weight", prefix, name);
	a.bias = add(net, width, 0, MFC_INIT_ZERO, 0, "%s%s.bias", prefix, name);
	return a;
}

/* What an edge's function takes of the offset and the ball: (W, d + 1). */
static size_t edge(struct mfc_score *net, const char *prefix, const char *name)
{
	size_t features = net->config.dim + 1;
	return add(net, net->config.width, features, MFC_INIT_UNIFORM, features, "%s%s.weight", prefix, name);
}

static void latent_block(struct mfc_score *net, const char *p, struct mfc_score_block *b)
{
	size_t w = net->config.width, z = net->config.latent_width, e = net->config.embed;
	b->read_q = linear(net, p, "read.q", z, w, false);
	b->read_kv = linear(net, p, "read.kv", w, 2 * w, false);
	b->read_out = linear(net, p, "read.out", w, z, false);
	b->self_qkv = linear(net, p, "self.qkv", z, 3 * z, false);
	b->self_out = linear(net, p, "self.out", z, z, true);
	b->latent_film = linear(net, p, "latent_film", e, 2 * z, true);
	b->latent_mlp_0 = linear(net, p, "latent_mlp.0", z, 2 * z, false);
	b->latent_mlp_2 = linear(net, p, "latent_mlp.2", 2 * z, z, true);
	b->write_q = linear(net, p, "write.q", w, w, false);
	b->write_kv = linear(net, p, "write.kv", z, 2 * w, false);
	b->write_out = linear(net, p, "write.out", w, w, true);
}

static void latent_norms(struct mfc_score *net, const char *p, struct mfc_score_block *b)
{
	size_t z = net->config.latent_width;
	b->read_norm = affine(net, p, "read.norm", z);
	b->self_norm = affine(net, p, "self.norm", z);
	b->latent_mlp_norm = affine(net, p, "latent_mlp.norm", z);
	b->write_norm = affine(net, p, "write.norm", z);
}

static void pooled_block(struct mfc_score *net, const char *p, struct mfc_score_block *b)
{
	size_t w = net->config.width, z = net->config.latent_width;
	b->pool_in = linear(net, p, "pool.in", w, z, false);
	b->pool_out = linear(net, p, "pool.out", z, w, false);
	b->write_q = linear(net, p, "write.q", w, w, false);
	b->write_out = linear(net, p, "write.out", w, w, true);
}

static void block(struct mfc_score *net, size_t k)
{
	size_t w = net->config.width;
	struct mfc_score_block *b = &net->block[k];
	char p[32];
	snprintf(p, sizeof p, "block.%zu.", k);
	b->film = linear(net, p, "film", net->config.embed, 4 * w, true);
	if (net->config.arch == MFC_ARCH_LATENT)
		latent_block(net, p, b);
	if (net->config.arch == MFC_ARCH_POOLED)
		pooled_block(net, p, b);
	b->mlp_0 = linear(net, p, "mlp.0", w, 2 * w, false);
	b->mlp_2 = linear(net, p, "mlp.2", 2 * w, w, true);
	if (net->config.arch == MFC_ARCH_LATENT)
		latent_norms(net, p, b);
}

static int check_local(const struct mfc_score_config *c, struct mfc_error *err)
{
	if (c->windows > MFC_SCORE_MAX_WINDOWS)
		return mfc_error_set(err, "network: %zu windows of a local term, more than %d", c->windows, MFC_SCORE_MAX_WINDOWS);
	for (size_t k = 0; k < c->windows; k++)
		if (!(c->window[k] >= 0.1 && c->window[k] <= 100))
			return mfc_error_set(err, "network: a window of %g, not between 0.1 and 100", c->window[k]);
	if (c->windows && c->arch == MFC_ARCH_PAIRWISE)
		return mfc_error_set(err, "network: pairwise has no local term");
	if (c->windows && c->dim > MFC_CELLS_DIM)
		return mfc_error_set(err, "network: a local term is for 1 to %d dimensions, not %zu", MFC_CELLS_DIM, c->dim);
	if (c->windows && !(c->below > 0 && c->crowd >= 1 && c->crowd < 1e9))
		return mfc_error_set(err, "network: a local term below %g in crowds of %g: both must be above 0", c->below, c->crowd);
	return 0;
}

static int check(const struct mfc_score_config *c, struct mfc_error *err)
{
	const struct { const char *name; size_t value; } width[] = {
		{ "dimension", c->dim }, { "width", c->width }, { "latents", c->latents }, { "latent width", c->latent_width },
		{ "embedding", c->embed }, { "heads", c->heads }, { "blocks", c->blocks }
	};
	for (size_t i = 0; i < sizeof width / sizeof *width; i++)
		if (width[i].value < 1 || width[i].value > 65536)
			return mfc_error_set(err, "network: %s %zu is not between 1 and 65536", width[i].name, width[i].value);
	if (c->frequencies < MFC_SCORE_PLAIN || c->frequencies > MFC_SCORE_MAX_FREQUENCIES)
		return mfc_error_set(err, "network: %zu frequencies, not between %d and %d", c->frequencies, MFC_SCORE_PLAIN, MFC_SCORE_MAX_FREQUENCIES);
	if (c->blocks > 64)
		return mfc_error_set(err, "network: %zu blocks, more than 64", c->blocks);
	if (check_local(c, err))
		return -1;
	if (c->arch == MFC_ARCH_PAIRWISE && !(c->radius > 0 && c->radius < 1e6))
		return mfc_error_set(err, "network: a radius of %g, not between 0 and 1e6", c->radius);
	if (c->width % c->heads || c->latent_width % c->heads)
		return mfc_error_set(err, "network: widths %zu and %zu must be divisible by %zu heads", c->width, c->latent_width, c->heads);
	if (c->labels > MFC_SCORE_MAX_LABELS)
		return mfc_error_set(err, "network: %zu labels, more than %d", c->labels, MFC_SCORE_MAX_LABELS);
	if (c->dim > 1024)
		return mfc_error_set(err, "network: dimension %zu, more than 1024", c->dim);
	return 0;
}

int mfc_score_create(struct mfc_score *net, const struct mfc_score_config *config, struct mfc_error *err)
{
	*net = (struct mfc_score){ .config = *config };
	if (check(config, err))
		return -1;
	net->tensor = calloc(OUTSIDE + PER_BLOCK * config->blocks, sizeof *net->tensor);
	net->block = calloc(config->blocks, sizeof *net->block);
	if (!net->tensor || !net->block) {
		mfc_score_clear(net);
		return mfc_error_memory(err);
	}
	size_t d = config->dim, w = config->width, e = config->embed;
	net->time_0 = linear(net, "", "time.0", 2 * MFC_SCORE_TIME_FREQUENCIES, e, false);
	net->time_2 = linear(net, "", "time.2", e, e, false);
	net->embed = linear(net, "", "embed", d * (1 + 2 * config->frequencies) + mfc_local_width(config), w, false);
	if (config->arch == MFC_ARCH_LATENT) {
		net->latent = add(net, config->latents, config->latent_width, MFC_INIT_NORMAL, 0, "latent");
		net->latent_time = linear(net, "", "latent_time", e, config->latent_width, false);
	}
	for (size_t k = 0; k < config->blocks; k++)
		block(net, k);
	net->out_film = linear(net, "", "out.film", e, 2 * w, true);
	net->out = linear(net, "", "out", w, d, true);
	if (config->windows)
		net->local = linear(net, "", "local", w, config->windows * MFC_LOCAL_VECTORS, true);
	if (config->arch == MFC_ARCH_PAIRWISE) {
		net->pair_film = linear(net, "", "pair.film", e, w, false);
		net->pair_edge = edge(net, "", "pair.edge");
		net->pair_out = linear(net, "", "pair.out", w, d, true);
	}
	/* Last: the rest lies where it does without labels. Labels start apart: where all rows and what reads them (film) start at zero, neither
	 * has a gradient to leave it by. */
	if (config->labels)
		net->label = add(net, config->labels + 1, e, MFC_INIT_NORMAL, 0, "label");
	return 0;
}

void mfc_score_clear(struct mfc_score *net)
{
	free(net->tensor);
	free(net->block);
	*net = (struct mfc_score){ 0 };
}
