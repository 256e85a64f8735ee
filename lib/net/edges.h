/* Who is near whom: for every particle i of a batch's clouds the points j of its cloud's crowd in a ball around it, and what an edge's function is
 * told of each: the offset u_j - u_i in units of the ball's radius ρ_i, and ln(ρ_i/σ)/4, σ = s/√(s²+sd²) the noise in the coordinates u.
 *
 *   out_i = mean over j of silu(a_i + E g_ij),   E (W, d + 1), g_ij (d + 1);   0 where there is no j
 *
 * It depends on the others through their positions alone, so that particles can be taken a few at a time. */
#ifndef MFC_EDGES_H
#define MFC_EDGES_H

#include "net/score.h"

struct mfc_neighbors;

/* The points among whom a cloud's particles have neighbours, at the cloud's noise. A random subset serves as well as the cloud: its ball is an
 * expectation over ν; and one that grows as s^-2 holds as many points within a distance of s of a surface at all noise levels, so that the
 * nearest are as near, in s. */
struct mfc_crowd {
	size_t n;                          /* 0: no edges */
	real *u;                           /* (n, d) */
	struct mfc_neighbors *tree;
};
/* How many of n points the crowd of a cloud at noise level s is of: all for pairwise; for a local term config.crowd · s^-2, none where s is above
 * config.below. s is in units of the data's standard deviation. */
size_t mfc_crowd_size(const struct mfc_score_config *config, double s, size_t n);
/* Of points u (n, d), which become the crowd's own (also on failure). clear frees. */
int mfc_crowd_make(struct mfc_crowd *crowd, size_t n, size_t dim, real *u, struct mfc_error *err);
void mfc_crowd_clear(struct mfc_crowd *crowd);

struct mfc_edges {
	size_t features;           /* d + 1 */
	size_t *start;             /* (rows + 1): particle i has edges start[i] … start[i+1]-1 */
	real *feature;             /* (edges, d + 1) */
	size_t row_capacity, capacity;
};
void mfc_edges_clear(struct mfc_edges *edges);

/* Find them anew, in the crowds of the batch: the `neighbors` nearest (fewer where a crowd has fewer), or with 0 all within `radius`, which is in
 * the coordinates u, or where in_noise in units of σ. Memory: 4 (d + 1) bytes an edge. */
int mfc_edges_find(struct mfc_edges *edges, const struct mfc_score_batch *batch, size_t dim, size_t neighbors, double radius, bool in_noise,
    struct mfc_error *err);
/* What the nearest of so many rows take, at most; of balls, whose edges are not known beforehand (neighbors 0), what each row takes without. */
size_t mfc_edges_bytes(size_t dim, size_t rows, size_t neighbors);

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
