/* How evenly points lie, and on what: configurations of which it is known. tests/mfc-metric.bats compares both with scipy. */
#include "check.h"
#include "metric/intrinsic.h"
#include "metric/spacing.h"
#include "rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MANY 6000

static float x[MANY * 4];

static struct mfc_spacing measure(size_t n, size_t d, size_t threads)
{
	struct mfc_error err;
	struct mfc_spacing out = { .nearest = NAN };
	if (mfc_spacing_measure(n, d, x, threads, &out, &err))
		check(0, "%s", err.message);
	return out;
}

static int near(double got, double want, double tolerance)
{
	return fabs(got - want) <= tolerance * (want == 0 ? 1 : fabs(want));
}

/* n points of a circle, one in each of as many equal arcs: all neighbours are as far for everyone. */
static void circle(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		x[2 * i] = (float)cos(2 * M_PI * (double)i / (double)n);
		x[2 * i + 1] = (float)sin(2 * M_PI * (double)i / (double)n);
	}
	struct mfc_spacing s = measure(n, 2, 2);
	int even = 1;
	for (size_t r = 0; r < MFC_SPACING_RANKS; r++)
		even = even && (n > mfc_spacing_rank[r] ? s.variation[r] >= 0 && s.variation[r] < 1e-4 : isnan(s.variation[r]));
	check(even && near(s.nearest, 2 * sin(M_PI / (double)n), 1e-4) && s.duplicates == 0,
	    "%zu even points of a circle: none varies, nearest %g", n, s.nearest);
}

static void lattice(void)
{
	for (size_t i = 0; i < 512; i++)
		for (size_t j = 0; j < 3; j++)
			x[3 * i + j] = (float)(i >> 3 * j & 7);
	struct mfc_spacing s = measure(512, 3, 1);
	check(s.nearest == 1 && s.variation[0] == 0 && s.variation[1] > 0.05 && s.duplicates == 0,
	    "a cube's lattice: every nearest neighbour at 1, the 8th, on its surface, further: variation %.3f", s.variation[1]);
}

/* Points of a sphere without order: chords squared to the k-th neighbour follow Gamma(k), nearly. */
static void sphere(void)
{
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_TEST, 0, 0);
	mfc_rng_normals(&rng, 0, 3 * MANY, x);
	for (size_t i = 0; i < MANY; i++) {
		float *p = x + 3 * i, norm = sqrtf(p[0] * p[0] + p[1] * p[1] + p[2] * p[2]);
		for (size_t j = 0; j < 3; j++)
			p[j] /= norm;
	}
	struct mfc_spacing s = measure(MANY, 3, 2), again = measure(MANY, 3, 1), thrice = measure(MANY, 3, 3);
	check(memcmp(&again, &thrice, sizeof again) == 0, "one thread and three see the same");
	for (size_t r = 0; r < MFC_SPACING_RANKS; r++) {
		double k = (double)mfc_spacing_rank[r], mean = exp(lgamma(k + 0.5) - lgamma(k)), want = sqrt(k / (mean * mean) - 1);
		check(near(s.variation[r], want, r == 2 ? 0.1 : 0.04), "points of a sphere: neighbour %g varies by %.4f of %.4f", k, s.variation[r], want);
	}
	check(near(s.nearest, sqrt(M_PI / MANY), 0.03), "their nearest is at %.5f of %.5f", s.nearest, sqrt(M_PI / MANY));
	double want = 1 - exp(-0.01 * M_LN2), error = sqrt(want / MANY);
	check(fabs(s.duplicates - want) < 6 * error, "and %.4f of them, by chance %.4f, are near-duplicates", s.duplicates, want);
	/* A sixth of them come again, a hundredth of the spacing away. */
	mfc_rng_normals(&rng, 4 * MANY, 3 * MANY / 6, x + 5 * MANY / 6 * 3);
	for (size_t i = 5 * MANY / 6 * 3; i < 3 * MANY; i++)
		x[i] = x[i - 5 * MANY / 6 * 3] + 1e-4f * x[i];
	s = measure(MANY, 3, 2);
	check(s.duplicates > 1.0 / 3 - 0.01 && s.duplicates < 1.0 / 3 + 0.02 && s.variation[0] > 0.8,
	    "a sixth twice: %.4f are near-duplicates", s.duplicates);
}

static void copies(void)
{
	circle(100);
	memcpy(x + 200, x, 60 * sizeof *x);
	struct mfc_spacing s = measure(130, 2, 3);
	check(near(s.duplicates, 60.0 / 130, 1e-12), "30 of 100 points copied: %g of 130 are near-duplicates", s.duplicates);
	/* Ten more points at 0.09 of the spacing from others, and ten at 0.11: the former, and whom they are near to. */
	for (size_t i = 0; i < 20; i++) {
		double angle = 2 * M_PI / 100 * (4 * (double)i + (i < 10 ? 0.09 : 0.11));
		x[200 + 2 * i] = (float)cos(angle);
		x[201 + 2 * i] = (float)sin(angle);
	}
	s = measure(120, 2, 1);
	check(near(s.duplicates, 20.0 / 120, 1e-12), "near is a tenth of the median: %g of 120 are", s.duplicates);
	memcpy(x + 200, x, 200 * sizeof *x);
	s = measure(200, 2, 3);
	check(s.duplicates == 1 && s.nearest == 0, "all copied: so are all");
}

static double dimension(size_t n, size_t d)
{
	struct mfc_error err = { 0 };
	double found = NAN;
	return mfc_intrinsic_dimension(n, d, x, &found, &err) ? NAN : found;
}

/* Points of a flat piece of m dimensions in four, turned. */
static void flat(size_t m)
{
	struct mfc_rng rng = mfc_rng_make(2, MFC_RNG_TEST, m, 0);
	static const float axis[3][4] = { { 0.5f, 0.5f, 0.5f, 0.5f }, { 0.5f, -0.5f, 0.5f, -0.5f }, { 0.5f, 0.5f, -0.5f, -0.5f } };
	memset(x, 0, sizeof x);
	for (size_t i = 0; i < MANY; i++)
		for (size_t k = 0; k < m; k++) {
			float u = (float)mfc_rng_uniform(&rng);
			for (size_t j = 0; j < 4; j++)
				x[4 * i + j] += u * axis[k][j];
		}
}

static void refuse(size_t n, size_t d, const char *what)
{
	struct mfc_error err = { 0 };
	double found;
	check(mfc_intrinsic_dimension(n, d, x, &found, &err) == -1 && err.message[0], "%s: %s", what, err.message);
}

static void dimensions(void)
{
	for (size_t m = 1; m <= 3; m++) {
		flat(m);
		double found = dimension(MANY, 4);
		check(near(found, (double)m, 0.05), "points of a piece of dimension %zu: %.3f", m, found);
	}
	memcpy(x + 400, x, 400 * sizeof *x);
	refuse(200, 4, "all have copies");
	refuse(2, 4, "two points");
	refuse(1, 4, "one point");
	for (size_t i = 0; i < 50; i++)
		x[i] = (float)i;
	for (size_t i = 50; i < 70; i++)
		x[i] = 1000;
	for (size_t n = 50; n <= 70; n += 20) {
		double found = dimension(n, 1);
		check(near(found, 49 / (2 * M_LN2), 1e-6), "of an even line only the ends tell, and of %zu points at one place none: %.3f", n - 50, found);
	}
}

int main(void)
{
	struct mfc_error err = { 0 };
	struct mfc_spacing out;
	circle(100);
	circle(65);
	circle(64);
	circle(8);
	circle(2);
	lattice();
	sphere();
	copies();
	dimensions();
	check(mfc_spacing_measure(1, 2, x, 1, &out, &err) == -1, "%s", err.message);
	return done();
}
