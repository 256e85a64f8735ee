/* mfc-score: learn the score of noised clouds and follow it back. */
#include "mfc-score.h"

#include <math.h>
#include <string.h>

#include "linalg.h"
#include "vectors.h"

static const char *kernels_from;

void score_note_kernels(void)
{
	static const char *const own[] = { [MFC_VECTORS_AVX2] = "AVX2", [MFC_VECTORS_AVX512] = "AVX-512" };
	if (own[mfc_vectors()])
		cli_note("kernels: %s", own[mfc_vectors()]);
	else if (kernels_from)
		cli_note("kernels: %s (OpenBLAS by itself took %s, older than this processor)", mfc_linalg_kernels(), kernels_from);
	else
		cli_note("kernels: %s, of OpenBLAS", mfc_linalg_kernels());
}

void score_levels(struct mfc_levels *levels, const char *text, const struct mfc_value *header)
{
	struct mfc_error err;
	const struct mfc_value *given = mfc_value_get(header, "levels");
	if (!text && given ? mfc_levels_from_value(levels, given, &err) : mfc_levels_parse(levels, text ? text : mfc_levels_default, &err))
		cli_die("levels: %s", err.message);
}

void score_check_normalize(const struct mfc_model *model, const struct mfc_value *header, const char *name)
{
	const struct mfc_value *a = mfc_value_get(&model->header, "normalize"), *b = mfc_value_get(header, "normalize");
	const char *p = mfc_value_as_string(mfc_value_get(a, "kind")), *q = mfc_value_as_string(mfc_value_get(b, "kind"));
	double x = 1, y = 1;
	mfc_value_as_real(mfc_value_get(a, "scale"), &x);
	mfc_value_as_real(mfc_value_get(b, "scale"), &y);
	if (p && (!q || strcmp(p, q) != 0))
		cli_warn("%s: normalised by %s, the model's training by %s: are these the same units?", name, q ? q : "nothing", p);
	else if (p && fabs(x - y) > 1e-6 * fabs(x))
		cli_warn("%s: normalised with a scale of %g, the model's training with %g: mfc-load --like makes them the same", name, y, x);
}

int main(int argc, char **argv)
{
	static const struct cli_command table[] = {
		{ "train", score_train, "learn from a stream of noised clouds" },
		{ "denoise", score_denoise, "take clouds from their noise level to a lower one" },
		{ "loss", score_loss, "the objective and the likelihood bound on noised clouds" },
		{ "show", score_show, "print a model's card" },
		{ 0 }
	};
	if (mfc_vectors() == MFC_VECTORS_NONE)   /* else OpenBLAS' products are not used */
		mfc_linalg_heal(argv, &kernels_from);
	mfc_linalg_confine(argv);
	mfc_linalg_single_thread();
	return cli_dispatch("mfc-score", table, argc, argv);
}
