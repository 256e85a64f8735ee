/* mfc-score train: learn the score from a stream of noised clouds. */
#include "mfc-score-train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A list of widths. */
static bool windows(const char *text, struct mfc_score_config *config)
{
	for (const char *p = text;; p++) {
		char *end;
		if (config->windows == MFC_SCORE_MAX_WINDOWS)
			return false;
		config->window[config->windows++] = strtod(p, &end);
		if (end == p || *end != ',')
			return end != p && *end == 0;
		p = end;
	}
}

static void check(struct train *t)
{
	if (!t->path)
		cli_usage("a model is needed: -m MODEL");
	if (strcmp(t->path, "-") == 0)
		cli_usage("-m -: the model is a file, which is written again and again");
	if (cli_same_file(t->path, t->cli.output))
		cli_usage("-m and -o are one file: %s", t->path);
	if ((t->time > 0) == (t->total > 0))
		cli_usage("give the budget as either --time SECONDS or --steps COUNT");
	if (t->time < 0 || !(t->optimizer.lr > 0) || !(t->denoiser.sd > 0) || !(t->checkpoint > 0))
		cli_usage("--time, --lr, --sd and --checkpoint must be above 0");
	if (t->optimizer.clip < 0 || t->optimizer.decay < 0)
		cli_usage("--clip and --weight-decay must not be below 0");
	if (!(t->schedule.constant >= 0 && t->schedule.constant <= 1) || !(t->optimizer.ema_max >= 0 && t->optimizer.ema_max < 1))
		cli_usage("--constant is a share from 0 to 1, --ema a rate from 0 to below 1");
	if (!mfc_denoiser_named(&t->denoiser, t->parametrization))
		cli_usage("--parametrization %s: not edm or epsilon", t->parametrization);
	if (!(t->denoiser.sobolev >= 0))
		cli_usage("--sobolev must not be below 0");
	if (!mfc_arch_named(&t->config.arch, t->arch))
		cli_usage("--arch %s: not latent, pooled, pairwise or none", t->arch);
	if (t->local && !windows(t->local, &t->config))
		cli_usage("--local %s: not a list of at most %d widths", t->local, MFC_SCORE_MAX_WINDOWS);
	if (t->local && t->config.arch == MFC_ARCH_PAIRWISE)
		cli_usage("--local is not with --arch pairwise");
	if (!isnan(t->config.radius) && t->config.arch != MFC_ARCH_PAIRWISE)
		cli_usage("--radius is with --arch pairwise");
	if (!t->local && !isnan(t->config.below))
		cli_usage("--below is with --local");
	if (!(t->perturb >= 0 && t->perturb <= 10))
		cli_usage("--perturb %g: not between 0 and 10", t->perturb);
	const struct mfc_score_config defaults = MFC_SCORE_DEFAULTS;
	if (isnan(t->config.below))
		t->config.below = defaults.below;
	if (isnan(t->config.radius))
		t->config.radius = MFC_SCORE_RADIUS;
	if (t->patience && !t->validate)
		cli_usage("--patience is with --validate");
	if (!(t->labels.drop >= 0 && t->labels.drop < 1) || t->max_labels < 1 || t->max_labels > MFC_SCORE_MAX_LABELS)
		cli_usage("--label-drop must be at least 0 and below 1, --max-labels from 1 to %d", MFC_SCORE_MAX_LABELS);
}

int score_train(int argc, char **argv)
{
	static struct train t = { .optimizer = MFC_ADAMW_DEFAULTS, .schedule = MFC_SCHEDULE_DEFAULTS, .config = MFC_SCORE_DEFAULTS, .checkpoint = 60,
		.denoiser.sd = 1, .parametrization = "edm", .arch = "latent", .log_every = 20, .perturb = 0.4, .accumulate = 1, .done.best = INFINITY,
		.labels.drop = 0.1, .max_labels = 64 };
	const struct cli_option table[] = {
		{ "model", 'm', "MODEL", "where the model is written", CLI_STRING, &t.path },
		{ "time", 0, "SECONDS", "budget of wall-clock time", CLI_REAL, &t.time },
		{ "steps", 0, "COUNT", "budget of steps", CLI_COUNT, &t.total },
		{ "resume", 0, NULL, "go on from the model, fed the same stream from its start", CLI_FLAG, &t.resume },
		{ "dry-run", 0, NULL, "print what training would take, and do nothing", CLI_FLAG, &t.dry_run },
		{ "levels", 0, "S:N:B,...", "noise levels (default: the stream's)", CLI_STRING, &t.levels_text },
		{ "validate", 0, "FILE", "noised clouds whose loss the log shows", CLI_STRING, &t.validate },
		{ "patience", 0, "ROWS", "stop when the validation loss was no better for so many rows (0: never)", CLI_NATURAL, &t.patience },
		{ "checkpoint", 0, "SECONDS", "write the model this often (60)", CLI_REAL, &t.checkpoint },
		{ "log-every", 0, "COUNT", "steps between rows of the log (20)", CLI_COUNT, &t.log_every },
		{ "lr", 0, "RATE", "peak learning rate (0.003)", CLI_REAL, &t.optimizer.lr },
		{ "warmup", 0, "STEPS", "steps in which the rate rises to it (100)", CLI_NATURAL, &t.schedule.warmup },
		{ "constant", 0, "SHARE", "of the budget, before the rate falls to 0 (0.3)", CLI_REAL, &t.schedule.constant },
		{ "clip", 0, "NORM", "largest norm of the gradient (1; 0: any)", CLI_REAL, &t.optimizer.clip },
		{ "weight-decay", 0, "RATE", "of the parameters, times the learning rate (0.01)", CLI_REAL, &t.optimizer.decay },
		{ "ema", 0, "RATE", "of the parameters' moving average (0.999)", CLI_REAL, &t.optimizer.ema_max },
		{ "accumulate", 0, "COUNT", "batches of a step (1)", CLI_COUNT, &t.accumulate },
		{ "sobolev", 0, "W", "weight of the Jacobian's part of the loss (0)", CLI_REAL, &t.denoiser.sobolev },
		{ "parametrization", 0, "FORM", "of the denoiser: edm (default) or epsilon, a network that predicts the noise", CLI_STRING,
			&t.parametrization },
		{ "sd", 0, "NUMBER", "standard deviation of the data (1)", CLI_REAL, &t.denoiser.sd },
		{ "width", 0, "COUNT", "width of a particle (64)", CLI_COUNT, &t.config.width },
		{ "latents", 0, "COUNT", "latents (32)", CLI_COUNT, &t.config.latents },
		{ "latent-width", 0, "COUNT", "width of a latent (128)", CLI_COUNT, &t.config.latent_width },
		{ "embed", 0, "COUNT", "width of the time embedding (128)", CLI_COUNT, &t.config.embed },
		{ "heads", 0, "COUNT", "attention heads (4)", CLI_COUNT, &t.config.heads },
		{ "blocks", 0, "COUNT", "blocks (4)", CLI_COUNT, &t.config.blocks },
		{ "frequencies", 0, "COUNT", "sines and cosines of a coordinate (10)", CLI_NATURAL, &t.config.frequencies },
		{ "label-key", 0, "KEY", "learn the clouds' labels, which are under this key", CLI_STRING, &t.label_key },
		{ "label-drop", 0, "P", "probability that a cloud is learnt without its label (0.1)", CLI_REAL, &t.labels.drop },
		{ "max-labels", 0, "COUNT", "labels that the model has room for (64)", CLI_COUNT, &t.max_labels },
		{ "arch", 0, "NAME", "latent (default), pooled, pairwise or none", CLI_STRING, &t.arch },
		{ "local", 0, "H,...", "a local term in windows so wide, in units of the noise, as 1.5,3", CLI_STRING, &t.local },
		{ "below", 0, "S", "noise level that it begins below (0.25)", CLI_REAL, &t.config.below },
		{ "perturb", 0, "G", "and there noise beyond what the network is told, up to G times that (0.4)", CLI_REAL, &t.perturb },
		{ "radius", 0, "R", "of pairwise's ball (0.5)", CLI_REAL, &t.config.radius },
		{ 0 }
	};
	t.cli = (struct cli){ .program = "mfc-score train", .synopsis = "-m MODEL {--time SECONDS | --steps COUNT} [option ...] [file]",
		.purpose = "Learn the score from a stream of noised clouds; the log goes to standard output." };
	t.config.radius = t.config.below = NAN;   /* not given */
	cli_parse(&t.cli, argc, argv, table);
	check(&t);
	score_note_kernels();
	int status = 0;
	train_open(&t);
	if (t.dry_run) {
		train_dry_run(&t);
	} else {
		train_prepare(&t);
		size_t kept = t.done.steps - t.sums.steps;
		score_log_start(&t.log, &t.cli, &t.model, &t.levels, t.validate, &t.sums, t.resume ? &kept : NULL);
		status = train_learn(&t);
	}
	score_batch_clear(&t.batch);
	mfc_trainer_free(t.trainer);
	mfc_reader_close(t.reader);
	mfc_model_clear(&t.model);
	return status;
}
