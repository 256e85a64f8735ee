/* The oracle against its naive twin, all sums in double over all points and components, and its score against differences of the log density. */
#include "check.h"
#include "diffusion/oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 6, D = 2, SHAPES = 3, POINTS = 40 };

static const char mixture_text[] = "# two blobs, of which one is slanted\nweight mean mean covariance covariance covariance covariance\n"
	"1 -1 0.5 0.5 0.2 0.2 0.3\n\n3 1 0 0.04 0 0 0.09\n";

static float y[N * D];
static struct mfc_mixture mixture;
static struct mfc_cloud shape[SHAPES];

/* log N(y; mean, c + s² I) in the plane, and z = (c + s² I)^(-1) (y - mean) by Cramer's rule. */
static double plane(const float *p, const double *mean, const double *c, double s, double z[2])
{
	double a = c[0] + s * s, b = c[1], d = c[3] + s * s, det = a * d - b * b, u = p[0] - mean[0], v = p[1] - mean[1];
	z[0] = (d * u - b * v) / det;
	z[1] = (a * v - b * u) / det;
	return -0.5 * (u * z[0] + v * z[1]) - 0.5 * log(det) - log(2 * M_PI);
}

static double naive_mixture(double s, double *want)
{
	double total = 0;
	for (size_t i = 0; i < N; i++) {
		double p = 0, score[2] = { 0 }, z[2];
		for (size_t c = 0; c < mixture.count; c++) {
			double w = mixture.weight[c] * exp(plane(y + i * D, mixture.mean + c * D, mixture.covariance + c * D * D, s, z));
			p += w;
			for (size_t j = 0; j < D; j++)
				score[j] -= w * z[j];
		}
		total += log(p);
		for (size_t j = 0; j < D; j++)
			want[i * D + j] = y[i * D + j] + s * s * score[j] / p;
	}
	return total;
}

/* Long doubles hold the likelihoods of so few particles. */
static double naive_shapes(double s, double *want)
{
	long double total = 0, of[SHAPES];
	double own[SHAPES][N * D];
	for (size_t k = 0; k < SHAPES; k++) {
		of[k] = 1;
		for (size_t i = 0; i < N; i++) {
			long double sum = 0, weighted[D] = { 0 };
			for (size_t j = 0; j < shape[k].n; j++) {
				const float *p = shape[k].x + j * D;
				long double u = y[i * D] - (long double)p[0], v = y[i * D + 1] - (long double)p[1], w = expl(-(u * u + v * v) / (2 * s * s));
				sum += w;
				weighted[0] += w * p[0];
				weighted[1] += w * p[1];
			}
			of[k] *= sum / (long double)((double)shape[k].n * 2 * M_PI * s * s);
			for (size_t j = 0; j < D; j++)
				own[k][i * D + j] = (double)(weighted[j] / sum);
		}
		total += of[k] / SHAPES;
	}
	for (size_t i = 0; i < N * D; i++) {
		want[i] = 0;
		for (size_t k = 0; k < SHAPES; k++)
			want[i] += (double)(of[k] / total) / SHAPES * own[k][i];
	}
	return (double)logl(total);
}

static void twin(struct mfc_oracle *o, double s, double naive(double s, double *want), const char *name)
{
	struct mfc_error err = { 0 };
	float got[N * D], shared[N * D];
	double want[N * D], worst = 0, log_density = NAN, log_want = naive(s, want);
	int bad = mfc_oracle_denoise(&(struct mfc_oracle_use){ o, 1 }, N, y, s, got, &err) ||
	    mfc_oracle_denoise(&(struct mfc_oracle_use){ o, 3 }, N, y, s, shared, &err) ||
	    mfc_oracle_log_density(&(struct mfc_oracle_use){ o, 2 }, N, y, s, &log_density, &err);
	for (size_t i = 0; i < N * D; i++)
		worst = fmax(worst, fabs(got[i] - want[i]));
	check(!bad && worst < 3e-7 * (1 + s), "%s at s = %g: D is the twin's: %.1e", name, s, worst);
	check(fabs(log_density - log_want) < 1e-9 * (1 + fabs(log_want)), "and the log density: %.9f of %.9f", log_density, log_want);
	check(memcmp(got, shared, sizeof got) == 0, "whatever the threads");
}

/* (D - y)/s² is the gradient of the log density of the whole cloud. y is made of floats: the step is what was taken of it. */
static void differences(struct mfc_oracle *o, double s, const char *name)
{
	struct mfc_error err;
	struct mfc_oracle_use use = { o, 2 };
	float got[N * D];
	double worst = 0, largest = 0;
	mfc_oracle_denoise(&use, N, y, s, got, &err);
	for (size_t i = 0; i < N * D; i++) {
		float at = y[i], up = at + (float)(2e-3 * s), down = at - (float)(2e-3 * s);
		double high, low;
		y[i] = up;
		mfc_oracle_log_density(&use, N, y, s, &high, &err);
		y[i] = down;
		mfc_oracle_log_density(&use, N, y, s, &low, &err);
		y[i] = at;
		double slope = (high - low) / ((double)up - down), score = ((double)got[i] - at) / (s * s);
		worst = fmax(worst, fabs(slope - score));
		largest = fmax(largest, fabs(score));
	}
	check(worst < 3e-5 * (largest + 1 / s),
	    "%s at s = %g: the score is the gradient of the log density: %.1e of %.1e", name, s, worst, largest);
}

static void make_shapes(void)
{
	struct mfc_error err;
	for (size_t k = 0; k < SHAPES; k++) {
		struct mfc_rng rng = mfc_rng_make(4, MFC_RNG_TEST, k, 0);
		mfc_cloud_init(&shape[k]);
		mfc_cloud_resize(&shape[k], POINTS + k, D, &err);
		mfc_rng_normals(&rng, 0, shape[k].n * D, shape[k].x);
		for (size_t i = 0; i < shape[k].n; i++)
			shape[k].x[i * D] += 0.3f * (float)k;   /* alike, so that the posterior is in doubt */
	}
}

static void refused(const char *text, size_t size)
{
	struct mfc_error err = { 0 };
	struct mfc_mixture m;
	check(mfc_mixture_parse(&m, "m.txt", text, size, &err) == -1 && m.count == 0 && !m.weight, "%s", err.message);
}

static void texts(void)
{
	static const char *const bad[] = {
		"", "# nothing\n\n", "weight mean sd\n", "mean weight sd\n1 1 1\n", "weight mean\n1 1\n", "weight sd\n1 1\n", "weight sd mean\n1 1 1\n",
		"weight mean sd covariance\n1 1 1 1\n", "weight mean mean covariance\n1 1 1 1\n",
		"weight mean sd variance\n1 1 1 1\n", "weight mean sd\n1 0\n",
		"weight mean sd\n1 0 1 2\n", "weight mean sd\n1 0 x\n", "weight mean sd\n1 0 1x\n", "weight mean sd\n1 nan 1\n", "weight mean sd\n0 0 1\n",
		"weight mean sd\n1 0 0\n", "weight mean sd\n1 0 -1\n", "weight mean covariance\n1 0 -1\n", "weight mean sd\n1e308 0 1\n1e308 0 1\n",
		"weight mean mean covariance covariance covariance covariance\n1 0 0 1 0.1 0.2 1\n",
		"weight mean mean covariance covariance covariance covariance\n1 0 0 1 2 2 1\n",
		"weight mean sd\n1 00000000000000000000000000000000000000000000000000000000000000000000000000000000 1\n"
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refused(bad[i], strlen(bad[i]));
	refused("weight mean sd\n1 0\0 1\n", 22);
	struct mfc_error err = { 0 };
	struct mfc_mixture m;
	static const char good[] = " weight\tmean mean  sd \r\n\r\n  2 1 -1 0.5\r\n# no\n6 0 0 2";
	check(mfc_mixture_parse(&m, "m.txt", good, sizeof good - 1, &err) == 0 && m.count == 2 && m.dim == 2 && m.weight[0] == 0.25 && m.mean[1] == -1 &&
	    m.covariance[0] == 0.25 && m.covariance[1] == 0 && m.covariance[7] == 4, "blanks, comments and ends of lines: %s", err.message);
	mfc_mixture_clear(&m);
}

/* Draws have the moments that it says. */
static void draws(void)
{
	enum { MANY = 200000 };
	struct mfc_error err;
	float *x = malloc(MANY * D * sizeof *x), few[20 * D];
	double mean[D], covariance[D * D], got[D] = { 0 }, product[D * D] = { 0 }, worst = 0;
	mfc_mixture_moments(&mixture, mean, covariance);
	check(fabs(mean[0] - 0.5) < 1e-12 && fabs(mean[1] - 0.125) < 1e-12 && fabs(covariance[0] - (0.25 * 0.5 + 0.75 * 0.04 + 0.75)) < 1e-12 &&
	    fabs(covariance[1] - (0.25 * 0.2 - 0.1875)) < 1e-12 && covariance[1] == covariance[2], "moments by hand");
	mfc_mixture_draw(&mixture, 5, 6, MANY, x, &err);
	mfc_mixture_draw(&mixture, 5, 6, 20, few, &err);
	check(memcmp(few, x, sizeof few) == 0, "particles do not depend on how many there are");
	for (size_t i = 0; i < MANY * D; i++)
		got[i % D] += x[i] / MANY;
	for (size_t i = 0; i < MANY; i++)
		for (size_t j = 0; j < D * D; j++)
			product[j] += (x[i * D + j / D] - mean[j / D]) * (x[i * D + j % D] - mean[j % D]) / MANY;
	for (size_t j = 0; j < D * D; j++)
		worst = fmax(worst, fmax(fabs(got[j % D] - mean[j % D]), fabs(product[j] - covariance[j])));
	check(worst < 0.012, "draws have them: %.1e", worst);
	free(x);
}

int main(void)
{
	struct mfc_error err = { 0 };
	struct mfc_oracle *o, *shapes;
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_TEST, 0, 0);
	mfc_rng_normals(&rng, 0, N * D, y);
	texts();
	if (mfc_mixture_parse(&mixture, "mixture", mixture_text, sizeof mixture_text - 1, &err))
		check(0, "%s", err.message);
	make_shapes();
	check(mfc_oracle_of_mixture(&o, &mixture, &err) == 0 && mfc_oracle_of_shapes(&shapes, SHAPES, shape, &err) == 0, "both laws");
	static const double level[] = { 0.05, 0.3, 1, 4, 20 };
	for (size_t i = 0; i < sizeof level / sizeof *level; i++) {
		twin(o, level[i], naive_mixture, "mixture");
		twin(shapes, level[i], naive_shapes, "shapes");
		if (level[i] < 10) {
			differences(o, level[i], "mixture");
			differences(shapes, level[i], "shapes");
		}
	}
	draws();
	float D0[N * D];
	check(mfc_oracle_denoise(&(struct mfc_oracle_use){ o, 1 }, N, y, 0, D0, &err) == -1, "%s", err.message);
	mfc_oracle_free(o);
	mfc_oracle_free(shapes);
	mfc_cloud_set_id(&shape[1], "odd", &err);
	mfc_cloud_resize(&shape[1], 3, 5, &err);
	check(mfc_oracle_of_shapes(&shapes, SHAPES, shape, &err) == -1 && !shapes, "%s", err.message);
	mfc_mixture_clear(&mixture);
	for (size_t k = 0; k < SHAPES; k++)
		mfc_cloud_clear(&shape[k]);
	return done();
}
