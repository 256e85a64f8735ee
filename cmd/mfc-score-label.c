/* The labels of clouds: which row of the model's table each is learnt, judged or denoised under. */
#include "mfc-score.h"

#include "net/labels.h"
#include "rng.h"

int score_labels_meet(struct score_labels *labels, struct mfc_cloud *cloud, struct mfc_error *err)
{
	struct mfc_model *model = labels->model;
	const char *name;
	cloud->key = labels->clouds++;
	if (!model->net.config.labels)
		return 0;
	if (mfc_labels_get(&model->header, cloud, &name, err))
		return -1;
	labels->named += name != NULL;
	return name ? mfc_labels_learn(&model->header, name, err) : 0;
}

static int row_of(const struct mfc_model *model, const struct mfc_cloud *cloud, bool strict, size_t *row, struct mfc_error *err)
{
	const char *name;
	if (mfc_labels_get(&model->header, cloud, &name, err))
		return mfc_error_prefix(err, "cloud \"%.100s\"", cloud->id);
	if (mfc_labels_find(&model->header, name, row, err) == 0)
		return 0;
	return strict ? mfc_error_prefix(err, "cloud \"%.100s\"", cloud->id) : mfc_labels_find(&model->header, NULL, row, err);
}

int score_labels_look_up(const struct mfc_model *model, struct score_batch *batch, bool strict, struct mfc_error *err)
{
	for (size_t i = 0; model->net.config.labels && i < batch->count; i++)
		if (row_of(model, &batch->cloud[i], strict, &batch->example[i].label, err))
			return -1;
	return 0;
}

int score_labels_assign(const struct score_labels *labels, struct score_batch *batch, struct mfc_error *err)
{
	size_t null = labels->model->net.config.labels;
	if (!null || batch->count == 0)
		return 0;
	if (labels->named == 0 && labels->clouds == batch->count)
		cli_warn("none of the first %zu clouds has a label under the key of --label-key", batch->count);
	for (size_t i = 0; i < batch->count; i++) {
		struct mfc_rng rng = mfc_rng_make(labels->seed, MFC_RNG_LABEL, batch->cloud[i].key, 0);
		batch->example[i].label = null;
		if (mfc_rng_uniform(&rng) >= labels->drop && row_of(labels->model, &batch->cloud[i], true, &batch->example[i].label, err))
			return -1;
	}
	return 0;
}
