/* The Sobolev part of the objective against what it is for, the Jacobian of the denoiser: written in D instead of F it is the same, and where
 * the Jacobian is known its target has it as its mean. In double. */
#include "double.h"

#include "check.h"
#include "rng.h"

#define D 3
#define SD 0.7

static struct mfc_score net;
static struct mfc_workplace *work;
static double *params, *grads;
static struct mfc_weights weights;

static void make(size_t latents, double size)
{
	struct mfc_error err;
	struct mfc_score_config config = { .dim = D, .width = 8, .latents = latents, .latent_width = 6, .embed = 5, .heads = 2, .blocks = 1, .frequencies = 5 };
	struct mfc_rng rng = mfc_rng_make(2, MFC_RNG_TEST, 0, 0);
	if (mfc_score_create(&net, &config, &err) || mfc_workplace_create(&work, &net, true, &err))
		exit(1);
	params = calloc(net.parameters, sizeof *params);
	grads = calloc(net.parameters, sizeof *grads);
	for (size_t i = 0; i < net.parameters; i++)
		params[i] = size * (2 * mfc_rng_uniform(&rng) - 1);
	if (mfc_weights_create(&weights, &net, params, &err))
		exit(1);
}

static void drop(void)
{
	mfc_weights_free(&weights);
	free(params);
	free(grads);
	mfc_workplace_free(work);
	mfc_score_clear(&net);
}

static double dot(const float *a, const float *b)
{
	return (double)a[0] * b[0] + (double)a[1] * b[1] + (double)a[2] * b[2];
}

/* s² ‖(D(y + δv) - D(y - δv)) / 2δ - r (r·v)‖² / out² for any network, r = (x_0 - D) / s. D and y are floats here. */
static void check_meaning(bool epsilon, double s)
{
	enum { N = 20 };
	struct mfc_error err;
	struct mfc_denoiser denoiser = { .sd = SD, .epsilon = epsilon, .sobolev = 1 };
	struct mfc_field *field = NULL;
	float x0[N * D], eps[N * D], v[N * D], y[3][N * D], d[3][N * D], r[N * D];
	struct mfc_rng rng = mfc_rng_make(3, MFC_RNG_TEST, 0, 0);
	struct mfc_example e = { .n = N, .x0 = x0, .eps = eps, .s = s, .weight = 1, .probe = mfc_rng_make(4, MFC_RNG_PROBE, 0, 0) };
	double out = epsilon ? -s : s * SD / sqrt(s * s + SD * SD), sum = 0;
	mfc_rng_normals(&rng, 0, N * D, x0);
	mfc_rng_normals(&rng, N * D, N * D, eps);
	int bad = mfc_denoiser_loss(work, &weights, &denoiser, &e, 1, grads, &err);
	for (size_t i = 0; i < N * D; i++) {
		v[i] = work->u[N * D + i] > work->u[i] ? 1 : -1;   /* as it moved */
		for (int k = 0; k < 3; k++)
			y[k][i] = (float)(x0[i] + s * eps[i] + (k - 1) * 0.01 * s * v[i]);
	}
	bad = bad || mfc_field_create(&field, work->net, &weights, &denoiser, 1, &err);
	for (int k = 0; k < 3; k++)
		bad = bad || mfc_field_denoise(field, N, y[k], s, (struct mfc_context){ 0 }, NULL, d[k], &err);
	mfc_field_free(field);
	for (size_t i = 0; i < N * D; i++)
		r[i] = (float)((x0[i] - d[1][i]) / s);
	for (size_t i = 0; i < N * D; i++) {
		double j = ((double)d[2][i] - d[0][i]) / (0.02 * s), q = s / out * (j - r[i] * dot(r + i / D * D, v + i / D * D));
		sum += q * q / (N * D);
	}
	check(!bad && fabs(sum - e.sobolev) < 1e-3 * sum, "%s, s = %g: seen from D the part is the same, %.4f: %.1e", epsilon ? "epsilon" : "edm", s,
	    e.sobolev, fabs(sum / e.sobolev - 1));
}

/* x_0 ~ N(0, sd² I) and a network that is 0, so that D is exact: ∂D/∂y = sd²/(s²+sd²) I. */
static void check_mean(double s)
{
	enum { N = 3000, CLOUDS = 8, MOST = N * CLOUDS };
	struct mfc_error err;
	struct mfc_denoiser denoiser = { .sd = SD, .sobolev = 1 };
	float *x0 = malloc(N * D * sizeof *x0), *eps = malloc(N * D * sizeof *eps);
	double exact = SD * SD / (s * s + SD * SD), out = s * SD / sqrt(s * s + SD * SD), mean[D][D] = { 0 }, square[D][D] = { 0 }, part = 0, worst = 0, error = 0;
	int bad = 0;
	for (uint64_t c = 0; c < CLOUDS; c++) {
		struct mfc_rng rng = mfc_rng_make(6, MFC_RNG_TEST, c, 0);
		struct mfc_example e = { .n = N, .x0 = x0, .eps = eps, .s = s, .weight = 1, .probe = mfc_rng_make(6, MFC_RNG_PROBE, c, 0) };
		mfc_rng_normals(&rng, 0, N * D, x0);
		mfc_rng_normals(&rng, N * D, N * D, eps);
		for (size_t i = 0; i < N * D; i++)
			x0[i] *= (float)SD;
		bad = bad || mfc_denoiser_loss(work, &weights, &denoiser, &e, 1, grads, &err);
		part += e.sobolev / CLOUDS;
		/* The residual q = s/out (J v - target), J as exact, from the gradient by F that it left. */
		double scale = 2 / 0.02 / (N * D);
		const double *v = work->target + N * D, *f = work->f + N * D;
		for (size_t i = 0; i < N * D; i++)
			for (size_t k = 0; k < D; k++) {
				double j = (exact * v[i] - out / s * f[i] / scale) * v[i / D * D + k];
				mean[i % D][k] += j / MOST;
				square[i % D][k] += j * j / MOST;
			}
	}
	for (size_t i = 0; i < D; i++)
		for (size_t k = 0; k < D; k++) {
			double se = sqrt((square[i][k] - mean[i][k] * mean[i][k]) / MOST), off = fabs(mean[i][k] - (i == k ? exact : 0));
			worst = fmax(worst, off / se);
			error = fmax(error, se);
		}
	check(!bad && worst < 3.5 && error < 0.02 * exact, "s = %g: the target's mean is the Jacobian, %.4g I; at most %.1f standard errors of %.1e off", s, exact,
	    worst, error);
	check(fabs(part / (D + 1) / exact - 1) < 0.05, "s = %g: and the part comes to c² (d + 1): %.4g", s, part);
	free(x0);
	free(eps);
}

int main(void)
{
	static const double s[] = { 0.1, 0.4, 1.2, 5 };
	make(3, 0.4);
	for (int i = 0; i < 8; i++)
		check_meaning(i % 2, s[i / 2]);
	drop();
	make(1, 0);
	check_mean(0.01);
	check_mean(0.5);
	check_mean(2);
	check_mean(20);
	drop();
	return done();
}
