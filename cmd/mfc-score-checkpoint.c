/* How far training is: written into the model with it, and found there again by --resume. */
#include "mfc-score.h"

#include <math.h>

void score_checkpoint_write(struct mfc_model *model, const char *path, const struct score_training *done, double lr)
{
	struct mfc_error err;
	struct mfc_value map = mfc_value_map();
	if (mfc_value_put(&map, "steps", mfc_value_uint(done->steps), &err) || mfc_value_put(&map, "clouds", mfc_value_uint(done->clouds), &err) ||
	    mfc_value_put(&map, "particles", mfc_value_uint(done->particles), &err) || mfc_value_put(&map, "lr", mfc_value_real(lr), &err) ||
	    (done->seconds > 0 && mfc_value_put(&map, "seconds", mfc_value_real(done->seconds), &err)) ||
	    (isfinite(done->best) && (mfc_value_put(&map, "validation", mfc_value_real(done->best), &err) ||
	        mfc_value_put(&map, "validation_step", mfc_value_uint(done->best_step), &err))) ||
	    mfc_value_put(&model->header, "training", map, &err) || mfc_model_write(model, path, false, &err))
		cli_die("%s", err.message);
}

static void skip(struct mfc_reader *reader, const char *path, size_t clouds)
{
	struct mfc_error err;
	struct mfc_value skipped = mfc_value_nil();
	for (size_t i = 0; i < clouds;) {
		int event = mfc_reader_next_value(reader, &skipped, &err);
		if (event < 0)
			cli_die("%s", err.message);
		if (event == MFC_END)
			cli_die("the stream ends before the %zu clouds that %s has seen: resume is fed the same stream", clouds, path);
		i += event == MFC_RECORD;
	}
	mfc_value_clear(&skipped);
}

void score_checkpoint_read(struct mfc_model *model, const char *path, struct mfc_reader *reader, size_t dim, struct score_training *done)
{
	struct mfc_error err;
	if (mfc_model_read(model, path, &err))
		cli_die("%s", err.message);
	if (!model->state.m)
		cli_die("%s: holds no optimiser state to resume from", path);
	if (model->net.config.dim != dim)
		cli_die("%s: of dimension %zu, the stream of %zu", path, model->net.config.dim, dim);
	const struct mfc_value *training = mfc_value_get(&model->header, "training");
	if (!mfc_value_as_size(mfc_value_get(training, "steps"), &done->steps) ||
	    !mfc_value_as_size(mfc_value_get(training, "clouds"), &done->clouds) ||
	    !mfc_value_as_size(mfc_value_get(training, "particles"), &done->particles))
		cli_die("%s: does not say how far its training is", path);
	mfc_value_as_real(mfc_value_get(training, "seconds"), &done->seconds);
	if (mfc_value_as_size(mfc_value_get(training, "validation_step"), &done->best_step) && done->best_step <= done->steps)
		mfc_value_as_real(mfc_value_get(training, "validation"), &done->best);
	skip(reader, path, done->clouds);
}
