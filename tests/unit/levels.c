/* Levels: parsing, the law of ln s cut into them, the plan of sampling. tests/mfc-noise.bats compares the law with scipy. */
#include "check.h"
#include "diffusion/levels.h"

#include <math.h>
#include <string.h>

static void refuse(const char *text)
{
	struct mfc_error err = { 0 };
	struct mfc_levels levels;
	int got = mfc_levels_parse(&levels, text, &err);
	check(got == -1 && err.message[0], "\"%.40s\" is refused: %.80s", text, err.message);
}

/* Every plan covers the way from 20 to 0 without a gap, ends with n particles, has its boundaries where the rule says, and multiplies the
 * particles at most so often. Returns the number of its stages. */
static size_t plan(const struct mfc_levels *levels, struct mfc_rule rule)
{
	struct mfc_stage stage[MFC_MAX_STAGES + 1];
	double last = mfc_levels_last(rule.n, rule.dimension);   /* where a boundary would be below, all come at once */
	memset(stage, 0x55, sizeof stage);
	struct mfc_stage untouched = stage[MFC_MAX_STAGES];
	size_t count = mfc_levels_plan(levels, &rule, stage), first = levels->level[0].points < rule.n ? levels->level[0].points : rule.n;
	int ok = count >= 1 && count <= MFC_MAX_STAGES && stage[0].s_from == MFC_S_START && stage[count - 1].s_to == 0 && stage[count - 1].points == rule.n;
	ok = ok && memcmp(&stage[MFC_MAX_STAGES], &untouched, sizeof untouched) == 0;
	for (size_t i = 0; ok && i < count; i++) {
		ok = stage[i].s_from > stage[i].s_to && stage[i].level == mfc_levels_of_s(levels, stage[i].s_from * (1 - 1e-6));
		if (i + 1 < count)
			ok = ok && fabs((double)stage[i].points * pow(stage[i].s_to, rule.dimension) / rule.density - 1) < 1e-9;
		if (i)
			ok = ok && stage[i].s_from == stage[i - 1].s_to && stage[i].points > stage[i - 1].points &&
			    ((double)stage[i].points <= rule.ratio * (double)stage[i - 1].points || stage[i].points == stage[i - 1].points + 1 ||
			        (i + 1 == count && pow(rule.density / ceil((double)rule.n / rule.ratio), 1 / rule.dimension) <= last)) && stage[i].s_from > last;
	}
	/* More particles than the first level's begin only where the stages did not suffice, or where with fewer the rule would start above s = 20. */
	double parents = ok ? fmax((double)first, ceil((double)stage[0].points / rule.ratio)) : 0;
	ok = ok && (stage[0].points == first || (count == MFC_MAX_STAGES - 1 && stage[0].points > first) ||
	    (stage[0].points > first && (pow(rule.density / parents, 1 / rule.dimension) >= MFC_S_START || (count == 1 && pow(rule.density / (double)first, 1 / rule.dimension) <= last))));
	check(ok, "a plan for %zu particles, density %g, dimension %g, ratio %g: %zu stages", rule.n, rule.density, rule.dimension, rule.ratio, count);
	return count;
}

static void plans(void)
{
	static const size_t sizes[] = { 1, 2, 100, 127, 128, 129, 512, 513, 2048, 2049, 10000, 100000, 1000003 };
	static const double dimension[] = { 1, 2, 2.7, 3 }, density[] = { 1, 512, 2048, 1e5, 1e30 }, ratio[] = { 1.01, 1.5, 4, 1000 };
	struct mfc_error err;
	struct mfc_levels levels;
	struct mfc_stage stage[MFC_MAX_STAGES];
	for (const char *const *text = (const char *const[]){ mfc_levels_default, "0:8:1", "9:1:1,5:2:1,1:3:1,0:70:1", NULL }; *text; text++) {
		mfc_levels_parse(&levels, *text, &err);
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
			for (size_t j = 0; j < 4; j++)
				plan(&levels, (struct mfc_rule){ sizes[i], density[(i + j) % 5], dimension[j], ratio[(i + 2 * j) % 4], 0 });
	}
	mfc_levels_parse(&levels, mfc_levels_default, &err);
	struct mfc_rule rule = MFC_RULE_DEFAULTS;
	rule.start = 0;
	rule.n = 100;
	check(plan(&levels, rule) == 1, "clouds as small as the first level's never branch");
	rule.n = 1000003;
	check(plan(&levels, (struct mfc_rule){ rule.n, 1e30, 2, 4, 0 }) == 1, "nor where the density is out of reach");
	check(plan(&levels, (struct mfc_rule){ rule.n, 2048, 2, 1.0001, 0 }) == MFC_MAX_STAGES - 1, "no more stages than there is room for");
	/* 128 · 4^3 = 8192: boundaries at √(64 / N). */
	rule.n = 8192;
	size_t count = mfc_levels_plan(&levels, &rule, stage);
	int ok = count == 4;
	for (size_t i = 0; ok && i < count; i++)
		ok = stage[i].points == (size_t)128 << 2 * i && fabs(stage[i].s_to - (i < 3 ? sqrt(0.5) / (1 << i) : 0)) < 1e-12;
	check(ok && stage[0].level == 0 && stage[1].level == 1 && stage[2].level == 2,
	    "8,192 particles of a surface: four times as many at s = 0.71, 0.35 and 0.18");
	/* With 2,048 from the start the first branching is theirs; what is decided by the 128 of the first level ends where these would branch. */
	rule.start = 2048;
	count = mfc_levels_plan(&levels, &rule, stage);
	check(count == 3 && stage[0].points == 2048 && stage[1].points == 2048 && stage[2].points == 8192 && fabs(stage[0].s_to - sqrt(0.5)) < 1e-12 &&
	    fabs(stage[1].s_to - sqrt(1.0 / 32)) < 1e-12, "2,048 of 8,192 from the start: they branch at s = 0.18, after a boundary at 0.71");
	rule.n = 2048;
	check(mfc_levels_plan(&levels, &rule, stage) == 2 && stage[0].points == 2048 && fabs(stage[1].s_from - sqrt(0.5)) < 1e-12 && stage[1].s_to == 0,
	    "all from the start: nothing branches");
	rule.n = 700, rule.start = SIZE_MAX;
	check(mfc_levels_plan(&levels, &rule, stage) == 2 && stage[0].points == 700, "however many are to begin with");
	rule.n = 1 << 20, rule.start = 2048, rule.ratio = 1.0001;
	check(mfc_levels_plan(&levels, &rule, stage) == MFC_MAX_STAGES && stage[0].points == stage[1].points && stage[0].points > 2048,
	    "as many stages as there is room for");
	check(mfc_levels_last(100, 2) == 0.01 && mfc_levels_last(8192, 2) == 0.01, "the last noise level of up to 8,192 particles is 0.01,");
	check(fabs(mfc_levels_last(4 * 8192, 2) - 0.005) < 1e-12 && fabs(mfc_levels_last(8 * 8192, 3) - 0.005) < 1e-12,
	    "and falls as their spacing");
}

/* The law of training: its density adds up to its quantiles, whose constants are these. */
static void law(void)
{
	struct mfc_error err;
	struct mfc_levels one;
	mfc_levels_parse(&one, "0:8:1", &err);
	/* P(ln s < x) = 0.85 Φ((x + 0.6)/1.4) + 0.15 of [ln 0.002, ln 0.3] */
	int ok = 1;
	double sum = 0, worst = 0;
	for (double x = log(MFC_S_MIN) + 5e-5; x < log(MFC_S_MAX); x += 1e-4)
		sum += mfc_levels_density(exp(x)) * 1e-4;
	double ends = 0.85 * 0.5 * (erfc((log(0.002) + 0.6) / -1.4 * M_SQRT1_2) + erfc((log(60) + 0.6) / 1.4 * M_SQRT1_2));
	check(fabs(sum + ends - 1) < 1e-4, "the density of the law, with its ends, adds up to %.6f", sum + ends);
	for (double u = 0.005; u < 1; u += 0.005) {
		double s = mfc_levels_quantile(&one, 0, u), low = log(s / 0.002) / log(0.3 / 0.002);
		double p = 0.85 * 0.5 * erfc((log(s) + 0.6) / -1.4 * M_SQRT1_2) + 0.15 * fmin(1, fmax(0, low));
		worst = fmax(worst, fabs(p - u));
		ok = ok && s > MFC_S_MIN && s < MFC_S_MAX;
	}
	check(ok && worst < 1e-9, "quantiles are those of the mixture, to %.1e", worst);
	check(MFC_S_MIN == 0.002 && MFC_S_MAX == 60, "from 0.002 to 60");
}

int main(void)
{
	struct mfc_error err = { 0 };
	struct mfc_levels levels, again;
	struct mfc_value v;
	check(mfc_levels_parse(&levels, mfc_levels_default, &err) == 0 && levels.count == 3, "the default has three levels");
	check(levels.level[1].s_low == 0.5 && levels.level[1].points == 256 && levels.level[1].batch == 8 && mfc_levels_batch(&levels) == 32, "with these numbers");
	check(mfc_levels_to_value(&levels, &v, &err) == 0 && mfc_levels_from_value(&again, &v, &err) == 0 && memcmp(&again, &levels, sizeof levels) == 0, "to a header and back");
	mfc_value_put(&v.items[2], "points", mfc_value_uint(1), &err);
	check(mfc_levels_from_value(&again, &v, &err) == -1, "a header is checked as an option is: %s", err.message);
	mfc_value_drop(&v.items[0], "s");
	check(mfc_levels_from_value(&again, &v, &err) == -1 && mfc_levels_from_value(&again, NULL, &err) == -1, "lacking keys: %s", err.message);
	mfc_value_clear(&v);
	static const char *const bad[] = { "", ":", "1:2", "1:2:3", "0:2:3,", "0:2:3,0:2:3", "2:8:1,0:4:1", "1:8:1,2:8:1,0:8:1", "0:0:1", "0:8:0", "-1:8:1,0:8:1",
		"nan:8:1,0:8:1", "inf:8:1,0:8:1", "20:8:1,0:8:1", "0:-8:1", "0:8:1x", "x", "0:8:200000", "0:1e3:1" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refuse(bad[i]);
	char many[400] = "";
	for (int i = 17; i > 0; i--)
		snprintf(many + strlen(many), sizeof many - strlen(many), "%d:8:1,", i);
	strcat(many, "0:8:1");
	refuse(many);

	double sum = 0;
	int monotone = 1, within = 1;
	for (size_t k = 0; k < levels.count; k++) {
		sum += mfc_levels_weight(&levels, k);
		double before = 0;
		for (int i = 1; i < 1000; i++) {
			double s = mfc_levels_quantile(&levels, k, i / 1000.0);
			monotone = monotone && (s > before || s == MFC_S_MAX || s == MFC_S_MIN);
			within = within && s >= levels.level[k].s_low * (1 - 1e-9) && s <= mfc_levels_s_high(&levels, k) * (1 + 1e-9) &&
			    (mfc_levels_of_s(&levels, s) == k || i < 2);
			before = s;
		}
	}
	check(fabs(sum - 1) < 1e-14, "the levels' weights sum to 1");
	check(monotone, "quantiles rise");
	check(within, "and stay in their level");
	check(mfc_levels_quantile(&levels, 0, 1 - 1e-12) == MFC_S_MAX && mfc_levels_quantile(&levels, 2, 1e-12) == MFC_S_MIN, "clamped at both ends");
	check(isinf(mfc_levels_s_high(&levels, 0)) && mfc_levels_s_high(&levels, 2) == 0.5, "the upper boundaries");
	check(mfc_levels_of_s(&levels, 2) == 0 && mfc_levels_of_s(&levels, 1.99) == 1 && mfc_levels_of_s(&levels, 0) == 2, "a boundary belongs to the level above");

	plans();
	law();
	return done();
}
