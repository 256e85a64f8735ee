/* mfc-score loss: the objective, the likelihood bound and the chaotic entropy on noised clouds, of a model or of the exact score. */
#include "mfc-score-loss.h"

#include <stdlib.h>

/* What judges the clouds. */
struct judge {
	struct cli cli;
	const char *path, *oracle_path;   /* -m, --oracle */
	bool raw;
	struct mfc_denoiser denoiser;
	struct mfc_levels levels;
	size_t dim;
	/* a model, */
	struct mfc_model model;
	struct mfc_weights weights;
	struct mfc_workplace *work;
	/* or a known law, and what it looks at */
	struct oracle oracle;
	float *y, *D;   /* (room) */
	size_t room;
};

static void open_model(struct judge *j)
{
	struct mfc_error err;
	sampler_model(&j->model, &j->levels, j->path);
	j->denoiser = j->model.denoiser;
	j->dim = j->model.net.config.dim;
	if (mfc_weights_create(&j->weights, &j->model.net, j->raw ? j->model.state.params : j->model.state.ema, &err) ||
	    mfc_workplace_create(&j->work, &j->model.net, false, &err))
		cli_die("%s", err.message);
}

/* The levels are those that a model of the same stream would have. */
static void open_oracle(struct judge *j, struct mfc_reader *reader)
{
	struct mfc_error err;
	struct mfc_value record = mfc_value_nil();
	oracle_open(&j->oracle, &j->cli, j->oracle_path);
	j->denoiser = (struct mfc_denoiser){ .sd = 1 };
	j->dim = mfc_oracle_dim(j->oracle.law);
	if (mfc_reader_next_value(reader, &record, &err) != MFC_HEADER)
		cli_die("%s", err.message);
	score_levels(&j->levels, NULL, mfc_reader_header(reader));
}

static void end(struct judge *j)
{
	free(j->y);
	free(j->D);
	if (j->oracle_path) {
		oracle_close(&j->oracle);
		return;
	}
	mfc_workplace_free(j->work);
	mfc_weights_free(&j->weights);
	mfc_model_clear(&j->model);
}

/* The law is that of the whole cloud, also of particles that are there as neighbours alone. */
static int ask_oracle(struct judge *j, struct mfc_example *e, struct mfc_error *err)
{
	size_t numbers = e->crowd * j->dim;
	if (numbers > j->room) {
		free(j->y);
		free(j->D);
		j->y = malloc(numbers * sizeof *j->y);
		j->D = malloc(numbers * sizeof *j->D);
		j->room = j->y && j->D ? numbers : 0;
		if (!j->room)
			return mfc_error_memory(err);
	}
	for (size_t i = 0; i < numbers; i++)
		j->y[i] = e->x0[i] + (float)e->s * e->eps[i];
	if (mfc_oracle_denoise(&(struct mfc_oracle_use){ j->oracle.law, j->cli.threads }, e->crowd, j->y, e->s, j->D, err))
		return -1;
	mfc_denoiser_compare(&j->denoiser, j->dim, j->D, e);
	return 0;
}

static int ask_model(struct judge *j, struct score_batch *batch, struct mfc_error *err)
{
	return score_labels_look_up(&j->model, batch, true, err) ||
	    mfc_denoiser_loss(j->work, &j->weights, &j->denoiser, batch->example, 1, NULL, err);
}

static void read_all(struct judge *j, struct mfc_reader *reader, struct loss_sums *sums, const char *name)
{
	struct mfc_error err;
	struct score_batch batch = { 0 };
	for (;;) {
		if (score_batch_read(&batch, reader, j->dim, &j->levels, 1, NULL, &err))
			cli_die("%s", err.message);
		if (batch.count == 0)
			break;
		if (sums->far.count == 0 && !j->oracle_path)
			score_check_normalize(&j->model, mfc_reader_header(reader), name);
		if (j->oracle_path ? ask_oracle(j, batch.example, &err) : ask_model(j, &batch, &err))
			cli_die("%s", err.message);
		loss_take(sums, batch.level[0], batch.example, &j->denoiser, j->dim);
		cli_progress(&j->cli, (double)sums->far.count, 0, "clouds", NULL);
	}
	cli_progress_end(&j->cli);
	if (sums->far.count == 0)
		cli_die("%s: no clouds", name);
	score_batch_clear(&batch);
}

int score_loss(int argc, char **argv)
{
	static struct judge j;
	static struct loss_sums sums;
	const struct cli_option table[] = {
		{ "model", 'm', "MODEL", "the trained model (mfc-model(5))", CLI_STRING, &j.path },
		{ "oracle", 0, "FILE", "instead of a model: the exact score of a mixture of Gaussians or of shapes", CLI_STRING, &j.oracle_path },
		{ "raw", 0, NULL, "the parameters themselves instead of their moving average", CLI_FLAG, &j.raw },
		{ 0 }
	};
	struct mfc_error err;
	struct mfc_reader *reader;
	j.cli = (struct cli){ .program = "mfc-score loss", .synopsis = "{-m MODEL | --oracle FILE} [option ...] [file]",
		.purpose = "Print the training objective, the likelihood bound and the chaotic entropy, by level and in total, as TSV." };
	cli_parse(&j.cli, argc, argv, table);
	if (j.oracle_path && (j.path || j.raw))
		cli_usage("--oracle excludes -m and --raw");
	score_note_kernels();
	if (!j.oracle_path)
		open_model(&j);
	const char *input = cli_input(&j.cli);
	if (mfc_reader_open(&reader, cli_open(input), cli_name(input), j.cli.max_record, &err))
		cli_die("%s", err.message);
	if (j.oracle_path)
		open_oracle(&j, reader);
	read_all(&j, reader, &sums, cli_name(input));
	FILE *out = cli_output_file(&j.cli, false);
	loss_print(out, &sums, &j.levels, j.denoiser.sd, j.dim);
	cli_output_file_end(&j.cli);
	mfc_reader_close(reader);
	end(&j);
	return 0;
}
