/* The loop of mfc-score train: batches, steps, rows of the log, checkpoints. */
#include "mfc-score-train.h"

#include "net/labels.h"
#include "stream/history.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <time.h>

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	stopped = number;
}

void train_raise(void)
{
	if (stopped) {
		signal(stopped, SIG_DFL);
		raise(stopped);
	}
}

static double clock_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double elapsed(const struct train *t)
{
	return t->done.seconds + clock_now() - t->started;
}

/* The share of the budget that is spent. */
static double spent(const struct train *t)
{
	return t->time > 0 ? elapsed(t) / t->time : (double)t->done.steps / (double)t->total;
}

/* Write the model; seconds only where they are the budget, so that runs by steps make the same bytes. */
void train_save(struct train *t)
{
	struct score_training done = t->done;
	done.seconds = t->time > 0 ? elapsed(t) : 0;
	score_checkpoint_write(&t->model, t->path, &done, t->optimizer.lr);
}

/* A new model that keeps what the stream's header says, or the one to go on from. */
void train_prepare(struct train *t)
{
	struct mfc_error err;
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	const char *path = cli_input(&t->cli);
	if (mfc_reader_open(&t->reader, cli_open(path), cli_name(path), t->cli.max_record, &err))
		cli_die("%s", err.message);
	struct mfc_value record = mfc_value_nil();
	if (mfc_reader_next_value(t->reader, &record, &err) != MFC_HEADER)
		cli_die("%s", err.message);
	const struct mfc_value *header = mfc_reader_header(t->reader);
	if (!mfc_value_as_size(mfc_value_get(header, "dim"), &t->config.dim))
		cli_die("the stream's header has no dim");
	score_levels(&t->levels, t->levels_text, header);
	t->config.labels = t->label_key ? t->max_labels : 0;
	if (!t->resume && mfc_model_create(&t->model, &t->config, t->sd, t->cli.seed, header, &err))
		cli_die("%s", err.message);
	if (!t->resume && t->label_key && mfc_labels_begin(&t->model.header, t->label_key, &err))
		cli_usage("--label-key: %s", err.message);
	if (t->resume)
		score_checkpoint_read(&t->model, t->path, t->reader, t->config.dim, &t->done);
	const char *key = mfc_value_as_string(mfc_value_get(mfc_value_get(&t->model.header, "labels"), "key"));
	if (t->label_key && (!t->model.net.config.labels || strcmp(key, t->label_key) != 0))
		cli_die("%s: was not trained with --label-key %s", t->path, t->label_key);
	t->labels.model = &t->model;
	t->labels.seed = t->cli.seed;
	t->labels.clouds = t->done.clouds;
	struct mfc_value v;
	if (mfc_levels_to_value(&t->levels, &v, &err) || mfc_value_put(&t->model.header, "levels", v, &err))
		cli_die("%s", err.message);
	if (!t->cli.no_history &&
	    mfc_history_append(&t->model.header, t->cli.program, MFC_VERSION, t->cli.argc, t->cli.argv, &t->cli.seed, &err))
		cli_die("%s", err.message);
	if (mfc_trainer_create(&t->trainer, &t->model.net, t->model.sd, &t->optimizer, t->model.state, t->cli.threads, &err))
		cli_die("%s", err.message);
}

static double one_step(struct train *t, double *lr)
{
	struct mfc_error err;
	double loss, norm;
	*lr = t->optimizer.lr * mfc_schedule(t->done.steps, spent(t));
	if (mfc_trainer_step(t->trainer, t->batch.example, t->batch.count, t->done.steps, *lr, &loss, &norm, &err))
		cli_die("%s", err.message);
	t->done.steps++;
	t->done.clouds += t->batch.count;
	for (size_t i = 0; i < t->batch.count; i++)
		t->done.particles += t->batch.example[i].n;
	score_log_add(&t->log, &t->batch, loss, norm);
	return loss;
}

void train_learn(struct train *t)
{
	struct mfc_error err;
	double lr = 0, mean = NAN, saved = clock_now();
	size_t first = t->done.steps, logged = first, particles = t->done.particles;
	t->started = clock_now();
	while (!stopped && spent(t) < 1) {
		if (score_batch_read(&t->batch, t->reader, t->config.dim, &t->levels, mfc_levels_batch(&t->levels), &t->labels, &err)) {
			if (stopped)
				break;
			if (t->done.steps == first)   /* nothing learnt that is worth another model's place */
				cli_die("%s", err.message);
			train_save(t);
			cli_die("%s (the model of step %zu is kept)", err.message, t->done.steps);
		}
		if (t->batch.count == 0 && t->done.steps == 0)
			cli_die("no clouds to learn from");
		if (t->batch.count == 0) {
			cli_warn("the stream ended after %zu steps, at %.0f %% of the budget", t->done.steps, 100 * spent(t));
			break;
		}
		double loss = one_step(t, &lr);
		mean = isnan(mean) ? loss : 0.98 * mean + 0.02 * loss;
		char note[64];
		snprintf(note, sizeof note, "loss %.3f, %.1fk particles/s", mean,
		    (double)(t->done.particles - particles) / (clock_now() - t->started) / 1000);
		cli_progress(&t->cli, t->time > 0 ? elapsed(t) : (double)t->done.steps, t->time > 0 ? t->time : (double)t->total,
		    t->time > 0 ? NULL : "steps", note);
		if (t->done.steps % t->log_every == 0)
			score_log_row(&t->log, &t->model, logged = t->done.steps, elapsed(t), t->done.particles, lr);
		if (clock_now() - saved > t->checkpoint) {
			train_save(t);
			saved = clock_now();
		}
	}
	cli_progress_end(&t->cli);
	if (t->done.steps > logged)
		score_log_row(&t->log, &t->model, t->done.steps, elapsed(t), t->done.particles, lr);
}
