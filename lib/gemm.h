/* Products of the shapes that a small network has: many rows, a few dozen to a few hundred columns. Tiles of C stay in registers and little is
 * copied, which is what a general library spends a third of its time on here. Vectors of AVX-512 or AVX2, see vectors.h;
 * without them the product is linalg's. */
#ifndef MFC_GEMM_H
#define MFC_GEMM_H

#include <stdbool.h>
#include <stddef.h>

/* C (m, n) = alpha · op(A) (m, k) · op(B) (k, n) + row, + C itself where `add`. All matrices are row-major, ld* the lengths of their stored
 * rows, op transposes where ta, tb say so; row (n) is added to every row of C, or NULL. With vectors an element is summed over k in an order
 * that is always the same, so not a bit of it depends on which other rows are computed with it. Any number of threads may call it at once. */
void mfc_gemm_float(bool ta, bool tb, size_t m, size_t n, size_t k, float alpha, const float *a, size_t lda, const float *b, size_t ldb,
    const float *row, bool add, float *c, size_t ldc);
void mfc_gemm_double(bool ta, bool tb, size_t m, size_t n, size_t k, double alpha, const double *a, size_t lda, const double *b, size_t ldb,
    const double *row, bool add, double *c, size_t ldc);

#endif
