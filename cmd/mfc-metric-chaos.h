/* What mfc-metric chaos measures of each cloud, and its verdict. */
#ifndef MFC_METRIC_CHAOS_H
#define MFC_METRIC_CHAOS_H

#include "mfc-metric.h"

#include "metric/correlation.h"
#include "metric/spacing.h"
#include "metric/uniformity.h"

enum { CHAOS_NEAREST, CHAOS_DUPLICATES, CHAOS_VARIATION, CHAOS_DIMENSION = CHAOS_VARIATION + MFC_SPACING_RANKS, CHAOS_UNIFORMITY,
	CHAOS_MEASURES = CHAOS_UNIFORMITY + MFC_UNIFORMITY_SHARES };
extern const char *const chaos_name[CHAOS_MEASURES];

/* The clouds of a stream, measured one at a time. */
struct chaos_side {
	struct metric *m;
	const char *name;
	size_t clouds;
	double (*value)[CHAOS_MEASURES];   /* (clouds) */
	/* For the verdict: */
	bool keep;
	struct mfc_correlation correlation;
	struct mfc_points *shape;          /* (clouds), of a subset of the points, which are its own */
};

/* What the verdict needs of a cloud beside its measures, side->value[side->clouds - 1]. */
void chaos_keep(struct chaos_side *side, const struct mfc_cloud *cloud);
/* Print the signatures; sorts the values, and frees what was kept. */
void chaos_verdict(FILE *out, const struct chaos_side *generated, const struct chaos_side *reference);

#endif
