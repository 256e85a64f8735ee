/* The precision of the network: float. The gradient tests compile the same files in double. */
#ifndef MFC_REAL_H
#define MFC_REAL_H

#include "gemm.h"
#include "wide.h"

#include <math.h>
#include <stdint.h>

#ifdef MFC_DOUBLE
typedef double real;
#define mfc_gemm mfc_gemm_double
#else
typedef float real;
#define mfc_gemm mfc_gemm_float
#endif

/* Compiled once for each generation of vectors, chosen when the program starts. */
#define MFC_VECTORISED MFC_CLONES("default", "arch=x86-64-v3", "arch=x86-64-v4")

#endif
