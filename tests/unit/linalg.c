/* Products against three loops, and the choice of kernels. */
#include "check.h"
#include "linalg.h"
#include "rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* C = alpha op(A) op(B) + beta C with rows longer than needed; the worst relative deviation from the naive product. */
static void product(int ta, int tb, size_t m, size_t n, size_t k, double alpha, double beta)
{
	size_t lda = (ta ? m : k) + 3, ldb = (tb ? k : n) + 1, ldc = n + 2;
	size_t na = (ta ? k : m) * lda, nb = (tb ? n : k) * ldb, nc = m * ldc;
	float *a = malloc(na * sizeof *a), *b = malloc(nb * sizeof *b), *c = malloc(nc * sizeof *c), *was = malloc(nc * sizeof *was);
	double *da = malloc(na * sizeof *da), *db = malloc(nb * sizeof *db), *dc = malloc(nc * sizeof *dc), worst = 0, dworst = 0;
	struct mfc_rng rng = mfc_rng_make(m * 100 + n * 10 + k, MFC_RNG_TEST, 0, 0);
	mfc_rng_normals(&rng, 0, na, a);
	mfc_rng_normals(&rng, na, nb, b);
	mfc_rng_normals(&rng, na + nb, nc, c);
	memcpy(was, c, nc * sizeof *c);
	for (size_t i = 0; i < na; i++)
		da[i] = a[i];
	for (size_t i = 0; i < nb; i++)
		db[i] = b[i];
	for (size_t i = 0; i < nc; i++)
		dc[i] = c[i];
	mfc_sgemm(ta, tb, m, n, k, (float)alpha, a, lda, b, ldb, (float)beta, c, ldc);
	mfc_dgemm(ta, tb, m, n, k, alpha, da, lda, db, ldb, beta, dc, ldc);
	int outside = 1;
	for (size_t i = 0; i < m; i++)
		for (size_t j = 0; j < ldc; j++) {
			double sum = 0;
			for (size_t l = 0; l < k && j < n; l++)
				sum += (double)(ta ? a[l * lda + i] : a[i * lda + l]) * (tb ? b[j * ldb + l] : b[l * ldb + j]);
			double want = j < n ? alpha * sum + beta * was[i * ldc + j] : was[i * ldc + j];
			outside = outside && (j < n || c[i * ldc + j] == was[i * ldc + j]);
			worst = fmax(worst, fabs(c[i * ldc + j] - want) / (1 + sqrt((double)k)));
			dworst = fmax(dworst, fabs(dc[i * ldc + j] - want) / (1 + sqrt((double)k)));
		}
	check(outside && worst < 2e-6 && dworst < 1e-14, "%s%s (%zu, %zu, %zu): float %.1e, double %.1e", ta ? "A'" : "A", tb ? "B'" : "B", m, n, k, worst, dworst);
	free(a), free(b), free(c), free(was), free(da), free(db), free(dc);
}

static void better(const char *now, int avx, int avx2, int avx512, const char *want)
{
	const char *got = mfc_linalg_better(now, avx, avx2, avx512);
	check(want ? got && strcmp(got, want) == 0 : !got, "%s with%s%s%s: %s", now, avx ? " avx" : "", avx2 ? " avx2" : "", avx512 ? " avx512" : "", got ? got : "stays");
}

int main(void)
{
	mfc_linalg_single_thread();
	for (int t = 0; t < 4; t++) {
		product(t & 1, t >> 1, 1, 1, 1, 1, 0);
		product(t & 1, t >> 1, 7, 5, 3, 1, 1);
		product(t & 1, t >> 1, 33, 65, 129, -0.5, 0.25);
	}
	product(0, 0, 4, 4, 4, 0, 0);
	better("Prescott", 1, 1, 1, "SkylakeX");
	better("prescott", 1, 1, 0, "Haswell");
	better("Prescott", 1, 0, 0, "Sandybridge");
	better("Prescott", 0, 0, 0, NULL);
	better("Nehalem", 1, 1, 0, "Haswell");
	better("Sandybridge", 1, 1, 1, "SkylakeX");
	better("Sandybridge", 1, 0, 0, NULL);
	better("Haswell", 1, 1, 0, NULL);
	better("Haswell", 1, 1, 1, "SkylakeX");
	better("Zen", 1, 1, 0, NULL);
	better("SkylakeX", 1, 1, 1, NULL);
	better("Cooperlake", 1, 1, 1, NULL);
	better("armv8", 1, 1, 1, NULL);
	better("Has", 1, 1, 1, NULL);
	check(mfc_linalg_kernels() && mfc_linalg_kernels()[0], "kernels in use: %s", mfc_linalg_kernels());
	return done();
}
