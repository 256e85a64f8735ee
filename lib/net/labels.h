/* The labels of a conditional network: which name has which row of its table. A model's header (mfc-model(5)) says how many rows there are, in
 * "model", and keeps the names in "labels": a map of "key", the key of a record that holds its name, and "names", in the order of the rows. The
 * row behind the last one is the null label's. The functions take such a header; it must be one that mfc_labels_begin or mfc_model_read left. */
#ifndef MFC_LABELS_H
#define MFC_LABELS_H

#include "cloud.h"

#define MFC_LABEL_BYTES 255   /* the longest name */

/* Begin with no names. An error where the key is one that mfc-stream(5) has for something else. */
int mfc_labels_begin(struct mfc_value *header, const char *key, struct mfc_error *err);

/* Whether "labels" is as it should be: a key, and names that are distinct, of 1 to MFC_LABEL_BYTES bytes, and no more than there are rows. */
int mfc_labels_check(const struct mfc_value *header, struct mfc_error *err);

/* The row of a name, the null row for NULL. A name that is unknown is an error, which says some that are not. */
int mfc_labels_find(const struct mfc_value *header, const char *name, size_t *row, struct mfc_error *err);

/* Give a name that is unknown the next row; an error where none is left. */
int mfc_labels_learn(struct mfc_value *header, const char *name, struct mfc_error *err);

/* A cloud's name, borrowed from it; NULL where it has none or an empty one. set(NULL) takes it away. */
int mfc_labels_get(const struct mfc_value *header, const struct mfc_cloud *cloud, const char **name, struct mfc_error *err);
int mfc_labels_set(const struct mfc_value *header, struct mfc_cloud *cloud, const char *name, struct mfc_error *err);

#endif
