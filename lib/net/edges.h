/* Who is near whom in the pairwise network: for every particle i of a batch's clouds the points j of its cloud's crowd in a ball around it, and what an
 * edge's function is told of each: the offset u_j - u_i in units of the ball's radius ρ, and ln(ρ/σ)/4, σ = s/√(s²+sd²) the noise in the coordinates u.
 *
 *   out_i = mean over j of silu(a_i + E g_ij),   E (W, d + 1), g_ij (d + 1);   0 where there is no j
 *
 * It depends on the others through their positions alone, so that particles can be taken a few at a time. */
#ifndef MFC_EDGES_H
#define MFC_EDGES_H

#include "net/score.h"

struct mfc_edges {
	size_t features;           /* d + 1 */
	size_t *start;             /* (rows + 1): particle i has edges start[i] … start[i+1]-1 */
	real *feature;             /* (edges, d + 1) */
	size_t row_capacity, capacity;
};
void mfc_edges_clear(struct mfc_edges *edges);

/* Find them anew, in the crowds of the batch: all within `radius`, which is in the coordinates u. Memory: 4 (d + 1) bytes an edge. */
int mfc_edges_find(struct mfc_edges *edges, const struct mfc_score_batch *batch, size_t dim, double radius, struct mfc_error *err);
/* What so many rows take without their edges, whose number is not known beforehand. */
size_t mfc_edges_bytes(size_t rows);

/* The function of the edges of rows [first, first + count): out (count, width) from a (count, width), whose rows lie a_stride apart (0: one for all);
 * et (d + 1, width) is E transposed. */
struct mfc_edge_function {
	size_t width, a_stride;
	const real *et, *a;
};
void mfc_edges_forward(const struct mfc_edges *edges, const struct mfc_edge_function *f, size_t first, size_t count, real *out);
/* From dout (count, width): da += as a lies, det (d + 1, width) +=. */
void mfc_edges_backward(const struct mfc_edges *edges, const struct mfc_edge_function *f, size_t first, size_t count, const real *dout, real *da,
    real *det);

#endif
