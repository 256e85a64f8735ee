/* mfc-score train: learn the score from a stream of noised clouds. */
#include "mfc-score-train.h"

static void check(const struct train *t)
{
	if (!t->path)
		cli_usage("a model is needed: -m MODEL");
	if ((t->time > 0) == (t->total > 0))
		cli_usage("give the budget as either --time SECONDS or --steps COUNT");
	if (t->time < 0 || !(t->optimizer.lr > 0) || !(t->sd > 0) || !(t->checkpoint > 0) || t->log_every < 1)
		cli_usage("--time, --lr, --sd, --checkpoint and --log-every must be above 0");
	if (!(t->labels.drop >= 0 && t->labels.drop < 1) || t->max_labels < 1 || t->max_labels > MFC_SCORE_MAX_LABELS)
		cli_usage("--label-drop must be at least 0 and below 1, --max-labels from 1 to %d", MFC_SCORE_MAX_LABELS);
}

int score_train(int argc, char **argv)
{
	static struct train t = { .optimizer = MFC_ADAMW_DEFAULTS, .config = MFC_SCORE_DEFAULTS, .checkpoint = 60, .sd = 1, .log_every = 20,
		.labels.drop = 0.1, .max_labels = 64 };
	const struct cli_option table[] = {
		{ "model", 'm', "MODEL", "where the model is written", CLI_STRING, &t.path },
		{ "time", 0, "SECONDS", "budget of wall-clock time", CLI_REAL, &t.time },
		{ "steps", 0, "COUNT", "budget of steps", CLI_NATURAL, &t.total },
		{ "resume", 0, NULL, "go on from the model, fed the same stream from its start", CLI_FLAG, &t.resume },
		{ "levels", 0, "S:N:B,...", "noise levels (default: the stream's)", CLI_STRING, &t.levels_text },
		{ "validate", 0, "FILE", "noised clouds whose loss the log shows", CLI_STRING, &t.validate },
		{ "checkpoint", 0, "SECONDS", "write the model this often (60)", CLI_REAL, &t.checkpoint },
		{ "log-every", 0, "COUNT", "steps between rows of the log (20)", CLI_NATURAL, &t.log_every },
		{ "lr", 0, "RATE", "peak learning rate (0.003)", CLI_REAL, &t.optimizer.lr },
		{ "sd", 0, "NUMBER", "standard deviation of the data (1)", CLI_REAL, &t.sd },
		{ "width", 0, "COUNT", "width of a particle (64)", CLI_NATURAL, &t.config.width },
		{ "latents", 0, "COUNT", "latents (32)", CLI_NATURAL, &t.config.latents },
		{ "latent-width", 0, "COUNT", "width of a latent (128)", CLI_NATURAL, &t.config.latent_width },
		{ "embed", 0, "COUNT", "width of the time embedding (128)", CLI_NATURAL, &t.config.embed },
		{ "heads", 0, "COUNT", "attention heads (4)", CLI_NATURAL, &t.config.heads },
		{ "blocks", 0, "COUNT", "blocks (4)", CLI_NATURAL, &t.config.blocks },
		{ "label-key", 0, "KEY", "learn the clouds' labels, which are under this key", CLI_STRING, &t.label_key },
		{ "label-drop", 0, "P", "probability that a cloud is learnt without its label (0.1)", CLI_REAL, &t.labels.drop },
		{ "max-labels", 0, "COUNT", "labels that the model has room for (64)", CLI_NATURAL, &t.max_labels },
		{ "no-interaction", 0, NULL, "particles that do not see each other, for comparison", CLI_FLAG, &t.config.alone },
		{ 0 }
	};
	t.cli = (struct cli){ .program = "mfc-score train", .synopsis = "-m MODEL {--time SECONDS | --steps COUNT} [option ...] [file]",
		.purpose = "Learn the score from a stream of noised clouds; the log goes to standard output." };
	cli_parse(&t.cli, argc, argv, table);
	check(&t);
	score_note_kernels();
	train_prepare(&t);
	score_log_start(&t.log, &t.cli, cli_output_file(&t.cli, false), &t.model, &t.levels, t.validate);
	train_learn(&t);
	train_save(&t);
	score_log_end(&t.log);
	cli_output_file_end(&t.cli);
	train_raise();
	score_batch_clear(&t.batch);
	mfc_trainer_free(t.trainer);
	mfc_reader_close(t.reader);
	mfc_model_clear(&t.model);
	return 0;
}
