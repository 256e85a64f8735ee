#include "gemm.h"
#include "linalg.h"
#include "vectors.h"

#include <string.h>

#ifdef MFC_VECTORS

#define REAL float
#define NAME(x) x##_float_512
#define BYTES 64
#define TARGET __attribute__((target("arch=x86-64-v4")))
#define VECTORS 4
#define ROWS(v) ((v) == 1 ? 16 : 24 / (v))
#include "gemm-kernel.h"

#define REAL double
#define NAME(x) x##_double_512
#define BYTES 64
#define TARGET __attribute__((target("arch=x86-64-v4")))
#define VECTORS 4
#define ROWS(v) ((v) == 1 ? 16 : 24 / (v))
#include "gemm-kernel.h"

#define REAL float
#define NAME(x) x##_float_256
#define BYTES 32
#define TARGET __attribute__((target("arch=x86-64-v3")))
#define VECTORS 2
#define ROWS(v) (12 / (v))
#include "gemm-kernel.h"

#define REAL double
#define NAME(x) x##_double_256
#define BYTES 32
#define TARGET __attribute__((target("arch=x86-64-v3")))
#define VECTORS 2
#define ROWS(v) (12 / (v))
#include "gemm-kernel.h"

#endif

/* linalg's product with the same contract. */
#define GENERAL(name, REAL, product) \
	static void name(bool ta, bool tb, size_t m, size_t n, size_t k, REAL alpha, const REAL *a, size_t lda, const REAL *b, size_t ldb, \
	    const REAL *row, bool add, REAL *c, size_t ldc) \
	{ \
		for (size_t i = 0; row && i < m; i++) \
			for (size_t j = 0; j < n; j++) \
				c[i * ldc + j] = add ? c[i * ldc + j] + row[j] : row[j]; \
		product(ta, tb, m, n, k, alpha, a, lda, b, ldb, add || row, c, ldc); \
	}
GENERAL(general_float, float, mfc_sgemm)
GENERAL(general_double, double, mfc_dgemm)

void mfc_gemm_float(bool ta, bool tb, size_t m, size_t n, size_t k, float alpha, const float *a, size_t lda, const float *b, size_t ldb,
    const float *row, bool add, float *c, size_t ldc)
{
	if (m == 0 || n == 0)
		return;
#ifdef MFC_VECTORS
	if (mfc_vectors() == MFC_VECTORS_AVX512)
		gemm_float_512(ta, tb, m, n, k, alpha, a, lda, b, ldb, row, add, c, ldc);
	else if (mfc_vectors() == MFC_VECTORS_AVX2)
		gemm_float_256(ta, tb, m, n, k, alpha, a, lda, b, ldb, row, add, c, ldc);
	else
#endif
		general_float(ta, tb, m, n, k, alpha, a, lda, b, ldb, row, add, c, ldc);
}

void mfc_gemm_double(bool ta, bool tb, size_t m, size_t n, size_t k, double alpha, const double *a, size_t lda, const double *b, size_t ldb,
    const double *row, bool add, double *c, size_t ldc)
{
	if (m == 0 || n == 0)
		return;
#ifdef MFC_VECTORS
	if (mfc_vectors() == MFC_VECTORS_AVX512)
		gemm_double_512(ta, tb, m, n, k, alpha, a, lda, b, ldb, row, add, c, ldc);
	else if (mfc_vectors() == MFC_VECTORS_AVX2)
		gemm_double_256(ta, tb, m, n, k, alpha, a, lda, b, ldb, row, add, c, ldc);
	else
#endif
		general_double(ta, tb, m, n, k, alpha, a, lda, b, ldb, row, add, c, ldc);
}
