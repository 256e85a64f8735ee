#include "vectors.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static enum mfc_vectors find(void)
{
	enum mfc_vectors widest = MFC_VECTORS_NONE;
#ifdef MFC_VECTORS
	if (__builtin_cpu_supports("x86-64-v4"))
		widest = MFC_VECTORS_AVX512;
	else if (__builtin_cpu_supports("x86-64-v3"))
		widest = MFC_VECTORS_AVX2;
#endif
	const char *limit = getenv("MFC_VECTORS");
	if (limit && strcmp(limit, "none") == 0)
		return MFC_VECTORS_NONE;
	if (limit && strcmp(limit, "avx2") == 0 && widest > MFC_VECTORS_AVX2)
		return MFC_VECTORS_AVX2;
	return widest;
}

enum mfc_vectors mfc_vectors(void)
{
	static atomic_int found = -1;
	int now = atomic_load_explicit(&found, memory_order_relaxed);
	if (now < 0)
		atomic_store_explicit(&found, now = (int)find(), memory_order_relaxed);
	return (enum mfc_vectors)now;
}
