/* The loop of mfc-score train: batches, steps, rows of the log, checkpoints. */
#include "mfc-score-train.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;
static int input, nothing;   /* descriptors: of the stream, of one without bytes */

/* A read that waits for input, or is about to, finds the end of it. */
static void stop(int number)
{
	int saved = errno;
	stopped = number;
	dup2(nothing, input);
	errno = saved;
}

/* From here on a first signal stops the training rather than the program, unless it is ignored; it also ends a write that waits. So does a dead pipe. */
static void catch_signals(FILE *in)
{
	static const int number[] = { SIGINT, SIGTERM, SIGHUP, SIGXCPU };
	struct sigaction action = { .sa_handler = stop, .sa_flags = SA_RESETHAND }, before;
	sigemptyset(&action.sa_mask);
	input = fileno(in);
	nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof number / sizeof *number; i++)
		if (sigaction(number[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(number[i], &action, NULL);
}

double train_clock(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double train_elapsed(const struct train *t)
{
	return t->done.seconds + train_clock() - t->started;
}

/* The share of the budget that is spent. */
static double spent(const struct train *t)
{
	return t->time > 0 ? train_elapsed(t) / t->time : (double)t->done.steps / (double)t->total;
}

static bool is_patient(const struct train *t)
{
	return t->patience == 0 || !isfinite(t->done.best) || (t->done.steps - t->done.best_step) / t->log_every < t->patience;
}

/* How a turn of the loop ended. A broken stream leaves a model that is worth keeping, a diverged one does not. */
enum turn { STEP, END, BROKEN, DIVERGED };

/* Read the batches of a step and add them up; seen counts them. A signal drops what is not complete. */
static enum turn gather(struct train *t, struct score_training *seen, struct mfc_error *err)
{
	struct score_batch *b = &t->batch;
	const struct mfc_score_config *net = &t->model.net.config;
	for (size_t i = 0; i < t->accumulate; i++) {
		if (score_batch_read(b, t->reader, t->config.dim, &t->levels, mfc_levels_batch(&t->levels), &t->labels, err))
			return stopped ? END : BROKEN;
		if (stopped)
			return END;
		if (b->count == 0)
			return i ? STEP : END;
		score_batch_draw(b, t->cli.seed, t->done.steps, t->perturb, net->windows ? net->below * t->model.denoiser.sd : 0);
		if (mfc_trainer_add(t->trainer, b->example, b->count, err))
			return BROKEN;
		for (size_t j = 0; j < b->count; j++) {
			if (!isfinite(b->example[j].loss)) {
				mfc_error_set(err, "step %zu: the loss of cloud \"%.100s\" is not finite", t->done.steps + 1, b->cloud[j].id);
				return DIVERGED;
			}
			seen->particles += b->example[j].n;
		}
		seen->clouds += b->count;
		score_log_add(&t->log, b);
	}
	return STEP;
}

static enum turn one_step(struct train *t, double *loss, struct mfc_error *err)
{
	struct score_training seen = t->done;
	double norm, lr = t->optimizer.lr;
	struct score_sums sums = t->log.sums;
	enum turn turn = gather(t, &seen, err);
	if (turn != STEP) {
		t->log.sums = sums;
		return turn;
	}
	lr *= mfc_schedule(&t->schedule, t->done.steps, spent(t));
	if (mfc_trainer_step(t->trainer, t->done.steps, lr, loss, &norm, err))
		return DIVERGED;
	seen.steps++;
	t->done = seen;
	score_log_step(&t->log, *loss, norm, lr);
	return STEP;
}

/* A row of the log. Only those that come however the training is cut into runs count for the best validation loss. */
static void row(struct train *t)
{
	double loss = score_log_row(&t->log, &t->model, &t->done, train_elapsed(t));
	if (loss < t->done.best && (t->done.steps % t->log_every == 0 || spent(t) >= 1)) {
		t->done.best = loss;
		t->done.best_step = t->done.steps;
	}
}

static void progress(struct train *t, double loss, size_t particles)
{
	static double mean = NAN;
	char note[64];
	mean = isnan(mean) ? loss : 0.98 * mean + 0.02 * loss;
	snprintf(note, sizeof note, "loss %.3f, %.1fk particles/s", mean,
	    (double)(t->done.particles - particles) / (train_clock() - t->started) / 1000);
	cli_progress(&t->cli, t->time > 0 ? train_elapsed(t) : (double)t->done.steps, t->time > 0 ? t->time : (double)t->total,
	    t->time > 0 ? NULL : "steps", note);
}

static void say_how_it_ended(const struct train *t, enum turn turn, size_t first, const struct mfc_error *err)
{
	double share = 100 * spent(t);
	if (isfinite(t->done.best) && !t->cli.quiet)
		cli_warn("the best validation loss was %.5f, at step %zu", t->done.best, t->done.best_step);
	if (turn == DIVERGED && t->kept)
		cli_warn("%s: training has diverged; %s is that of step %zu", err->message, t->path, t->kept_step);
	else if (turn == DIVERGED)
		cli_warn("%s: training has diverged, before a model was written", err->message);
	else if (turn == BROKEN && t->done.steps == first)
		cli_warn("%s", err->message);
	else if (turn == BROKEN)
		cli_warn("%s (the model of step %zu is kept)", err->message, t->done.steps);
	else if (turn == END && !stopped)
		cli_warn("the stream ended after %zu steps, at %.0f %% of the budget", t->done.steps, share);
	else if (!is_patient(t) && !stopped)
		cli_warn("no better for %zu rows of the log: stopped after %zu steps, at %.0f %% of the budget, with the model of the last", t->patience,
		    t->done.steps, share);
}

/* The last row of the log and the last checkpoint. Returns the exit status; dies of the signal that stopped the training. */
static int finish(struct train *t, enum turn turn, size_t first, const struct mfc_error *err)
{
	cli_progress_end(&t->cli);
	if (turn == END && t->done.steps == 0 && !stopped)
		cli_die("no clouds to learn from");
	bool over = spent(t) >= 1 || !is_patient(t);
	bool worth = turn != DIVERGED && (t->done.steps > first || (turn != BROKEN && !stopped && !t->log.failed));
	bool first_the_model = stopped || t->log.failed || !over;   /* at once, as there may be little time; and from within a row, which --resume completes */
	if (worth && first_the_model)
		train_save(t);
	if (t->log.sums.steps && !t->log.stalled)
		row(t);
	if (worth && !first_the_model)
		train_save(t);
	say_how_it_ended(t, turn, first, err);
	score_log_end(&t->log);
	if (t->log.failed == EPIPE && !stopped)
		stopped = SIGPIPE;
	else if (t->log.failed)
		cli_die("%s: the log cannot be written: %s", cli_output_name(&t->cli), strerror(t->log.failed));
	if (!t->log.stalled)
		cli_output_file_end(&t->cli);
	if (stopped) {
		signal(stopped, SIG_DFL);
		raise(stopped);
	}
	return turn == BROKEN || turn == DIVERGED;
}

int train_learn(struct train *t)
{
	struct mfc_error err;
	enum turn turn = STEP;
	size_t first = t->done.steps, particles = t->done.particles;
	double loss;
	t->started = t->kept_at = train_clock();
	if (t->validate && t->done.steps == 0)
		row(t);
	catch_signals(t->in);
	while (!stopped && !t->log.failed && spent(t) < 1 && is_patient(t) && (turn = one_step(t, &loss, &err)) == STEP) {
		progress(t, loss, particles);
		if (t->done.steps % t->log_every == 0)
			row(t);
		if (train_clock() - t->kept_at > t->checkpoint)
			train_save(t);
	}
	return finish(t, turn, first, &err);
}
