#include "diffusion/levels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MEAN (-0.6)   /* ln s ~ N(-0.6, 1.4²) in training */
#define LOG_DEVIATION 1.4
#define BRANCH 4          /* the most that particles multiply at a boundary */

const char mfc_levels_default[] = "2:128:16,0.5:256:8,0:512:8";

static int check(const struct mfc_levels *levels, struct mfc_error *err)
{
	if (levels->count == 0)
		return mfc_error_set(err, "no level");
	for (size_t k = 0; k < levels->count; k++) {
		const struct mfc_level *l = &levels->level[k], *above = k ? l - 1 : NULL;
		if (!(l->s_low >= 0) || (above && !(l->s_low < above->s_low)) || (k == 0 && l->s_low >= MFC_S_START))
			return mfc_error_set(err, "level %zu: the boundary %g does not fall (from below %g to 0)", k, l->s_low, MFC_S_START);
		if (l->points < 1 || (above && l->points < above->points))
			return mfc_error_set(err, "level %zu: %zu points, less than 1 or than the level before", k, l->points);
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
		    mfc_value_put(&map, "batch", mfc_value_uint(l->batch), err)) {
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

/* P(ln s < x) in training. */
static double cdf(double s)
{
	return s <= 0 ? 0 : isinf(s) ? 1 : normal_cdf((log(s) - LOG_MEAN) / LOG_DEVIATION);
}

double mfc_levels_weight(const struct mfc_levels *levels, size_t k)
{
	return cdf(mfc_levels_s_high(levels, k)) - cdf(levels->level[k].s_low);
}

static double normal_density(double z)
{
	return exp(-0.5 * z * z) / sqrt(2 * M_PI);
}

double mfc_levels_density(double s)
{
	return normal_density((log(s) - LOG_MEAN) / LOG_DEVIATION) / LOG_DEVIATION;
}

/* The inverse of the normal distribution function, by bisection between ±40 deviations and Newton at the end: no table of coefficients, and
 * it is drawn once a cloud. */
static double normal_quantile(double p)
{
	double low = -40, high = 40;
	for (int i = 0; i < 40; i++) {
		double middle = 0.5 * (low + high);
		if (normal_cdf(middle) < p)
			low = middle;
		else
			high = middle;
	}
	double z = 0.5 * (low + high), density = normal_density(z);
	return density > 1e-300 ? z - (normal_cdf(z) - p) / density : z;
}

double mfc_levels_quantile(const struct mfc_levels *levels, size_t k, double u)
{
	double a = cdf(levels->level[k].s_low), b = cdf(mfc_levels_s_high(levels, k));
	double s = exp(LOG_MEAN + LOG_DEVIATION * normal_quantile(a + u * (b - a)));
	return fmin(MFC_S_MAX, fmax(MFC_S_MIN, s));
}

static size_t add(struct mfc_stage *stage, size_t count, double from, double to, size_t points, size_t level)
{
	stage[count] = (struct mfc_stage){ from, to, points, level };
	return count + 1;
}

size_t mfc_levels_plan(const struct mfc_levels *levels, size_t n, struct mfc_stage *stage)
{
	size_t count = 0, points = levels->level[0].points < n ? levels->level[0].points : n, last = levels->count - 1;
	double from = MFC_S_START;
	for (size_t k = 0; k < last; k++) {
		count = add(stage, count, from, levels->level[k].s_low, points, k);
		from = levels->level[k].s_low;
		points = (n - 1) / BRANCH >= points ? BRANCH * points : n;
	}
	while (points < n && count < MFC_MAX_STAGES - 1) {
		count = add(stage, count, from, from / 2, points, last);
		from /= 2;
		points = (n - 1) / BRANCH >= points ? BRANCH * points : n;
	}
	return add(stage, count, from, 0, n, last);
}
