/* A column of numbers that name kinds (the elements of atoms), as coordinates that can diffuse: a column for each kind, `scale` in that of the
 * particle's own and 0 in the others, in place of the numbers; and the way back, by the largest. In a header (mfc-stream(5)) it is the key "one_hot". */
#ifndef MFC_ONEHOT_H
#define MFC_ONEHOT_H

#include "cloud.h"

#define MFC_ONEHOT_MAX 128

struct mfc_onehot {
	size_t column;                  /* of the numbers, from 1: of the coordinates or, after these, of the array "columns" */
	size_t count;                   /* of kinds; 0: no such thing */
	double value[MFC_ONEHOT_MAX];   /* theirs, each once */
	double scale;                   /* in the units of the data */
};

/* "COLUMN:VALUE,VALUE,...[:SCALE]"; SCALE 1 by default. */
int mfc_onehot_parse(struct mfc_onehot *h, const char *text, struct mfc_error *err);
/* From the header's value, count 0 where v is NULL; and that value. */
int mfc_onehot_from_value(struct mfc_onehot *h, const struct mfc_value *v, struct mfc_error *err);
int mfc_onehot_to_value(const struct mfc_onehot *h, struct mfc_value *v, struct mfc_error *err);
bool mfc_onehot_same(const struct mfc_onehot *a, const struct mfc_onehot *b);

/* x (N, d) without its column of numbers, if it is one of x, and with the kinds' after the rest. A number that is none of the kinds is an error. No eps. */
int mfc_onehot_encode(const struct mfc_onehot *h, struct mfc_cloud *cloud, struct mfc_error *err);
/* The way back, in the units of the data: x has the numbers as its column again, or as the last where it has fewer. */
int mfc_onehot_decode(const struct mfc_onehot *h, struct mfc_cloud *cloud, struct mfc_error *err);

#endif
