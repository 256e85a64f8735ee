/* Linear layers, forward beside backward. Arrays are row-major and the caller's. A backward adds to the gradients of parameters and, where it
 * says +=, to those of inputs. Source of the formulas, here as in rows.h and attend.h: the chain rule; the tests hold them against
 * differences. */
#ifndef MFC_LAYERS_H
#define MFC_LAYERS_H

#include "net/rows.h"

/* to (columns, rows) = from (rows, columns) transposed; rows lie from_stride and to_stride apart. */
void mfc_transpose(size_t rows, size_t columns, const real *from, size_t from_stride, real *to, size_t to_stride);

/* y (rows, out) = x (rows, in) · wt + b, with wt (in, out), b (out); add: y += instead. */
void mfc_linear_forward(size_t rows, size_t in, size_t out, const real *x, const real *wt, const real *b, bool add, real *y);
/* Its backward in two parts. With w (out, in) = wtᵀ: dx (rows, in) = dy · w, += where add. Then dw += dyᵀ x and db += column sums of dy. */
void mfc_linear_backward(size_t rows, size_t in, size_t out, const real *w, const real *dy, bool add, real *dx);
void mfc_linear_gradient(size_t rows, size_t in, size_t out, const real *x, const real *dy, real *dw, real *db);

#endif
