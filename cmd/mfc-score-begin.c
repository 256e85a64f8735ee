/* How a run of mfc-score train begins: the stream's header, a new model or the one to go on from; and how its model is written. */
#include "mfc-score-train.h"

#include "net/labels.h"
#include "file.h"
#include "stream/history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Sooner than after the first minutes. */
static void check_writable(const char *path)
{
	struct mfc_error err;
	struct mfc_file file = { 0 };
	struct stat status;
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		cli_die("%s: is a folder", path);
	if (mfc_file_create(&file, path, &err))
		cli_die("%s", err.message);
	mfc_file_discard(&file);
}

void train_open(struct train *t)
{
	struct mfc_error err;
	struct mfc_value record = mfc_value_nil();
	const char *path = cli_input(&t->cli);
	if (cli_same_file(path, t->path))
		cli_usage("%s: is read, and the model to be written too", path);
	t->in = cli_open(path);
	if (mfc_reader_open(&t->reader, t->in, cli_name(path), t->cli.max_record, &err) ||
	    mfc_reader_next_value(t->reader, &record, &err) != MFC_HEADER)
		cli_die("%s", err.message);
	const struct mfc_value *header = mfc_reader_header(t->reader);
	if (!mfc_value_as_size(mfc_value_get(header, "dim"), &t->config.dim))
		cli_die("the stream's header has no dim");
	score_levels(&t->levels, t->levels_text, header);
	t->config.labels = t->label_key ? t->max_labels : 0;
	if (!t->dry_run) {
		check_writable(t->path);
		t->there = stat(t->path, &t->written) == 0;
	}
	if (!t->resume && !t->dry_run && access(t->path, F_OK) == 0)
		cli_note("%s: will be replaced: --resume goes on from it", t->path);
	if (t->resume && access(t->path, F_OK) && errno == ENOENT) {
		cli_warn("%s: not there yet: a new model", t->path);
		t->resume = false;
	}
}

static bool is_string(const struct mfc_value *a, const struct mfc_value *b)
{
	const char *p = mfc_value_as_string(a), *q = mfc_value_as_string(b);
	return p && q && strcmp(p, q) == 0;
}

/* Whether two entries of a history are of one command. */
static bool same_command(const struct mfc_value *a, const struct mfc_value *b)
{
	static const char *const key[] = { "name", "version" };
	const struct mfc_value *p = mfc_value_get(a, "argv"), *q = mfc_value_get(b, "argv");
	size_t seed[2] = { 0 }, same = 0;
	for (size_t k = 0; k < 2; k++)
		if (!is_string(mfc_value_get(a, key[k]), mfc_value_get(b, key[k])))
			return false;
	if (!mfc_value_as_size(mfc_value_get(a, "seed"), &seed[0]) || !mfc_value_as_size(mfc_value_get(b, "seed"), &seed[1]) || seed[0] != seed[1])
		return false;
	if (!p || !q || p->size != q->size)
		return false;
	while (same < p->size && is_string(&p->items[same], &q->items[same]))
		same++;
	return same == p->size;
}

/* This command, once for all its runs, and without --resume: what it was cut into leaves no trace in the model. */
static void record(struct train *t)
{
	struct mfc_error err;
	struct mfc_value *header = &t->model.header;
	char **argv = calloc((size_t)t->cli.argc + 1, sizeof *argv);
	int argc = 0;
	for (int i = 0; argv && i < t->cli.argc; i++)
		if (strcmp(t->cli.argv[i], "--resume") != 0)
			argv[argc++] = t->cli.argv[i];
	if (!argv || mfc_history_append(header, t->cli.program, MFC_VERSION, argc, argv, &t->cli.seed, &err))
		cli_die("%s", argv ? err.message : "out of memory");
	free(argv);
	struct mfc_value *history = mfc_value_get(header, "history");
	if (t->resume && history->size > 1 && same_command(&history->items[history->size - 2], &history->items[history->size - 1]))
		mfc_value_clear(&history->items[--history->size]);
}

/* The vocabulary of a new model, or that of the one to go on from. */
static void prepare_labels(struct train *t)
{
	struct mfc_error err;
	if (!t->resume && t->label_key && mfc_labels_begin(&t->model.header, t->label_key, &err))
		(err.scarce ? cli_die : cli_usage)("--label-key: %s", err.message);
	const char *key = mfc_value_as_string(mfc_value_get(mfc_value_get(&t->model.header, "labels"), "key"));
	if (t->label_key && (!t->model.net.config.labels || strcmp(key, t->label_key) != 0))
		cli_die("%s: was not trained with --label-key %s", t->path, t->label_key);
	t->labels.model = &t->model;
	t->labels.seed = t->cli.seed;
	t->labels.clouds = t->done.clouds;
}

void train_prepare(struct train *t)
{
	struct mfc_error err;
	struct mfc_value v;
	if (!t->resume)
		train_check_memory(t, NULL);
	if (!t->resume && mfc_model_create(&t->model, &t->config, &t->denoiser, t->cli.seed, mfc_reader_header(t->reader), &err))
		cli_die("%s", err.message);
	if (t->resume) {
		score_checkpoint_read(&t->model, t->path, t->config.dim, t->levels.count, &t->done, &t->sums);
		score_check_normalize(&t->model, mfc_reader_header(t->reader), cli_input(&t->cli));
		train_check_memory(t, &t->model.net);
		t->kept = true;
		t->kept_step = t->done.steps;
	}
	prepare_labels(t);
	t->model.denoiser.sobolev = t->denoiser.sobolev;
	if (mfc_levels_to_value(&t->levels, &v, &err) || mfc_value_put(&t->model.header, "levels", v, &err))
		cli_die("%s", err.message);
	if (!t->cli.no_history)
		record(t);
	if (mfc_trainer_create(&t->trainer, &t->model.net, &t->model.denoiser, &t->optimizer, t->model.state, t->cli.threads, &err))
		cli_die("%s", err.message);
	if (t->resume)   /* last: it may take long, and what can fail is known by now */
		score_checkpoint_skip(t->reader, t->path, t->done.clouds);
}

/* Two trainings of one model would each undo what the other writes. */
static void check_alone(const struct train *t)
{
	struct stat now;
	const struct timespec *a = &t->written.st_mtim, *b = &now.st_mtim;
	if (stat(t->path, &now) == 0 && !(t->there && now.st_dev == t->written.st_dev && now.st_ino == t->written.st_ino &&
	    a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec))
		cli_die("%s: another process has written it: is it being trained twice? What this one has learnt%s is not kept", t->path,
		    t->kept ? " since its last checkpoint" : "");
}

/* Seconds only where they are the budget, so that runs by steps make the same bytes. The log is on the disk before the model that goes on from it. */
void train_save(struct train *t)
{
	check_alone(t);
	score_log_publish(&t->log);
	struct score_training done = t->done;
	done.seconds = t->time > 0 ? train_elapsed(t) : 0;
	score_checkpoint_write(&t->model, t->path, &done, &t->log.sums, t->levels.count, t->optimizer.lr);
	t->there = stat(t->path, &t->written) == 0;
	t->kept = true;
	t->kept_step = t->done.steps;
	t->kept_at = train_clock();
}
