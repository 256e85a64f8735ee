/* A network with labels: what a label changes and what it does not, guidance; and the vocabulary in a model's header. */
#include "linalg.h"
#include "net/field.h"
#include "net/labels.h"

#include "check.h"
#include "hashed.h"
#include "rng.h"

#include <stdlib.h>
#include <string.h>

#define D 3
#define N 200
#define LABELS 5

static struct mfc_score net;
static float *params, y[N * D];
static struct mfc_weights weights;
static const struct mfc_denoiser denoiser = { .sd = 1 };

static void apply(const struct mfc_score *with, size_t label, double guidance, bool given, float *out)
{
	struct mfc_error err;
	struct mfc_field *field;
	struct mfc_condition condition = { label, guidance };
	if (mfc_field_create(&field, with, &weights, &denoiser, 1, &err) ||
	    mfc_field_denoise(field, N, y, 0.8, (struct mfc_context){ 0 }, given ? &condition : NULL, out, &err))
		memset(out, 0xff, N * D * sizeof *out);   /* NAN: every comparison fails */
	mfc_field_free(field);
}

/* The largest difference of a coordinate. */
static double distance(const float *a, const float *b)
{
	double worst = 0;
	for (size_t i = 0; i < N * D; i++)
		worst = fabs((double)a[i] - b[i]) <= worst ? worst : fabs((double)a[i] - b[i]);
	return worst;
}

static void check_labels(void)
{
	static float null[N * D], a[N * D], b[N * D];
	apply(&net, 0, 0, false, null);
	apply(&net, LABELS, 1, true, a);
	check(distance(null, a) == 0, "without a condition it is the null label's field");
	apply(&net, 1, 1, true, a);
	apply(&net, 3, 1, true, b);
	check(distance(null, a) > 1e-2 && distance(null, b) > 1e-2 && distance(a, b) > 1e-2, "labels differ from none by %.2f and %.2f, and by %.2f",
	    distance(null, a), distance(null, b), distance(a, b));
	size_t e = net.config.embed;
	float kept[LABELS * 128];
	memcpy(kept, params + net.label, sizeof kept);
	memcpy(params + net.label + 1 * e, params + net.label + LABELS * e, e * sizeof *params);
	apply(&net, 1, 1, true, a);
	check(distance(null, a) == 0, "a label whose row is the null label's is as none");
	apply(&net, 3, 1, true, a);
	check(distance(a, b) == 0, "and the others are as before");
	memcpy(params + net.label, kept, sizeof kept);
}

static void check_unconditional(void)
{
	static float null[N * D], a[N * D];
	struct mfc_error err;
	struct mfc_score plain;
	struct mfc_score_config config = net.config;
	size_t rows = (LABELS + 1) * config.embed;
	config.labels = 0;
	if (!check(mfc_score_create(&plain, &config, &err) == 0, "the same network without labels"))
		return;
	check(plain.parameters + rows == net.parameters && net.label == plain.parameters && plain.tensors + 1 == net.tensors,
	    "the table comes after all the rest");
	float *null_row = params + net.label + LABELS * config.embed, kept[128];
	memcpy(kept, null_row, sizeof kept);
	memset(null_row, 0, sizeof kept);
	apply(&net, 0, 0, false, null);
	apply(&plain, 0, 0, false, a);
	check(distance(null, a) == 0, "it is the field of the null label where its row is 0");
	memcpy(null_row, kept, sizeof kept);
	mfc_score_clear(&plain);
}

static void check_guidance(void)
{
	static float null[N * D], full[N * D], a[N * D], want[N * D];
	static const double weight[] = { 0, 1, 0.25, 3, -1.5 };
	apply(&net, LABELS, 1, true, null);
	apply(&net, 2, 1, true, full);
	for (size_t k = 0; k < sizeof weight / sizeof *weight; k++) {
		for (size_t i = 0; i < N * D; i++)
			want[i] = (float)(null[i] + weight[k] * ((double)full[i] - null[i]));
		apply(&net, 2, weight[k], true, a);
		double apart = distance(a, want);
		check(k < 2 ? apart == 0 : apart < 1e-5, "guidance %g is D_null + %g (D_label - D_null): %.1e", weight[k], weight[k], apart);
	}
}

/* Clouds of one batch have each its own label. */
static void check_batch(void)
{
	enum { A = 100, B = 37 };
	struct mfc_error err;
	struct mfc_tape *tape;
	float both[(A + B) * D], alone[A * D], c[] = { -0.3f, 0.4f }, worst = 0;
	size_t start[] = { 0, A, A + B }, label[] = { 4, LABELS };
	struct mfc_score_batch batch = { 2, start, c, y, NULL, label, 1 };
	int bad = mfc_tape_create(&tape, &net, true, &err) || mfc_score_forward(&net, &weights, tape, &batch, both, &err);
	batch = (struct mfc_score_batch){ 1, start, c, y, NULL, label, 1 };
	bad = bad || mfc_score_forward(&net, &weights, tape, &batch, alone, &err);
	for (size_t i = 0; i < A * D; i++)
		worst = fmaxf(worst, fabsf(alone[i] - both[i]));
	batch = (struct mfc_score_batch){ 1, (size_t[]){ 0, B }, c + 1, y + A * D, NULL, NULL, 1 };
	bad = bad || mfc_score_forward(&net, &weights, tape, &batch, alone, &err);
	for (size_t i = 0; i < B * D; i++)
		worst = fmaxf(worst, fabsf(alone[i] - both[A * D + i]));
	check(!bad && worst < 1e-5f, "a labelled cloud and one without a label in one batch are as each by itself: %.1e", (double)worst);
	mfc_tape_free(tape);
}

/* A header as mfc_model_create makes it, with labels under this key. */
static struct mfc_value header_for(size_t rows, const char *key)
{
	struct mfc_value header = mfc_value_map(), model = mfc_value_map();
	if (mfc_value_put(&model, "labels", mfc_value_uint(rows), NULL) || mfc_value_put(&header, "model", model, NULL) ||
	    mfc_labels_begin(&header, key, NULL))
		mfc_value_clear(&header);
	return header;
}

static void check_vocabulary(void)
{
	struct mfc_error err;
	struct mfc_value header = header_for(3, "label");
	size_t row = 9;
	char longest[MFC_LABEL_BYTES + 2];
	memset(longest, 'a', sizeof longest);
	longest[MFC_LABEL_BYTES + 1] = 0;
	check(mfc_labels_find(&header, NULL, &row, &err) == 0 && row == 3, "no name: the row behind the last");
	check(mfc_labels_learn(&header, "chair", &err) == 0 && mfc_labels_learn(&header, "table", &err) == 0 &&
	    mfc_labels_learn(&header, "chair", &err) == 0, "two names, one of them twice");
	check(mfc_labels_find(&header, "chair", &row, &err) == 0 && row == 0 && mfc_labels_find(&header, "table", &row, &err) == 0 && row == 1,
	    "have rows in the order of their first occurrence");
	check(mfc_labels_find(&header, "chai", &row, &err) != 0 && strstr(err.message, "label \"chai\" is not one of the model's 2: chair, table"),
	    "an unknown one is refused: %s", err.message);
	check(mfc_labels_learn(&header, longest, &err) != 0 && strstr(err.message, "more than 255 bytes"), "a name of 256 bytes is refused");
	check(mfc_labels_learn(&header, longest + 1, &err) == 0 && mfc_labels_check(&header, &err) == 0, "one of 255 bytes is not");
	check(mfc_labels_learn(&header, "sofa", &err) != 0 && strstr(err.message, "3 that the model has room for (--max-labels)"),
	    "a fourth is refused: %s", err.message);
	mfc_value_clear(&header);
	header = header_for(100, "label");
	int bad = 0;
	for (int i = 0; i < 100; i++) {
		char name[16];
		snprintf(name, sizeof name, "n%d", i);
		bad = bad || mfc_labels_learn(&header, name, &err);
	}
	check(!bad && mfc_labels_find(&header, "n99", &row, &err) == 0 && row == 99, "a hundred names");
	check(mfc_labels_find(&header, "n100", &row, &err) != 0 && strstr(err.message, "100: n0, n1, n2") && strstr(err.message, ", ...") &&
	    !strstr(err.message, "n50"), "some of which the error lists: %s", err.message);
	mfc_value_clear(&header);
}

static void check_cloud(void)
{
	struct mfc_error err;
	const char *name = "";
	struct mfc_cloud cloud;
	mfc_cloud_init(&cloud);
	for (int k = 0; k < 2; k++) {
		const char *key = k ? "class" : "label";
		struct mfc_value header = header_for(3, key);
		check(mfc_labels_get(&header, &cloud, &name, &err) == 0 && !name, "a cloud without %s has no name", key);
		check(mfc_labels_set(&header, &cloud, "chair", &err) == 0 && mfc_labels_get(&header, &cloud, &name, &err) == 0 && name &&
		    strcmp(name, "chair") == 0, "it gets one");
		check(!k == !mfc_value_get(&cloud.extra, key) && (k || strcmp(cloud.label, "chair") == 0), "where it belongs");
		check(mfc_labels_set(&header, &cloud, "", &err) == 0 && mfc_labels_get(&header, &cloud, &name, &err) == 0 && !name,
		    "an empty one is none");
		check(mfc_labels_set(&header, &cloud, NULL, &err) == 0 && !mfc_value_get(&cloud.extra, key) && (k || !cloud.label), "and it can go");
		mfc_value_clear(&header);
	}
	struct mfc_value header = header_for(3, "class");
	mfc_value_put(&cloud.extra, "class", mfc_value_uint(7), &err);
	check(mfc_labels_get(&header, &cloud, &name, &err) != 0 && strstr(err.message, "class: not a string"), "a number is no name");
	mfc_value_clear(&header);
	mfc_cloud_clear(&cloud);
	static const char *const taken[] = { "x", "eps", "level", "id", "" };
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
		header = mfc_value_map();
		check(mfc_labels_begin(&header, taken[i], &err) != 0, "\"%s\" is no key for labels", taken[i]);
		mfc_value_clear(&header);
	}
}

int main(void)
{
	struct mfc_error err;
	struct mfc_score_config config = MFC_SCORE_DEFAULTS;
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_TEST, 0, 0);
	config.blocks = 2;
	config.labels = LABELS;
	mfc_linalg_single_thread();
	mfc_rng_normals(&rng, 0, N * D, y);
	if (!check(mfc_score_create(&net, &config, &err) == 0, "a network with %d labels", LABELS))
		return done();
	params = malloc(net.parameters * sizeof *params);
	hashed_parameters(&net, params);
	if (mfc_weights_create(&weights, &net, params, &err))
		return 1;
	check_labels();
	check_unconditional();
	check_guidance();
	check_batch();
	mfc_weights_free(&weights);
	free(params);
	mfc_score_clear(&net);
	config.labels = MFC_SCORE_MAX_LABELS + 1;
	check(mfc_score_create(&net, &config, &err) != 0 && strstr(err.message, "4097 labels, more than 4096"), "refused: %s", err.message);
	check_vocabulary();
	check_cloud();
	return done();
}
