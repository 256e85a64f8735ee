/* Pairs of clouds measured one by one, on several threads: what has no bound to leave pairs out by. */
#ifndef MFC_PAIRS_H
#define MFC_PAIRS_H

#include "metric/sets.h"
#include <stdint.h>

struct mfc_pair {
	double bound;      /* for whoever wants to sort them; 0 */
	uint32_t i, j;
};
/* The pairs (i, j) that d is of, row by row: of a[i] and b[j], or of a[i] and a[j], i < j, where b is NULL; of its block alone. The caller frees
 * *pair (total). */
int mfc_pairs_list(const struct mfc_distances *d, struct mfc_pair **pair, size_t *total, struct mfc_error *err);
/* Call measure for the pairs that d is of (a, b, their counts, block and blocks; matrices and reference are not looked at), several at once on d->threads,
 * and measured and progress between them. Stops at the first that fails. */
int mfc_pairs_each(const struct mfc_distances *d, int (*measure)(void *context, size_t i, size_t j, struct mfc_error *err), void *context,
    struct mfc_error *err);

#endif
