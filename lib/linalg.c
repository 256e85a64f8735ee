#include "linalg.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Marks the second execution and remembers what the first one found. */
static const char marker[] = "MFC_KERNELS_FROM";

static CBLAS_TRANSPOSE op(bool transpose)
{
	return transpose ? CblasTrans : CblasNoTrans;
}

void mfc_sgemm(bool ta, bool tb, size_t m, size_t n, size_t k, float alpha, const float *a, size_t lda, const float *b, size_t ldb,
    float beta, float *c, size_t ldc)
{
	cblas_sgemm(CblasRowMajor, op(ta), op(tb), (int)m, (int)n, (int)k, alpha, a, (int)lda, b, (int)ldb, beta, c, (int)ldc);
}

void mfc_dgemm(bool ta, bool tb, size_t m, size_t n, size_t k, double alpha, const double *a, size_t lda, const double *b, size_t ldb,
    double beta, double *c, size_t ldc)
{
	cblas_dgemm(CblasRowMajor, op(ta), op(tb), (int)m, (int)n, (int)k, alpha, a, (int)lda, b, (int)ldb, beta, c, (int)ldc);
}

/* The program from its start, with what was set in the environment. Returns where that cannot be. */
static void execute_again(char *const argv[])
{
	execv("/proc/self/exe", argv);
	execvp(argv[0], argv);  /* where /proc is not mounted */
}

void mfc_linalg_single_thread(void)
{
	openblas_set_num_threads(1);
}

void mfc_linalg_confine(char *const argv[])
{
	struct rlimit space;
	if (openblas_get_num_threads() == 1 || getenv("OPENBLAS_NUM_THREADS") || getrlimit(RLIMIT_AS, &space) || space.rlim_cur == RLIM_INFINITY)
		return;
	setenv("OPENBLAS_NUM_THREADS", "1", 1);
	execute_again(argv);
}

const char *mfc_linalg_kernels(void)
{
	return openblas_get_corename();
}

/* The widest vectors that a family of kernels uses: 0 SSE, 1 AVX, 2 AVX2, 3 AVX-512; -1 for a name unknown here. */
static int vectors(const char *kernels)
{
	static const char *const family[] = {
		"Prescott Core2 Penryn Dunnington Nehalem Atom Nano Athlon Opteron Opteron_SSE3 Barcelona Bobcat Katmai Coppermine Northwood Banias",
		"Sandybridge Bulldozer Piledriver Steamroller",
		"Haswell Zen Excavator",
		"SkylakeX Cooperlake SapphireRapids"
	};
	size_t length = strlen(kernels);
	for (int rank = 0; rank < 4; rank++)
		for (const char *p = family[rank]; *p; p += strcspn(p, " "), p += *p == ' ')
			if (strcspn(p, " ") == length && strncasecmp(p, kernels, length) == 0)
				return rank;
	return -1;
}

const char *mfc_linalg_better(const char *kernels, bool avx, bool avx2, bool avx512)
{
	int now = vectors(kernels);
	if (now < 0)
		return NULL;
	if (avx512 && now < 3)
		return "SkylakeX";
	if (avx2 && now < 2)
		return "Haswell";
	if (avx && now < 1)
		return "Sandybridge";
	return NULL;
}

void mfc_linalg_heal(char *const argv[], const char **from)
{
	*from = getenv(marker);
	if (*from || getenv("OPENBLAS_CORETYPE"))
		return;
#ifdef __x86_64__
	__builtin_cpu_init();
	const char *better = mfc_linalg_better(mfc_linalg_kernels(), __builtin_cpu_supports("avx"),
	    __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"),
	    __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
	        __builtin_cpu_supports("avx512vl"));
	if (!better)
		return;
	setenv("OPENBLAS_CORETYPE", better, 1);
	setenv(marker, mfc_linalg_kernels(), 1);
	execute_again(argv);
	unsetenv("OPENBLAS_CORETYPE");
	unsetenv(marker);
#else
	(void)argv;
#endif
}
