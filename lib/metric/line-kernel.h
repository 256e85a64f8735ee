/* Transport on a line, where it is that of sorted numbers, by plain or squared distances. Included with LINE, float or double: what the numbers are kept
 * in. */
#include "wide.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
	LINE x = *(const LINE *)a, y = *(const LINE *)b;
	return (x > y) - (x < y);
}

/* The points x (n, dim) along u (dim), sorted, to `to` (n). */
static void line_project(size_t n, size_t dim, const float *x, const float *u, LINE *to)
{
	for (size_t i = 0; i < n; i++) {
		double sum = 0;
		for (size_t k = 0; k < dim; k++)
			sum += (double)u[k] * (double)x[i * dim + k];
		to[i] = (LINE)sum;
	}
	qsort(to, n, sizeof *to, ascending);
}

/* Σ of |a - b| or its square, in sums of eight for the sake of vectors. */
MFC_WIDE static double line_apart(size_t n, const LINE *a, const LINE *b, bool squared)
{
	double lane[8] = { 0 }, sum = 0;
	size_t whole = n / 8 * 8;
	for (size_t i = 0; i < whole; i += 8)
		for (size_t l = 0; l < 8; l++) {
			double d = fabs((double)a[i + l] - (double)b[i + l]);
			lane[l] += squared ? d * d : d;
		}
	for (size_t i = whole; i < n; i++)
		sum += squared ? pow((double)a[i] - (double)b[i], 2) : fabs((double)a[i] - (double)b[i]);
	for (size_t l = 0; l < 8; l++)
		sum += lane[l];
	return sum;
}

/* The EMD of sorted a (n) and b (m). Of different numbers, what is left of a point of a, in n m-ths of the whole, goes to the next of b. */
static double line_emd(size_t n, const LINE *a, size_t m, const LINE *b, bool squared)
{
	double sum = 0;
	size_t here = m, there = n;
	if (n == m)
		return line_apart(n, a, b, squared) / (double)n;
	for (size_t i = 0, j = 0; i < n && j < m; ) {
		size_t part = here < there ? here : there;
		double d = fabs((double)a[i] - (double)b[j]);
		sum += (double)part * (squared ? d * d : d);
		here -= part;
		there -= part;
		i += here == 0;
		j += there == 0;
		here = here ? here : m;
		there = there ? there : n;
	}
	return sum / ((double)n * (double)m);
}
