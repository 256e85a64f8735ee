#include "net/local.h"
#include "net/rows.h"

#include <string.h>

#define REACH 2.5   /* widths of the widest window: what it gives a point there is e^-3.1 */
#define AXES MFC_CELLS_DIM

/* The noise in u. */
static double noise_of(double s)
{
	return s / sqrt(1 + s * s);
}

/* In units of the noise. */
static double reach_of(const struct mfc_score_config *config)
{
	double widest = 0;
	for (size_t k = 0; k < config->windows; k++)
		widest = fmax(widest, config->window[k]);
	return REACH * widest;
}

double mfc_local_reach(const struct mfc_score_config *config, double s)
{
	return reach_of(config) * noise_of(s);
}

size_t mfc_local_part(const struct mfc_score_config *config)
{
	return MFC_LOCAL_VECTORS * config->dim + 4;
}

size_t mfc_local_width(const struct mfc_score_config *config)
{
	return config->windows * mfc_local_part(config);
}

/* x = A⁻¹ b and ln det A by Cholesky's decomposition of A (d, d), which is positive definite. */
static double solve(size_t d, double a[AXES][AXES], const double b[AXES], double x[AXES])
{
	double logdet = 0;
	for (size_t i = 0; i < d; i++) {
		x[i] = b[i];
		for (size_t j = 0; j <= i; j++) {
			for (size_t k = 0; k < j; k++)
				a[i][j] -= a[i][k] * a[j][k];
			a[i][j] = i == j ? sqrt(a[i][i]) : a[i][j] / a[j][j];
		}
		for (size_t k = 0; k < i; k++)
			x[i] -= a[i][k] * x[k];
		x[i] /= a[i][i];
		logdet += 2 * log(a[i][i]);
	}
	for (size_t i = d; i-- > 0;) {
		for (size_t k = i + 1; k < d; k++)
			x[i] -= a[k][i] * x[k];
		x[i] /= a[i][i];
	}
	return logdet;
}

/* From the moments of one window. As if a point more had been there, at the particle and spread as noise about a plane would be: where there are few
 * others g goes to 0. */
static void estimate(size_t d, const real m[10], double width, real *out)
{
	static const int at[AXES][AXES] = { { 4, 7, 8 }, { 7, 5, 9 }, { 8, 9, 6 } };
	double h2 = width * width, spread = h2 / (1 + h2), n = 1 + (double)m[0], mu[AXES], sigma[AXES][AXES], g[AXES], trace = 0;
	for (size_t i = 0; i < d; i++)
		mu[i] = (double)m[1 + i] / n;
	for (size_t i = 0; i < d; i++) {
		for (size_t j = 0; j < d; j++)
			sigma[i][j] = (double)m[at[i][j]] / n - mu[i] * mu[j];
		sigma[i][i] += spread / n + 1e-3;
		trace += sigma[i][i];
	}
	double logdet = solve(d, sigma, mu, g);
	double square = 0;
	for (size_t i = 0; i < d; i++) {
		out[i] = (real)g[i];
		out[d + i] = (real)(mu[i] / spread);
		square += mu[i] * g[i];
	}
	out += MFC_LOCAL_VECTORS * d;
	out[0] = (real)(log((double)m[0] + 0.3) / 4);
	out[1] = (real)(logdet / 4);
	out[2] = (real)(log(trace) / 2);
	out[3] = (real)sqrt(square);
}

void mfc_local_rows(const struct mfc_score_config *config, const struct mfc_crowd *crowd, double s, size_t rows, const real *u, real *out)
{
	size_t d = config->dim, width = mfc_local_width(config), part = mfc_local_part(config);
	struct mfc_near near = { .cells = &crowd->cells };
	struct mfc_run run[MFC_CELLS_NEAR] = { 0 };   /* GCC does not see that as many as there are are set */
	size_t runs;
	real at[AXES] = { 0 }, moment[MFC_SCORE_MAX_WINDOWS][10], to_noise = (real)(1 / noise_of(s)), reach = (real)reach_of(config);
	for (size_t i = 0; i < rows; i++, out += width) {
		memcpy(at, u + i * d, d * sizeof *at);
		if (!mfc_cells_near(&near, at, run, &runs)) {
			memset(out, 0, width * sizeof *out);
			continue;
		}
		mfc_window_moments(config->windows, runs, run, crowd->cells.x, crowd->cells.stride, at, to_noise, reach, config->window, moment[0]);
		for (size_t k = 0; k < config->windows; k++)
			estimate(d, moment[k], config->window[k], out + k * part);
	}
}
