/* gemm.c in double. */
#define MFC_DOUBLE
#include "gemm.c"
