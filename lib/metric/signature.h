/* Signatures of failure in a set of generated clouds (method.md §7.5), each with a threshold that independent samples of the law set: reference clouds. */
#ifndef MFC_SIGNATURE_H
#define MFC_SIGNATURE_H

#include "metric/correlation.h"

#include <stdbool.h>
#include <stdint.h>

#define MFC_SIGNATURE_CLOUDS 0.05   /* share of single reference clouds that are beyond a threshold of single clouds, */
#define MFC_SIGNATURE_LEVEL 0.01    /* and of sets that would be beyond one of sets, were both sides draws of one law */
#define MFC_SIGNATURE_SPLITS 2000
#define MFC_SIGNATURE_LEAST 8      /* reference clouds */

struct mfc_signature {
	double generated;   /* the figure of the generated clouds */
	double threshold;   /* beyond which it is not that of independent samples */
};

/* Share q of x (n), n ≥ 1, between its order statistics linearly; sorts x. NAN where one is not a number. */
double mfc_signature_quantile(size_t n, double *x, double q);

/* A figure of single clouds, reference (r) and generated (g), which are sorted: the median of the generated ones, and what
 * MFC_SIGNATURE_CLOUDS of the reference ones are above, or below. */
struct mfc_signature mfc_signature_of_clouds(size_t r, double *reference, size_t g, double *generated, bool above);

/* Figures of sets: the threshold is that of a permutation test (Fisher 1935; exact, whatever the law): all clouds are shuffled and split anew into as many
 * reference and generated ones, MFC_SIGNATURE_SPLITS times. */
/* Coverage: the share of the reference clouds that are the nearest of some generated one (COV, Achlioptas et al. 2018); below it is collapse.
 * distance (r + g, r + g), reference first; of clouds equally near one is the nearest. */
int mfc_signature_coverage(size_t r, size_t g, const double *distance, uint64_t seed, struct mfc_signature *out, struct mfc_error *err);
/* The correlation of two particles (correlation.h) of the generated clouds. NAN where they are fewer than 2. */
int mfc_signature_correlation(const struct mfc_correlation *reference, const struct mfc_correlation *generated, uint64_t seed, struct mfc_signature *out,
    struct mfc_error *err);

#endif
