/* What goes into the network: the noise level of a cloud and the coordinates of its particles, as sines and cosines. */
#include "net/pass.h"

#include <string.h>

/* Where the embedding of cloud i's label lies among the parameters. */
static size_t label_of(const struct mfc_pass *s, size_t i)
{
	return s->net->label + (s->batch->label ? s->batch->label[i] : s->config->labels) * s->config->embed;
}

/* e = silu(L(silu(L(time))) + label) */
void mfc_embed_time(const struct mfc_pass *s)
{
	struct mfc_tape *t = s->t;
	size_t n = MFC_SCORE_TIME_FREQUENCIES, e = s->config->embed, clouds = s->batch->clouds;
	for (size_t i = 0; i < clouds; i++)
		for (size_t j = 0; j < n; j++) {
			double a = s->batch->c[i] * exp2(-2 + 5.0 * (double)j / (double)(n - 1));
			t->tin[i * 2 * n + j] = (real)sin(a);
			t->tin[i * 2 * n + n + j] = (real)cos(a);
		}
	mfc_pass_linear(s, &s->net->time_0, clouds, t->tin, false, t->t0);
	mfc_silu_forward(clouds * e, t->t0, t->t0s);
	mfc_pass_linear(s, &s->net->time_2, clouds, t->t0s, false, t->t1);
	for (size_t i = 0; s->config->labels && i < clouds; i++)
		for (size_t j = 0, row = label_of(s, i); j < e; j++)
			t->t1[i * e + j] += s->p[row + j];
	mfc_silu_forward(clouds * e, t->t1, t->e);
}

void mfc_embed_time_backward(const struct mfc_pass *s)
{
	struct mfc_tape *t = s->t;
	size_t e = s->config->embed, clouds = s->batch->clouds;
	mfc_silu_backward(clouds * e, t->t1, t->de, t->de, NULL);
	for (size_t i = 0; s->config->labels && i < clouds; i++)
		for (size_t j = 0, row = label_of(s, i); j < e; j++)
			s->g[row + j] += t->de[i * e + j];
	mfc_pass_linear_backward(s, &s->net->time_2, clouds, t->t0s, t->de, false, t->cloud1);
	mfc_silu_backward(clouds * e, t->t0, t->cloud1, t->cloud1, NULL);
	mfc_pass_gradient(s, &s->net->time_0, clouds, t->tin, t->cloud1);
}

/* [u, sin(π/4 2^i u), cos(π/4 2^i u)], those from MFC_SCORE_PLAIN on times share[i]; higher frequencies by doubling the angle. Rows of f are
 * `in` numbers long. */
static void features(size_t rows, size_t d, size_t n, const double *share, const real *u, size_t in, real *f)
{
	for (size_t i = 0; i < rows; i++, u += d, f += in)
		for (size_t j = 0; j < d; j++) {
			double sine = sin(u[j] * M_PI_4), cosine = cos(u[j] * M_PI_4);
			f[j] = u[j];
			for (size_t k = 0; k < n; k++) {
				f[(1 + 2 * k) * d + j] = (real)(share[k] * sine);
				f[(2 + 2 * k) * d + j] = (real)(share[k] * cosine);
				double twice = 2 * sine * cosine;
				cosine = 1 - 2 * sine * sine;
				sine = twice;
			}
		}
}

/* And behind them what the local term says. */
static void local_features(const struct mfc_pass *s, size_t i, size_t first, size_t rows, real *f)
{
	size_t d = s->config->dim, width = mfc_local_width(s->config), in = s->net->embed.in;
	real *local = s->t->local + first * width;
	mfc_local_rows(s->config, &s->batch->crowd[i], mfc_score_noise(s->batch, i), rows, s->batch->u + first * d, local);
	for (size_t r = 0; r < rows; r++)
		memcpy(f + (r + 1) * in - width, local + r * width, width * sizeof *f);
}

/* What the noise of cloud i leaves of each frequency (score.h). */
static void shares(const struct mfc_pass *s, size_t i, double share[MFC_SCORE_MAX_FREQUENCIES])
{
	double noise = mfc_score_noise(s->batch, i), variance = noise * noise / (1 + noise * noise);
	for (size_t k = 0; k < s->config->frequencies; k++) {
		double omega = M_PI_4 * exp2((double)k);
		share[k] = k < MFC_SCORE_PLAIN ? 1 : exp(-0.5 * omega * omega * variance);
	}
}

void mfc_embed_rows(const struct mfc_pass *s, const struct mfc_tile *tile)
{
	size_t d = s->config->dim, from, count;
	real *f = s->t->feature + mfc_pass_at(s, tile) * s->net->embed.in;
	double share[MFC_SCORE_MAX_FREQUENCIES];
	for (size_t i = 0; i < s->batch->clouds; i++)
		if (mfc_tile_cloud(s, tile, i, &from, &count)) {
			shares(s, i, share);
			features(count, d, s->config->frequencies, share, s->batch->u + (tile->first + from) * d, s->net->embed.in,
			    f + from * s->net->embed.in);
			if (s->config->windows)
				local_features(s, i, tile->first + from, count, f + from * s->net->embed.in);
		}
	mfc_pass_linear(s, &s->net->embed, tile->count, f, false, s->t->h + tile->first * s->config->width);
}

void mfc_embed_rows_backward(const struct mfc_pass *s, const struct mfc_tile *tile)
{
	mfc_pass_gradient(s, &s->net->embed, tile->count, s->t->feature + tile->first * s->net->embed.in,
	    s->t->dh + tile->first * s->config->width);
}
