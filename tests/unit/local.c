/* The local term against its definition in double over all points, what it says of laws whose score is known, and its limits. */
#include "check.h"
#include "net/local.h"
#include "rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MANY 20000

static const double window[] = { 1.5, 3 };
static float u[MANY * 3];

static struct mfc_score_config config_of(size_t d)
{
	return (struct mfc_score_config){ .arch = MFC_ARCH_NONE, .dim = d, .windows = 2, .window = { window[0], window[1] }, .below = 10, .crowd = 1e8 };
}

/* These windows, up to the first 0. */
static struct mfc_score_config config_with(size_t d, const double width[MFC_SCORE_MAX_WINDOWS])
{
	struct mfc_score_config config = config_of(d);
	for (config.windows = 0; config.windows < MFC_SCORE_MAX_WINDOWS && width[config.windows] > 0; config.windows++)
		config.window[config.windows] = width[config.windows];
	return config;
}

/* Numbers of the local term of the first `rows` of n points. */
static void apply(const struct mfc_score_config *config, double s, size_t n, size_t rows, float *out)
{
	struct mfc_error err;
	struct mfc_crowd crowd;
	float *copy = malloc(n * config->dim * sizeof *copy);
	memcpy(copy, u, n * config->dim * sizeof *copy);
	if (mfc_crowd_make(&crowd, config, s, n, copy, &err)) {
		check(0, "%s", err.message);
		exit(1);
	}
	mfc_local_rows(config, &crowd, s, rows, u, out);
	mfc_crowd_clear(&crowd);
}

/* g and μ of particle i and the weight in one window, over all points and by elimination. */
static void twin(size_t d, double s, size_t n, size_t i, double h, double widest, double g[3], double mu[3], double *weight)
{
	double noise = s / sqrt(1 + s * s), total = 0, a[3][4] = { { 0 } };
	memset(mu, 0, 3 * sizeof *mu);
	for (size_t j = 0; j < n; j++) {
		double o[3] = { 0 }, square = 0;
		for (size_t k = 0; k < d; k++) {
			o[k] = ((double)u[j * d + k] - u[i * d + k]) / noise;
			square += o[k] * o[k];
		}
		if (!(square > 0) || sqrt(square) > 2.5 * widest)
			continue;
		double w = exp(-square / (2 * h * h));
		total += w;
		for (size_t k = 0; k < d; k++) {
			mu[k] += w * o[k];
			for (size_t l = 0; l < d; l++)
				a[k][l] += w * o[k] * o[l];
		}
	}
	for (size_t k = 0; k < d; k++)
		mu[k] /= 1 + total;
	for (size_t k = 0; k < d; k++) {
		for (size_t l = 0; l < d; l++)
			a[k][l] = a[k][l] / (1 + total) - mu[k] * mu[l] + (k == l ? h * h / (1 + h * h) / (1 + total) + 1e-3 : 0);
		a[k][3] = mu[k];
	}
	for (size_t k = 0; k < d; k++)   /* Gauss and Jordan: the matrix is positive definite */
		for (size_t l = 0; l < d; l++)
			for (size_t m = 4; l != k && m-- > k;)
				a[l][m] -= a[l][k] / a[k][k] * a[k][m];
	for (size_t k = 0; k < d; k++)
		g[k] = a[k][3] / a[k][k];
	*weight = total;
}

static void check_definition(struct mfc_score_config config, size_t n, double s, double spread)
{
	enum { ROWS = 200 };
	size_t d = config.dim;
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_TEST, d, n);
	size_t width = mfc_local_width(&config), rows = n < ROWS ? n : ROWS;
	float out[ROWS * 10 * MFC_SCORE_MAX_WINDOWS];
	double worst = 0, weights = 0, widest = 0;
	for (size_t k = 0; k < config.windows; k++)
		widest = fmax(widest, config.window[k]);
	mfc_rng_normals(&rng, 0, n * d, u);
	for (size_t i = 0; i < n * d; i++)
		u[i] = (float)((double)u[i] * spread + 0.7);
	if (n > 4)
		memcpy(u + d, u, d * sizeof *u);   /* a copy does not count */
	apply(&config, s, n, rows, out);
	for (size_t i = 0; i < rows; i++)
		for (size_t k = 0; k < config.windows; k++) {
			double g[3], mu[3], weight, square = 0, h2 = config.window[k] * config.window[k];
			const float *got = out + i * width + k * (2 * d + 4), *trust = got + 2 * d;
			twin(d, s, n, i, config.window[k], widest, g, mu, &weight);
			weights += weight;
			worst = fmax(worst, fabs((double)trust[0] - log(weight + 0.3) / 4));
			for (size_t j = 0; j < d; j++) {
				worst = fmax(worst, fabs((double)got[j] - g[j]));
				worst = fmax(worst, fabs((double)got[d + j] - mu[j] * (1 + h2) / h2));
				square += g[j] * mu[j];
			}
			worst = fmax(worst, fabs((double)trust[3] - sqrt(square)));
		}
	check(worst < 2e-4 && (n == 1 || weights > 0), "%zu points of %zu coordinates at s = %g, %zu windows: as all pairs have it, within %.1e", n, d, s,
	    config.windows, worst);
}

/* On a plane in noise the score is -(distance)/σ across and 0 along, whatever the window. */
static void check_plane(void)
{
	struct mfc_score_config config = config_of(3);
	struct mfc_rng draw = mfc_rng_make(2, MFC_RNG_TEST, 0, 0), place = mfc_rng_make(2, MFC_RNG_TEST, 1, 0);
	static float out[MANY * 20], z[MANY];
	double s = 0.05, noise = s / sqrt(1 + s * s);
	mfc_rng_normals(&draw, 0, MANY, z);
	for (size_t i = 0; i < MANY; i++) {
		for (size_t j = 0; j < 2; j++)
			u[i * 3 + j] = (float)(3 * (mfc_rng_uniform(&place) - 0.5));
		u[i * 3 + 2] = (float)noise * z[i];
	}
	apply(&config, s, MANY, MANY, out);
	for (size_t k = 0; k < 2; k++) {
		double across = 0, shift = 0, along = 0, square = 0, count = 0;
		for (size_t i = 0; i < MANY; i++) {
			const float *g = out + i * 20 + k * 10;
			double want = -(double)u[i * 3 + 2] / noise;
			if (fabs((double)u[i * 3]) > 1 || fabs((double)u[i * 3 + 1]) > 1)
				continue;
			across += (double)g[2] * want;
			shift += (double)g[5] * want;
			square += want * want;
			along += (double)g[0] * g[0] + (double)g[1] * g[1];
			count++;
		}
		check(fabs(across / square - 1) < 0.08, "on a plane, window %g: across it %.3f of the score", window[k], across / square);
		check(fabs(shift / square - 1) < 0.08, "and by the mean shift %.3f", shift / square);
		check(along / count < 0.03, "and along it %.4f", along / count);
	}
}

static void check_limits(void)
{
	struct mfc_score_config config = config_of(3);
	float out[40];
	u[0] = NAN, u[1] = u[2] = 0;
	u[3] = u[4] = u[5] = 1e30f;
	apply(&config, 0.1, 2, 2, out);
	double sum = 0;
	for (size_t i = 0; i < 40; i++)
		sum += fabs((double)out[i]);
	check(sum == 0, "a particle that is not finite, or too far away, has zeros");
	u[0] = 0;
	u[3] = u[4] = u[5] = 1000;
	apply(&config, 0.1, 1, 2, out);   /* the second is no point of the crowd */
	check(fabs((double)out[26] - log(0.3) / 4) < 1e-6 && out[20] == 0, "one that has nobody near has no direction, and is told so");
	/* 20,000 points in one cell: 256 stand for them. */
	struct mfc_rng rng = mfc_rng_make(3, MFC_RNG_TEST, 0, 0);
	mfc_rng_normals(&rng, 0, MANY * 3, u);
	for (size_t i = 0; i < MANY * 3; i++)
		u[i] = 0.3f + 0.01f * u[i];
	u[0] = u[1] = u[2] = 0.3f;
	apply(&config, 0.2, MANY, 1, out);
	double g[3], mu[3], weight;
	twin(3, 0.2, MANY, 0, window[0], window[1], g, mu, &weight);
	check(fabs((double)out[6] - log(weight + 0.3) / 4) < 0.03 && fabs((double)out[0] - g[0]) < 2,
	    "where many lie together a sample stands for them: weight %.0f for %.0f", exp(4 * (double)out[6]), weight);
}

int main(void)
{
	/* One, three and four of them; pairs of which the second is twice as wide and not; narrow beside very wide ones, whose weights underflow. */
	static const double widths[][MFC_SCORE_MAX_WINDOWS] = { { 3 }, { 3, 0.7, 1.4 }, { 3, 0.7, 1, 1.3 }, { 3, 0.5 }, { 6, 1, 0.5, 1 }, { 20, 0.1 } };
	for (size_t d = 1; d <= 3; d++) {
		static const double s[] = { 0.02, 0.07, 0.12 };   /* no cell is so full that a sample stands for it */
		check_definition(config_of(d), 3000, s[d - 1], 1);
		check_definition(config_of(d), 3000, s[d - 1] / 10, 0.1);
		check_definition(config_of(d), 7, 0.5, 1);
		check_definition(config_of(d), 1, 0.5, 1);
		for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
			check_definition(config_with(d, widths[i]), 3000, s[d - 1] * 3 / widths[i][0] / 4, 1);
	}
	check_plane();
	check_limits();
	return done();
}
