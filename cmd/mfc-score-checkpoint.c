/* How far training is: written into the model with it, and found there again by --resume. */
#include "mfc-score.h"

#include <math.h>

/* The sums, and the levels' below them, as a map of numbers and one of lists. */
static int put_row(struct mfc_value *training, const struct score_sums *s, size_t levels, struct mfc_error *err)
{
	struct mfc_value row = mfc_value_map(), level = mfc_value_list(), seen = mfc_value_list();
	int bad = mfc_value_put(&row, "steps", mfc_value_uint(s->steps), err) || mfc_value_put(&row, "batches", mfc_value_uint(s->batches), err) ||
	    mfc_value_put(&row, "loss", mfc_value_real(s->loss), err) || mfc_value_put(&row, "norm", mfc_value_real(s->norm), err) ||
	    mfc_value_put(&row, "lr", mfc_value_real(s->lr), err) || mfc_value_put(&row, "sobolev", mfc_value_real(s->sobolev), err);
	for (size_t k = 0; !bad && k < levels; k++)
		bad = mfc_value_push(&level, mfc_value_real(s->level[k]), err) || mfc_value_push(&seen, mfc_value_uint(s->seen[k]), err);
	return bad || mfc_value_put(&row, "level_loss", level, err) || mfc_value_put(&row, "level_batches", seen, err) ||
	    mfc_value_put(training, "row", row, err);
}

/* False where it is not as put_row makes it, or of another number of levels. */
static bool get_row(const struct mfc_value *row, struct score_sums *s, size_t levels)
{
	const struct mfc_value *level = mfc_value_get(row, "level_loss"), *seen = mfc_value_get(row, "level_batches");
	bool good = mfc_value_as_size(mfc_value_get(row, "steps"), &s->steps) && mfc_value_as_size(mfc_value_get(row, "batches"), &s->batches) &&
	    mfc_value_as_real(mfc_value_get(row, "loss"), &s->loss) && mfc_value_as_real(mfc_value_get(row, "norm"), &s->norm) &&
	    mfc_value_as_real(mfc_value_get(row, "lr"), &s->lr) && mfc_value_as_real(mfc_value_get(row, "sobolev"), &s->sobolev) && level && seen &&
	    level->type == MFC_LIST && seen->type == MFC_LIST && level->size == levels && seen->size == levels;
	for (size_t k = 0; good && k < levels; k++)
		good = mfc_value_as_real(&level->items[k], &s->level[k]) && mfc_value_as_size(&seen->items[k], &s->seen[k]);
	return good;
}

void score_checkpoint_write(struct mfc_model *model, const char *path, const struct score_training *done, const struct score_sums *sums,
    size_t levels, double lr)
{
	struct mfc_error err;
	struct mfc_value map = mfc_value_map();
	if (mfc_value_put(&map, "steps", mfc_value_uint(done->steps), &err) || mfc_value_put(&map, "clouds", mfc_value_uint(done->clouds), &err) ||
	    mfc_value_put(&map, "particles", mfc_value_uint(done->particles), &err) || mfc_value_put(&map, "lr", mfc_value_real(lr), &err) ||
	    (done->seconds > 0 && mfc_value_put(&map, "seconds", mfc_value_real(done->seconds), &err)) ||
	    (isfinite(done->best) && (mfc_value_put(&map, "validation", mfc_value_real(done->best), &err) ||
	        mfc_value_put(&map, "validation_step", mfc_value_uint(done->best_step), &err))) ||
	    (sums->steps && put_row(&map, sums, levels, &err)) || mfc_value_put(&model->header, "training", map, &err) ||
	    mfc_model_write(model, path, false, &err))
		cli_die("%s", err.message);
}

void score_checkpoint_skip(struct mfc_reader *reader, const char *path, size_t clouds)
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

void score_checkpoint_read(struct mfc_model *model, const char *path, size_t dim, size_t levels, struct score_training *done, struct score_sums *sums)
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
	*sums = (struct score_sums){ 0 };
	if (!get_row(mfc_value_get(training, "row"), sums, levels) || sums->steps > done->steps)
		*sums = (struct score_sums){ 0 };
}
