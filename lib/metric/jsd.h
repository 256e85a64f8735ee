/* The Jensen-Shannon divergence of where two sets of clouds have their points (Achlioptas et al. 2018, latent_3d_points). */
#ifndef MFC_JSD_H
#define MFC_JSD_H

#include "error.h"
#include <stddef.h>
#include <stdint.h>

#define MFC_JSD_CELLS 28      /* grid points an axis, on [-0.5, 0.5] */
#define MFC_JSD_MARGIN 0.001  /* how far outside the cube the peers still call inside */

/* A grid and the counts of two sets. Cells are the points of a 28^dim lattice on the unit cube that lie within the sphere
 * of radius 0.5; a point is counted in its nearest cell, the first in lattice order of those equally near. */
struct mfc_jsd;
/* dim 1, 2 or 3. */
int mfc_jsd_create(struct mfc_jsd **jsd, size_t dim, struct mfc_error *err);
void mfc_jsd_free(struct mfc_jsd *jsd);

/* Count scale · x for the points x (n, dim) of a cloud of set 0 or 1. */
void mfc_jsd_count(struct mfc_jsd *jsd, int set, size_t n, const float *x, double scale);
/* How many cells there are, and in which, below that, a point scale · x (dim) is counted. */
size_t mfc_jsd_cells(const struct mfc_jsd *jsd);
uint32_t mfc_jsd_cell(const struct mfc_jsd *jsd, const float *x, double scale);
/* Base 2: 0 for equal occupancies, 1 for disjoint ones. Each set must hold a point. */
double mfc_jsd_value(const struct mfc_jsd *jsd);
/* The same of any two counts (cells) each. */
double mfc_jsd_divergence(size_t cells, const uint64_t *p, const uint64_t *q);

/* The one factor that brings both sets into the cube: 1 where `farthest`, the largest |coordinate| of the reference set, is inside
 * already, or else 0.5 / farthest. */
double mfc_jsd_scale(double farthest);

#endif
