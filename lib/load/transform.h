/* Normalisation and augmentation of clouds. */
#ifndef MFC_TRANSFORM_H
#define MFC_TRANSFORM_H

#include "cloud.h"
#include "rng.h"

/* The data set conventions: set-std applies one center and scale to every cloud (the set's mean per axis and its standard deviation over all
 * coordinates); the others take them from each cloud: cloud-sphere (centroid, farthest point 1), cloud-box (centre of the bounding
 * box, half the longest side 1), cloud-std (mean, standard deviation 1). */
enum mfc_normalize { MFC_NORMALIZE_NONE, MFC_NORMALIZE_SPHERE, MFC_NORMALIZE_BOX, MFC_NORMALIZE_STD, MFC_NORMALIZE_SET };
/* Named as above; false for another name. */
bool mfc_normalize_named(const char *name, enum mfc_normalize *how);
const char *mfc_normalize_name(enum mfc_normalize how);

/* x becomes (x - center)/scale, and the cloud's center and scale lead back to where it came from; center (d). */
int mfc_transform_apply(struct mfc_cloud *cloud, const double *center, double scale, struct mfc_error *err);
/* By the cloud's own statistics (not SET). A cloud without extent is an error. */
int mfc_transform_normalize(struct mfc_cloud *cloud, enum mfc_normalize how, struct mfc_error *err);

/* The mean of the first `dims` coordinates to 0; `center` leads back. */
int mfc_transform_center(struct mfc_cloud *cloud, size_t dims, struct mfc_error *err);

/* Statistics of a set: add clouds, then finish. */
struct mfc_statistics { size_t dim; double count, *sum, *square; };
int mfc_statistics_add(struct mfc_statistics *s, const struct mfc_cloud *cloud, struct mfc_error *err);
/* center (dim) and *scale; frees s. */
int mfc_statistics_finish(struct mfc_statistics *s, double *center, double *scale, struct mfc_error *err);

/* Random changes of a cloud about the origin, such as "mirror:x,scale:0.1,rotate:y:10": mirrored across the plane of an axis or not, scaled by 1 ±
 * 0.1, rotated about an axis by up to ±10 degrees (three dimensions or, of more, the first three). Normals (key "normal") follow. */
struct mfc_augment { bool mirror[3]; double scale; double rotate[3]; };
int mfc_augment_parse(struct mfc_augment *a, const char *text, struct mfc_error *err);
int mfc_augment_apply(const struct mfc_augment *a, struct mfc_cloud *cloud, struct mfc_rng *rng, struct mfc_error *err);

#endif
