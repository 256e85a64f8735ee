/* Dense products. The only user of cblas. All matrices are row-major. */
#ifndef MFC_LINALG_H
#define MFC_LINALG_H

#include <stdbool.h>
#include <stddef.h>

/* C (m, n) = alpha · op(A) (m, k) · op(B) (k, n) + beta · C; op transposes where ta, tb say so; ld* are the lengths of the
 * stored rows. Dimensions above INT_MAX are the caller's business. Runs in the calling thread alone after
 * mfc_linalg_single_thread(), and may then be called from several threads at once. */
void mfc_sgemm(bool ta, bool tb, size_t m, size_t n, size_t k, float alpha, const float *a, size_t lda, const float *b, size_t ldb,
    float beta, float *c, size_t ldc);
void mfc_dgemm(bool ta, bool tb, size_t m, size_t n, size_t k, double alpha, const double *a, size_t lda, const double *b, size_t ldb,
    double beta, double *c, size_t ldc);

/* OpenBLAS' own threads off: the program's threads each work on clouds of their own. */
void mfc_linalg_single_thread(void);

/* Call in main(), before anything is read: OpenBLAS begins a thread a processor when it is loaded, of which each takes 128 MiB, and waits without end
 * where address space is limited (RLIMIT_AS) to less. There the program is executed again, once, with OPENBLAS_NUM_THREADS set to 1. */
void mfc_linalg_confine(char *const argv[]);

/* The name of the kernels in use, as OpenBLAS calls them: "Haswell", "Prescott", … */
const char *mfc_linalg_kernels(void);

/* An OpenBLAS that is older than the processor falls back to SSE3 kernels, several times slower. The kernels that suit a processor
 * with these abilities better than the ones named, or NULL when those are as good or unknown here. */
const char *mfc_linalg_better(const char *kernels, bool avx, bool avx2, bool avx512);

/* Call first in main(), before anything is read: where better kernels exist and the user chose none (OPENBLAS_CORETYPE), sets
 * that variable and executes the program again, once. Returns otherwise; then *from names the kernels that OpenBLAS took by
 * itself before such a restart, or is NULL. */
void mfc_linalg_heal(char *const argv[], const char **from);

#endif
