#include "diffusion/levels.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The law of ln s in training: normal, where shapes are decided, and uniform, where surfaces are made. */
#define LOG_MEAN (-0.6)
#define LOG_DEVIATION 1.4
#define LOW_SHARE 0.15
#define LOW_FROM MFC_S_MIN
#define LOW_TO 0.3

const char mfc_levels_default[] = "2:128:16,0.5:256:8,0:512:8";

static int check(const struct mfc_levels *levels, struct mfc_error *err)
{
	if (levels->count == 0)
		return mfc_error_set(err, "no level");
	for (size_t k = 0; k < levels->count; k++) {
		const struct mfc_level *l = &levels->level[k], *above = k ? l - 1 : NULL;
		if (!(l->s_low >= 0) || (above && !(l->s_low < above->s_low)) || (k == 0 && l->s_low >= MFC_S_START))
			return mfc_error_set(err, "level %zu: the boundary %g does not fall (from below %g to 0)", k, l->s_low, MFC_S_START);
		if (l->points > UINT32_MAX || l->crowd > UINT32_MAX)
			return mfc_error_set(err, "level %zu: more than %" PRIu32 " points", k, UINT32_MAX);
		if (l->points < 1 || (above && l->points < above->points))
			return mfc_error_set(err, "level %zu: %zu points, less than 1 or than the level before", k, l->points);
		if (l->crowd < l->points)
			return mfc_error_set(err, "level %zu: a crowd of %zu, fewer than the %zu points", k, l->crowd, l->points);
		if (l->batch < 1 || l->batch > 100000)
			return mfc_error_set(err, "level %zu: %zu clouds a step", k, l->batch);
	}
	if (levels->level[levels->count - 1].s_low != 0)
		return mfc_error_set(err, "the last boundary is %g, not 0", levels->level[levels->count - 1].s_low);
	return 0;
}

int mfc_levels_parse(struct mfc_levels *levels, const char *text, struct mfc_error *err)
{
	const char *p = text;
	*levels = (struct mfc_levels){ 0 };
	for (;;) {
		if (levels->count == MFC_MAX_LEVELS)
			return mfc_error_set(err, "more than %d levels", MFC_MAX_LEVELS);
		struct mfc_level *l = &levels->level[levels->count++];
		char *end;
		l->s_low = strtod(p, &end);
		if (end == p || *end != ':' || end[1] < '0' || end[1] > '9')
			return mfc_error_set(err, "\"%s\" is not S:N:B,...", text);
		l->points = strtoull(end + 1, &end, 10);
		if (*end != ':' || end[1] < '0' || end[1] > '9')
			return mfc_error_set(err, "\"%s\" is not S:N:B,...", text);
		l->batch = strtoull(end + 1, &end, 10);
		l->crowd = l->points;
		if (*end == ':' && end[1] >= '0' && end[1] <= '9')
			l->crowd = strtoull(end + 1, &end, 10);
		if (*end == 0)
			return check(levels, err);
		if (*end != ',')
			return mfc_error_set(err, "\"%s\" is not S:N:B,...", text);
		p = end + 1;
	}
}

int mfc_levels_to_value(const struct mfc_levels *levels, struct mfc_value *out, struct mfc_error *err)
{
	*out = mfc_value_list();
	for (size_t k = 0; k < levels->count; k++) {
		const struct mfc_level *l = &levels->level[k];
		struct mfc_value map = mfc_value_map();
		if (mfc_value_put(&map, "s", mfc_value_real(l->s_low), err) || mfc_value_put(&map, "points", mfc_value_uint(l->points), err) ||
		    mfc_value_put(&map, "batch", mfc_value_uint(l->batch), err) ||
		    (l->crowd != l->points && mfc_value_put(&map, "crowd", mfc_value_uint(l->crowd), err))) {
			mfc_value_clear(&map);
			mfc_value_clear(out);
			return -1;
		}
		if (mfc_value_push(out, map, err))
			return mfc_value_clear(out), -1;
	}
	return 0;
}

int mfc_levels_from_value(struct mfc_levels *levels, const struct mfc_value *v, struct mfc_error *err)
{
	*levels = (struct mfc_levels){ 0 };
	if (!v || v->type != MFC_LIST || v->size > MFC_MAX_LEVELS)
		return mfc_error_set(err, "the header has no list of at most %d levels", MFC_MAX_LEVELS);
	for (size_t k = 0; k < v->size; k++) {
		struct mfc_level *l = &levels->level[levels->count++];
		const struct mfc_value *m = &v->items[k];
		if (!mfc_value_as_real(mfc_value_get(m, "s"), &l->s_low) || !mfc_value_as_size(mfc_value_get(m, "points"), &l->points) ||
		    !mfc_value_as_size(mfc_value_get(m, "batch"), &l->batch))
			return mfc_error_set(err, "level %zu lacks one of s, points, batch", k);
		l->crowd = l->points;
		if (mfc_value_get(m, "crowd") && !mfc_value_as_size(mfc_value_get(m, "crowd"), &l->crowd))
			return mfc_error_set(err, "level %zu: crowd is no number", k);
	}
	return check(levels, err);
}

double mfc_levels_s_high(const struct mfc_levels *levels, size_t k)
{
	return k ? levels->level[k - 1].s_low : INFINITY;
}

size_t mfc_levels_of_s(const struct mfc_levels *levels, double s)
{
	size_t k = 0;
	while (k + 1 < levels->count && s < levels->level[k].s_low)
		k++;
	return k;
}

size_t mfc_levels_batch(const struct mfc_levels *levels)
{
	size_t sum = 0;
	for (size_t k = 0; k < levels->count; k++)
		sum += levels->level[k].batch;
	return sum;
}

static double normal_cdf(double z)
{
	return 0.5 * erfc(-z * M_SQRT1_2);
}

/* P(ln s < x) in training, before it is clamped. */
static double cdf(double s)
{
	if (s <= 0 || isinf(s))
		return s > 0;
	double low = log(s / LOW_FROM) / log(LOW_TO / LOW_FROM);
	return (1 - LOW_SHARE) * normal_cdf((log(s) - LOG_MEAN) / LOG_DEVIATION) + LOW_SHARE * fmin(1, fmax(0, low));
}

double mfc_levels_weight(const struct mfc_levels *levels, size_t k)
{
	return cdf(mfc_levels_s_high(levels, k)) - cdf(levels->level[k].s_low);
}

double mfc_levels_density(double s)
{
	double z = (log(s) - LOG_MEAN) / LOG_DEVIATION, low = s >= LOW_FROM && s <= LOW_TO ? 1 / log(LOW_TO / LOW_FROM) : 0;
	return (1 - LOW_SHARE) * exp(-0.5 * z * z) / (LOG_DEVIATION * sqrt(2 * M_PI)) + LOW_SHARE * low;
}

/* By bisection: it is drawn once a cloud. */
double mfc_levels_quantile(const struct mfc_levels *levels, size_t k, double u)
{
	double a = cdf(levels->level[k].s_low), b = cdf(mfc_levels_s_high(levels, k)), p = a + u * (b - a);
	double low = log(MFC_S_MIN) - 1, high = log(MFC_S_MAX) + 1;
	for (int i = 0; i < 60; i++) {
		double middle = 0.5 * (low + high);
		if (cdf(exp(middle)) < p)
			low = middle;
		else
			high = middle;
	}
	return fmin(MFC_S_MAX, fmax(MFC_S_MIN, exp(0.5 * (low + high))));
}

size_t mfc_levels_plan(const struct mfc_levels *levels, const struct mfc_rule *rule, struct mfc_stage *stage)
{
	size_t few = levels->level[0].points, least = few > rule->start ? few : rule->start, first = least < rule->n ? least : rule->n;
	size_t points[MFC_MAX_STAGES - 1], count = 0, stages = 0;
	double from = MFC_S_START, last = mfc_levels_last(rule->n, rule->dimension), handover = pow(rule->density / (double)few, 1 / rule->dimension);
	/* From the end: each stage's parents, and where they begin to suffice. */
	for (points[count++] = rule->n; points[count - 1] > first && count < MFC_MAX_STAGES - 1; count++) {
		double parents = ceil((double)points[count - 1] / rule->ratio);
		points[count] = parents < (double)points[count - 1] ? (size_t)parents : points[count - 1] - 1;
		points[count] = points[count] > first ? points[count] : first;
	}
	while (count > 0) {
		size_t n = points[--count];
		double to = count ? pow(rule->density / (double)n, 1 / rule->dimension) : 0;
		if (count && (to >= from || to <= last))   /* too few already where sampling starts, or enough to its end */
			continue;
		if (stages == 0 && rule->start > few && n > few && handover > last && handover < from) {
			stage[stages++] = (struct mfc_stage){ from, handover, n, mfc_levels_of_s(levels, from * (1 - 1e-9)) };
			from = handover;
		}
		stage[stages++] = (struct mfc_stage){ from, to, n, mfc_levels_of_s(levels, from * (1 - 1e-9)) };
		from = to;
	}
	return stages;
}

double mfc_levels_last(size_t n, double dimension)
{
	return fmax(1e-6, 0.01 * pow(fmin(1, 8192 / (double)n), 1 / dimension));
}
