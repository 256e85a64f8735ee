/* The points among whom a cloud's particles have neighbours, at the cloud's noise. A random subset serves as well as the cloud: what is asked of it is an
 * expectation over ν; and one that grows as s^-2 holds as many points within a distance of s of a surface at all noise levels. */
#ifndef MFC_CROWD_H
#define MFC_CROWD_H

#include "net/cells.h"
#include "net/score.h"

struct mfc_neighbors;

struct mfc_crowd {
	size_t n;                          /* 0: nobody has neighbours */
	real *u;                           /* (n, d) */
	struct mfc_neighbors *tree;        /* of pairwise, */
	struct mfc_cells cells;            /* or of a local term */
};

/* How many of n points the crowd of a cloud at noise level s is of: all for pairwise; for a local term config.crowd · s^-2, none where s is above
 * config.below. s is in units of the data's standard deviation. */
size_t mfc_crowd_size(const struct mfc_score_config *config, double s, size_t n);
/* Of points u (n, d) at noise level s, which become the crowd's own (also on failure). clear frees. */
int mfc_crowd_make(struct mfc_crowd *crowd, const struct mfc_score_config *config, double s, size_t n, real *u, struct mfc_error *err);
void mfc_crowd_clear(struct mfc_crowd *crowd);

#endif
