/* Private to lib/metric/assign: shortest augmenting paths (Jonker and Volgenant 1987), which look at few of a row's columns. */
#ifndef MFC_AUGMENT_H
#define MFC_AUGMENT_H

#include "metric/assign.h"

struct mfc_augment;

int mfc_augment_create(struct mfc_augment **paths, size_t n, size_t stride, struct mfc_error *err);
void mfc_augment_free(struct mfc_augment *paths);

/* Forget the candidates of an earlier problem: a->cost is another. most: the largest cost. */
void mfc_augment_begin(struct mfc_assign *a, double most);
/* Assign the free row s by the shortest path in reduced costs cost - u - v, which must not be negative and be 0 on assigned
 * pairs. Moves the prices so that this stays true: v only falls. Returns by how much Σ u + Σ v, the lower bound of the
 * least cost, has risen. */
double mfc_augment_row(struct mfc_assign *a, size_t s);

#endif
