/* Levels: parsing, the law of ln s cut into them, the plan of sampling. tests/mfc-noise.bats compares the law with scipy. */
#include "check.h"
#include "diffusion/levels.h"

#include <math.h>
#include <string.h>

static void refuse(const char *text)
{
	struct mfc_error err = { "" };
	struct mfc_levels levels;
	int got = mfc_levels_parse(&levels, text, &err);
	check(got == -1 && err.message[0], "\"%.40s\" is refused: %.80s", text, err.message);
}

/* Every plan covers the way from 20 to 0 without a gap, ends with n particles, and multiplies them at most fourfold. */
static void plan(const struct mfc_levels *levels, size_t n)
{
	struct mfc_stage stage[MFC_MAX_STAGES];
	size_t count = mfc_levels_plan(levels, n, stage);
	int ok = count >= 1 && stage[0].s_from == MFC_S_START && stage[count - 1].s_to == 0 && stage[count - 1].points == n;
	for (size_t i = 0; i < count; i++) {
		ok = ok && stage[i].s_from > stage[i].s_to && stage[i].level < levels->count;
		ok = ok && stage[i].level == mfc_levels_of_s(levels, sqrt(fmax(stage[i].s_to, 1e-4) * stage[i].s_from));
		if (i)
			ok = ok && stage[i].s_from == stage[i - 1].s_to && stage[i].points >= stage[i - 1].points &&
			    (stage[i].points <= 4 * stage[i - 1].points || i + 1 == MFC_MAX_STAGES);
	}
	check(ok, "a plan for %zu particles in %zu stages", n, count);
}

int main(void)
{
	struct mfc_error err = { "" };
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

	static const size_t sizes[] = { 1, 100, 128, 129, 512, 513, 2048, 2049, 10000, 100000, 1000000 };
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		plan(&levels, sizes[i]);
	struct mfc_stage stage[MFC_MAX_STAGES];
	size_t count = mfc_levels_plan(&levels, 100000, stage);
	check(count > 4 && stage[count - 1].s_from == stage[count - 2].s_from / 2, "beyond the levels each boundary is at half the noise level");
	mfc_levels_parse(&levels, "0:8:1", &err);
	plan(&levels, 8);
	plan(&levels, 100);
	return done();
}
