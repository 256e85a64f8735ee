/* Which generation of vectors the kernels of gemm and of the network use: the widest that this processor and compiler know, or less where the
 * environment's MFC_VECTORS says avx2 or none (to compare them). Any other value of it is no limit. */
#ifndef MFC_VECTORS_H
#define MFC_VECTORS_H

/* The compiler knows function attributes for targets. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define MFC_VECTORS
#endif

enum mfc_vectors { MFC_VECTORS_NONE, MFC_VECTORS_AVX2, MFC_VECTORS_AVX512 };

/* Found out on the first call, the same ever after; any thread may ask. */
enum mfc_vectors mfc_vectors(void);

#endif
