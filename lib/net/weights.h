/* The parameters of a network in the form that a pass wants: beside the vector of all parameters a copy in which the matrix of every linear
 * layer is transposed, (in, out), so that both directions of a layer run along rows. */
#ifndef MFC_WEIGHTS_H
#define MFC_WEIGHTS_H

#include "net/score.h"

struct mfc_weights {
	const real *params;     /* (parameters), the caller's */
	real *transposed;       /* (parameters): matrices (in, out) at the offsets of those of params; nothing elsewhere */
};

/* Follow params, which must outlive the weights, and take in what they hold now. */
int mfc_weights_create(struct mfc_weights *weights, const struct mfc_score *net, const real *params, struct mfc_error *err);
void mfc_weights_free(struct mfc_weights *weights);
/* Take in what params hold now: share `share` of `shares`, which threads may do at once. */
void mfc_weights_update(struct mfc_weights *weights, const struct mfc_score *net, size_t share, size_t shares);

#endif
