/* The TSV log of mfc-score train. */
#include "mfc-score.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define MAX_VALIDATION 4096   /* clouds */

static void read_validation(struct score_log *log, const struct mfc_model *model, const char *path)
{
	struct mfc_error err;
	struct mfc_reader *reader;
	FILE *in = cli_open(path);
	if (mfc_reader_open(&reader, in, path, log->cli->max_record, &err) ||
	    score_batch_read(&log->validation, reader, model->net.config.dim, log->levels, MAX_VALIDATION, NULL, &err))
		cli_die("--validate %s: %s", path, err.message);
	score_check_normalize(model, mfc_reader_header(reader), path);
	if (log->validation.count == 0)
		cli_die("%s: no clouds", path);
	mfc_reader_close(reader);
	fclose(in);
	if (mfc_weights_create(&log->weights, &model->net, model->state.ema, &err) ||
	    mfc_workplace_create(&log->judge, &model->net, false, &err))
		cli_die("%s", err.message);
}

static double validation_loss(struct score_log *log, const struct mfc_model *model)
{
	struct mfc_error err;
	struct score_batch *v = &log->validation;
	/* A label that training has not met is none so far. */
	if (score_labels_look_up(model, v, false, &err))
		cli_die("%s", err.message);
	mfc_weights_update(&log->weights, &model->net, 0, 1);
	if (mfc_denoiser_loss(log->judge, &log->weights, &model->denoiser, v->example, v->count, NULL, &err))
		cli_die("%s", err.message);
	double sum = 0;
	for (size_t i = 0; i < v->count; i++)
		sum += v->example[i].weight * v->example[i].loss;
	return sum;
}

void score_log_start(struct score_log *log, struct cli *cli, FILE *out, const struct mfc_model *model, const struct mfc_levels *levels,
    const char *validate)
{
	*log = (struct score_log){ .cli = cli, .levels = levels, .out = out };
	if (validate)
		read_validation(log, model, validate);
	fputs("step\tseconds\tparticles\tloss\tlr\tgrad_norm", out);
	for (size_t k = 0; k < levels->count; k++)
		fprintf(out, "\tloss_%zu", k);
	fputs(model->denoiser.sobolev > 0 ? "\tsobolev" : "", out);
	fputs(validate ? "\tvalidation\n" : "\n", out);
	if (fflush(out))
		cli_die("%s: the log cannot be written: %s", cli_output_name(cli), strerror(errno));
}

void score_log_add(struct score_log *log, const struct score_batch *batch)
{
	for (size_t k = 0; k < log->levels->count; k++) {
		double level = score_batch_level_loss(batch, k);
		if (!isnan(level)) {
			log->level[k] += level;
			log->seen[k]++;
		}
	}
	log->batches++;
	for (size_t i = 0; i < batch->count; i++)
		log->sobolev += batch->example[i].weight * batch->example[i].sobolev;
}

void score_log_step(struct score_log *log, double loss, double norm, double lr)
{
	log->steps++;
	log->loss += loss;
	log->norm += norm;
	log->lr = lr;
}

double score_log_row(struct score_log *log, const struct mfc_model *model, const struct score_training *done, double seconds)
{
	double n = (double)log->steps, validation = log->judge ? validation_loss(log, model) : NAN;
	fprintf(log->out, "%zu\t%.1f\t%zu", done->steps, seconds, done->particles);
	fprintf(log->out, log->steps ? "\t%.5f\t%.3g\t%.4f" : "\tnan\tnan\tnan", log->loss / n, log->lr, log->norm / n);
	for (size_t k = 0; k < log->levels->count; k++) {
		fprintf(log->out, log->seen[k] ? "\t%.5f" : "\tnan", log->level[k] / (double)log->seen[k]);
		log->level[k] = 0;
		log->seen[k] = 0;
	}
	if (model->denoiser.sobolev > 0)
		fprintf(log->out, log->batches ? "\t%.5f" : "\tnan", log->sobolev / (double)log->batches);
	if (log->judge)
		fprintf(log->out, "\t%.5f", validation);
	fputc('\n', log->out);
	log->loss = log->norm = log->sobolev = 0;
	log->steps = log->batches = 0;
	if (fflush(log->out)) {
		if (errno != EINTR)
			cli_die("%s: the log cannot be written: %s", cli_output_name(log->cli), strerror(errno));
		log->stalled = true;
	}
	return validation;
}

void score_log_end(struct score_log *log)
{
	score_batch_clear(&log->validation);
	mfc_workplace_free(log->judge);
	mfc_weights_free(&log->weights);
}
