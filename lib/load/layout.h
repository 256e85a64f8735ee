/* What a path says of a shape, in the layouts in which the data sets are distributed. The path is that inside what was opened; a nested archive
 * stands in it as a folder named as the archive without its extension, so the folders of the data set are its last ones. SYNSET is one
 * of ShapeNet's numbers, anything else in capitals any name, * any extension; folders before those shown do not matter.
 *
 *     path                                     id                     label               of
 *     SYNSET/MODEL/model.*                     SYNSET/MODEL           name of the synset  ShapeNetCore v1
 *     SYNSET/MODEL/models/model_normalized.*   SYNSET/MODEL           name of the synset  ShapeNetCore v2
 *     SYNSET/SPLIT/MODEL.*                     SYNSET/MODEL           name of the synset  ShapeNetCore.v2.PC15k
 *     SYNSET/SPLIT/17.*                        SYNSET/SPLIT/17        name of the synset  numbers begin anew in each split
 *     SYNSET/points/MODEL.*, SYNSET/MODEL.*    SYNSET/MODEL           name of the synset  ShapeNet's part annotations
 *     SYNSET/…/FILE.*                          SYNSET/…/FILE          name of the synset  other files of a model, up to two folders down
 *     CATEGORY/SPLIT/NAME.*                    CATEGORY/NAME          CATEGORY            ModelNet10 and 40
 *     CATEGORY/CATEGORY_0001.*                 CATEGORY/CATEGORY_0001 CATEGORY            ModelNet40, resampled
 *     models/MODEL.*, models-OBJ/models/…      MODEL                  ""                  ShapeNetSem (the label is in its metadata.csv)
 *     s0001_ORGAN.nii.g_1.stl                  the name without .stl  ORGAN               MedShapeNet, from TotalSegmentator
 *     000001_ORGAN.stl                         the name without .stl  ORGAN               MedShapeNet, from whole-body CT
 *     FOLDER/NAME.*                            path without .*        FOLDER              anything else ("" without a folder)
 *
 * The first two hold for any folder in the place of SYNSET, which is then the label, and without one (label ""). SPLIT is train, val or test;
 * a path of only SPLIT/NAME.* has no label. MedShapeNet's files have no folders of their own; the two patterns cover all of the
 * 15,200 names in MedShapeNet19, a published list over it (10,319 and 4,881; 19 classes, among them bones, muscles and organs). The
 * first counts unless the folder's name is part of the organ's, as "rib" is of rib_left_2, and is the label then; the second where no folder
 * or one named MedShapeNet… holds the file; any other folder is the label. */
#ifndef MFC_LAYOUT_H
#define MFC_LAYOUT_H

#include <stdbool.h>

/* A part of a path longer than 255 bytes, or a path longer than the id, gives way to "~", 16 hexadecimal digits that hash all of it, and as
 * much of its end as there is room for, so that names that differ stay apart. */
struct mfc_layout {
	char id[1024];
	char label[256];
	char split[8];      /* "train", "val", "test" or "" where the path does not say */
};

struct mfc_layout mfc_layout_of(const char *path);
/* Whether the path ends in CATEGORY/CATEGORY_0001.*, as ModelNet40's resampled clouds do. */
bool mfc_layout_numbered(const char *path);
/* The name of a ShapeNet synset ("02691156": "airplane"), or NULL: the 55 of ShapeNetCore, and boat (merged into vessel in v2) and
 * bicycle, which v1's taxonomy has as well. */
const char *mfc_layout_synset(const char *synset);

#endif
