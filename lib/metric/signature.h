/* Signatures of failure in a set of generated clouds (method.md §7.5), each with a threshold that independent samples of the law set: reference clouds. */
#ifndef MFC_SIGNATURE_H
#define MFC_SIGNATURE_H

#include "metric/correlation.h"

#include <stdbool.h>
#include <stdint.h>

#define MFC_SIGNATURE_CLOUDS 0.05   /* share of single clouds of the law that are beyond a threshold of single clouds, */
#define MFC_SIGNATURE_LEVEL 0.01    /* and of sets that would be beyond one of sets, were both sides draws of one law */
#define MFC_SIGNATURE_SPLITS 2000
#define MFC_SIGNATURE_LEAST 8      /* reference clouds */

struct mfc_signature {
	double generated;   /* the figure of the generated clouds */
	double threshold;   /* beyond which it is not that of independent samples */
};

/* Share q of x (n), n ≥ 1, between its order statistics linearly; sorts x. NAN where one is not a number. */
double mfc_signature_quantile(size_t n, double *x, double q);

/* A figure of single clouds, reference (r ≥ 2) and generated (g), which are sorted: the median of the generated ones, and what another cloud of the
 * reference clouds' law is above, or below, with probability MFC_SIGNATURE_CLOUDS, whatever the law, exactly where the rank is whole
 * and nearly between: the reference figure of rank
 * MFC_SIGNATURE_CLOUDS (r + 1) from the end, linearly between two (Wilks, Determination of Sample Sizes for Setting Tolerance Limits, 1941). Where r
 * is below 1 / MFC_SIGNATURE_CLOUDS - 1 the last is not far enough out, and the threshold is as far again beyond it as it is from the median. */
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
