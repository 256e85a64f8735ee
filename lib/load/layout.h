/* What a path says of a shape, in the layouts in which the data sets are distributed: ShapeNetCore v1 and v2, ShapeNetCore.v2.PC15k, ModelNet,
 * and plain folders. */
#ifndef MFC_LAYOUT_H
#define MFC_LAYOUT_H

struct mfc_layout {
	char id[512];       /* "02691156/a1b2…", "chair/chair_0001", or the path without its extension */
	char label[128];    /* the category: a synset's name where it is one, or the folder; "" at the top */
	char split[8];      /* "train", "val", "test" or "" where the path does not say */
};

struct mfc_layout mfc_layout_of(const char *path);
/* The name of a ShapeNet synset ("02691156": "airplane"), or NULL. */
const char *mfc_layout_synset(const char *synset);

#endif
