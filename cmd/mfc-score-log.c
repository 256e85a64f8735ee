/* The TSV log of mfc-score train. */
#include "mfc-score.h"

#include "file.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_VALIDATION 4096   /* clouds */
#define MAX_LOG ((size_t)1 << 30)   /* bytes of one to go on with */

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

static void write_names(FILE *to, const struct score_log *log, const struct mfc_model *model)
{
	fputs("step\tseconds\tparticles\tloss\tlr\tgrad_norm", to);
	for (size_t k = 0; k < log->levels->count; k++)
		fprintf(to, "\tloss_%zu", k);
	fputs(model->denoiser.sobolev > 0 ? "\tsobolev" : "", to);
	fputs(log->judge ? "\tvalidation\n" : "\n", to);
}

/* The rows of a log that is there, up to so many steps; half a line at its end is what an earlier run had no time for. */
static void keep_rows(struct score_log *log, const char *path, const char *names, size_t steps)
{
	struct mfc_error err;
	struct stat status;
	char *text, *end;
	size_t size, first = strlen(names);
	if (strcmp(path, "-") == 0 || stat(path, &status) || !S_ISREG(status.st_mode) || status.st_size == 0)
		return;
	if (mfc_file_read(path, MAX_LOG, &text, &size, &err))
		cli_die("%s", err.message);
	if (strncmp(text, names, first) != 0)
		cli_die("%s: no log of this training, whose first line names other columns", path);
	for (char *row = text + first; (end = strchr(row, '\n')); row = end + 1) {
		char *behind;
		size_t step = strtoull(row, &behind, 10);
		if (behind == row || *behind != '\t')
			cli_die("%s: byte %td is no row's beginning", path, row - text);
		if (step > steps)
			break;
		fwrite(row, 1, (size_t)(end - row) + 1, log->out);
	}
	free(text);
}

/* Dying of it would lose what was learnt. */
static void fail(struct score_log *log)
{
	log->stalled = true;
	log->failed = errno == EINTR ? 0 : errno ? errno : EIO;
}

void score_log_publish(struct score_log *log)
{
	if (!log->stalled && cli_output_file_publish(log->cli))
		fail(log);
}

void score_log_start(struct score_log *log, struct cli *cli, const struct mfc_model *model, const struct mfc_levels *levels, const char *validate,
    const struct score_sums *sums, const size_t *kept)
{
	char *names = NULL;
	size_t size;
	*log = (struct score_log){ .cli = cli, .levels = levels, .sums = *sums, .out = cli_output_file(cli, false) };
	if (validate)
		read_validation(log, model, validate);
	FILE *line = open_memstream(&names, &size);
	if (!line)
		cli_die("out of memory");
	write_names(line, log, model);
	if (fclose(line) || !names)   /* glibc says nothing of memory that it lacks then */
		cli_die("out of memory");
	fputs(names, log->out);
	if (kept)
		keep_rows(log, cli->output, names, *kept);
	free(names);
	score_log_publish(log);
	if (log->failed)
		cli_die("%s: the log cannot be written: %s", cli_output_name(cli), strerror(log->failed));
}

void score_log_add(struct score_log *log, const struct score_batch *batch)
{
	for (size_t k = 0; k < log->levels->count; k++) {
		double level = score_batch_level_loss(batch, k);
		if (!isnan(level)) {
			log->sums.level[k] += level;
			log->sums.seen[k]++;
		}
	}
	log->sums.batches++;
	for (size_t i = 0; i < batch->count; i++)
		log->sums.sobolev += batch->example[i].weight * batch->example[i].sobolev;
}

void score_log_step(struct score_log *log, double loss, double norm, double lr)
{
	log->sums.steps++;
	log->sums.loss += loss;
	log->sums.norm += norm;
	log->sums.lr = lr;
}

double score_log_row(struct score_log *log, const struct mfc_model *model, const struct score_training *done, double seconds)
{
	struct score_sums *s = &log->sums;
	double n = (double)s->steps, validation = log->judge ? validation_loss(log, model) : NAN;
	fprintf(log->out, "%zu\t%.1f\t%zu", done->steps, seconds, done->particles);
	fprintf(log->out, s->steps ? "\t%.5f\t%.3g\t%.4f" : "\tnan\tnan\tnan", s->loss / n, s->lr, s->norm / n);
	for (size_t k = 0; k < log->levels->count; k++)
		fprintf(log->out, s->seen[k] ? "\t%.5f" : "\tnan", s->level[k] / (double)s->seen[k]);
	if (model->denoiser.sobolev > 0)
		fprintf(log->out, s->batches ? "\t%.5f" : "\tnan", s->sobolev / (double)s->batches);
	if (log->judge)
		fprintf(log->out, "\t%.5f", validation);
	fputc('\n', log->out);
	*s = (struct score_sums){ 0 };
	if (fflush(log->out))
		fail(log);
	return validation;
}

void score_log_end(struct score_log *log)
{
	score_batch_clear(&log->validation);
	mfc_workplace_free(log->judge);
	mfc_weights_free(&log->weights);
}
