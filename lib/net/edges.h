/* Who is near whom: for every particle i of a batch's clouds the particles j of its cloud in a ball around it, itself among them, and what an
 * edge's function is told of each: the offset u_j - u_i in units of the ball's radius ρ_i, and ln(ρ_i/σ)/4, σ = s/√(s²+1) the noise in the
 * coordinates u (for data of standard deviation 1).
 *
 *   out_i = mean over j of silu(a_i + b_j + E g_ij),   E (W, d + 1), g_ij (d + 1)
 */
#ifndef MFC_EDGES_H
#define MFC_EDGES_H

#include "net/score.h"

struct mfc_edges {
	size_t features;           /* d + 1 */
	size_t *start;             /* (rows + 1): particle i has edges start[i] … start[i+1]-1 */
	uint32_t *index;           /* (edges): j, a row of the batch */
	real *feature;             /* (edges, d + 1) */
	size_t row_capacity, capacity;
};
void mfc_edges_clear(struct mfc_edges *edges);

/* Find them anew: the `neighbors` nearest (fewer where a cloud has fewer), or with 0 all within `radius`, which is in the coordinates u, or where
 * in_noise in units of σ. Fewer than 2^32 rows. Memory: 4 (d + 2) bytes an edge. Time: O(N log N) and the edges, which of a ball that does not
 * shrink are O(N²). */
int mfc_edges_find(struct mfc_edges *edges, const struct mfc_score_batch *batch, size_t dim, size_t neighbors, double radius, bool in_noise,
    struct mfc_error *err);
/* What the nearest of so many rows take, at most; of balls, whose edges are not known beforehand (neighbors 0), what each row takes without. */
size_t mfc_edges_bytes(size_t dim, size_t rows, size_t neighbors);

/* The function of the edges of rows [first, first + count): out (count, width) from a (count, width), whose rows lie a_stride apart (0: one for all),
 * and b, of all rows of the batch, likewise; et (d + 1, width) is E transposed. */
struct mfc_edge_function {
	size_t width, a_stride, b_stride;
	const real *et, *a, *b;
};
void mfc_edges_forward(const struct mfc_edges *edges, const struct mfc_edge_function *f, size_t first, size_t count, real *out);
/* From dout (count, width): da, db += as a and b lie, det (d + 1, width) +=. */
void mfc_edges_backward(const struct mfc_edges *edges, const struct mfc_edge_function *f, size_t first, size_t count, const real *dout, real *da,
    real *db, real *det);

#endif
