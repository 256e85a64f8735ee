/* Subdivision levels (score-network.md, Levels): level k holds the noise levels s in [s_low(k), s_low(k-1)), is trained with
 * `points` particles a cloud and `batch` clouds a step. */
#ifndef MFC_LEVELS_H
#define MFC_LEVELS_H

#include "value.h"

#define MFC_MAX_LEVELS 16
/* Training draws ln s from N(-0.6, 1.4²), or with probability 0.15 uniformly between ln MFC_S_MIN and ln 0.3, clamped to
 * [MFC_S_MIN, MFC_S_MAX]. */
#define MFC_S_MIN 0.002
#define MFC_S_MAX 60.0
#define MFC_S_START 20.0     /* where sampling starts */

struct mfc_level {
	double s_low;            /* lower boundary; 0 for the last */
	size_t points, batch;
	size_t crowd;            /* particles of a cloud in training, of which `points` are learnt from; the others are neighbours */
};

struct mfc_levels {
	size_t count;
	struct mfc_level level[MFC_MAX_LEVELS];
};

/* "2:128:16,0.5:256:8,0:512:8" (the default): S falling to 0, N not falling, B ≥ 1; and :C, C ≥ N, where there is to be a crowd. */
extern const char mfc_levels_default[];
int mfc_levels_parse(struct mfc_levels *levels, const char *text, struct mfc_error *err);

/* As the header keeps them: "levels": [ {"s": S, "points": N, "batch": B}, … ], with "crowd": C where it is not N. from_value checks as parse does. */
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

/* The chain of stages that samples clouds of n particles: stage i takes `points` particles from s_from to s_to (0 at the end), which are
 * those of the one before, branched where they are more.
 *
 * The level rule (score-network.md): what the parents' measure gets wrong at a boundary s is mended from there on over distances of about s only, so the
 * relative error of the density that stays is that of counting the parents within such a distance. Where the data lie on a set of dimension m
 * there are about N s^m of them, and every boundary lies where that is `density`; between boundaries particles multiply by `ratio`. */
struct mfc_rule {
	size_t n;          /* particles at the end */
	double density;    /* N s^m at every boundary */
	double dimension;  /* m: 2 on surfaces */
	double ratio;      /* of the particles on both sides of a boundary, at most; above 1 */
	size_t start;      /* particles to begin with, at least (n, if that is fewer) */
};
#define MFC_RULE_DEFAULTS { .density = 64, .dimension = 2, .ratio = 4, .start = 2048 }
struct mfc_stage {
	double s_from, s_to;
	size_t points;
	size_t level;     /* of the model, where the stage begins */
};
#define MFC_MAX_STAGES 64
/* The first stage has `start` particles, or those of the model's first level if these are more, or n if that is fewer. Where `start` is more than
 * the first level's, it ends at the boundary that these would have: there the shape is decided, and the solver is to become stochastic. All other
 * boundaries are branchings. Returns the number of stages written to stage[MFC_MAX_STAGES]; where they do not suffice, the first begins with more. */
size_t mfc_levels_plan(const struct mfc_levels *levels, const struct mfc_rule *rule, struct mfc_stage *stage);
/* The noise level of the last evaluation: the spacing of n points falls as n^(-1/m), and with it what noise may be left. */
double mfc_levels_last(size_t n, double dimension);

#endif
