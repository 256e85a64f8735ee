/* Subdivision levels (score-network.md, Levels): level k holds the noise levels s in [s_low(k), s_low(k-1)), is trained with
 * `points` particles a cloud and `batch` clouds a step. */
#ifndef MFC_LEVELS_H
#define MFC_LEVELS_H

#include "value.h"

#define MFC_MAX_LEVELS 16
#define MFC_S_MIN 0.004      /* training draws ln s ~ N(-0.6, 1.4²) clamped to [MFC_S_MIN, MFC_S_MAX] */
#define MFC_S_MAX 60.0
#define MFC_S_START 20.0     /* where sampling starts */

struct mfc_level {
	double s_low;            /* lower boundary; 0 for the last */
	size_t points, batch;
};

struct mfc_levels {
	size_t count;
	struct mfc_level level[MFC_MAX_LEVELS];
};

/* "2:128:16,0.5:256:8,0:512:8" (the default): S falling to 0, N not falling, B ≥ 1. */
extern const char mfc_levels_default[];
int mfc_levels_parse(struct mfc_levels *levels, const char *text, struct mfc_error *err);

/* As the header keeps them: "levels": [ {"s": S, "points": N, "batch": B}, … ]. from_value checks as parse does. */
int mfc_levels_to_value(const struct mfc_levels *levels, struct mfc_value *out, struct mfc_error *err);
int mfc_levels_from_value(struct mfc_levels *levels, const struct mfc_value *v, struct mfc_error *err);

double mfc_levels_s_high(const struct mfc_levels *levels, size_t k);       /* INFINITY for k = 0 */
size_t mfc_levels_of_s(const struct mfc_levels *levels, double s);         /* the level that holds s */
size_t mfc_levels_batch(const struct mfc_levels *levels);                  /* Σ B_k: clouds a step */
/* Probability of the level's range under the law of ln s: its weight in the loss. They sum to 1. */
double mfc_levels_weight(const struct mfc_levels *levels, size_t k);
/* The density of ln s, of which a level holds the part within its range; at MFC_S_MIN and MFC_S_MAX themselves lies what was clamped. */
double mfc_levels_density(double s);
/* The s at quantile u in (0, 1) of the law of ln s restricted to level k, clamped. */
double mfc_levels_quantile(const struct mfc_levels *levels, size_t k, double u);

/* The chain of stages that samples clouds of n particles: stage i takes `points` particles from s_from to s_to (0 at the end). The first
 * follow the levels, N growing at most fourfold at a boundary; where n is larger than that reaches, further boundaries
 * follow, each at half the s with four times the particles, so that N s² stays constant (the level rule). Stage k ≥ 1 begins
 * with a branching. */
struct mfc_stage {
	double s_from, s_to;
	size_t points;
	size_t level;     /* of the model */
};
#define MFC_MAX_STAGES 32
/* Returns the number of stages written to stage[MFC_MAX_STAGES]. */
size_t mfc_levels_plan(const struct mfc_levels *levels, size_t n, struct mfc_stage *stage);

#endif
