#include "net/layers.h"

void mfc_transpose(size_t rows, size_t columns, const real *from, size_t from_stride, real *to, size_t to_stride)
{
	enum { BLOCK = 16 };   /* a cache line of either side */
	for (size_t i0 = 0; i0 < rows; i0 += BLOCK)
		for (size_t j0 = 0; j0 < columns; j0 += BLOCK)
			for (size_t j = j0; j < columns && j < j0 + BLOCK; j++)
				for (size_t i = i0; i < rows && i < i0 + BLOCK; i++)
					to[j * to_stride + i] = from[i * from_stride + j];
}

void mfc_linear_forward(size_t rows, size_t in, size_t out, const real *x, const real *wt, const real *b, bool add, real *y)
{
	mfc_gemm(false, false, rows, out, in, 1, x, in, wt, out, b, add, y, out);
}

void mfc_linear_backward(size_t rows, size_t in, size_t out, const real *w, const real *dy, bool add, real *dx)
{
	mfc_gemm(false, false, rows, in, out, 1, dy, out, w, in, NULL, add, dx, in);
}

void mfc_linear_gradient(size_t rows, size_t in, size_t out, const real *x, const real *dy, real *dw, real *db)
{
	mfc_gemm(true, false, out, in, rows, 1, dy, out, x, in, NULL, true, dw, in);
	mfc_rows_sum(rows, out, dy, db);
}
