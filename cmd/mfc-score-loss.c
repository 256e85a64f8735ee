/* mfc-score loss: the objective and the likelihood bound on noised clouds. */
#include "mfc-score.h"

#include <math.h>

struct sums { double loss, bound; size_t clouds, particles; };

/* The density of ln s in training, which weighs the bound's integral over ln s; shares the law's constants with levels through its
 * distribution function. */
static double density(const struct mfc_levels *whole, double s)
{
	const double h = 1e-4;
	struct mfc_levels edge = *whole;
	edge.count = 2;
	edge.level[0].s_low = s * exp(h);
	edge.level[1].s_low = s * exp(-h);
	return mfc_levels_weight(&edge, 1) / (2 * h);
}

/* ½ ∫ β E‖s_θ - ∇log p(x_t|x_0)‖² dt = ∫ E‖D - x_0‖² / s² d ln s a particle (Song et al. 2021, eq. 7, in signal-to-noise form); one cloud's
 * share is its value over the density with which s was drawn within its level. */
static double bound(const struct mfc_levels *levels, size_t k, const struct mfc_example *e, double sd, size_t dim)
{
	double error = e->loss * (e->s * e->s * sd * sd) / (e->s * e->s + sd * sd);   /* mean over particles and coordinates of (D - x_0)² */
	return (double)dim * error / (e->s * e->s) * mfc_levels_weight(levels, k) / density(levels, e->s);
}

static void print(FILE *out, const char *name, const struct sums *s, double loss, double bound_value)
{
	/* A mean over no clouds: printf's nan may bear a sign. */
	if (isnan(loss))
		fprintf(out, "%s\t%zu\t%zu\tnan\tnan\n", name, s->clouds, s->particles);
	else
		fprintf(out, "%s\t%zu\t%zu\t%.6f\t%.6f\n", name, s->clouds, s->particles, loss, bound_value);
}

int score_loss(int argc, char **argv)
{
	static struct cli cli;
	const char *path = NULL;
	bool raw = false;
	const struct cli_option table[] = {
		{ "model", 'm', "MODEL", "the trained model (mfc-model(5))", CLI_STRING, &path },
		{ "raw", 0, NULL, "the parameters themselves instead of their moving average", CLI_FLAG, &raw },
		{ 0 }
	};
	struct mfc_error err;
	struct mfc_model model;
	struct mfc_levels levels;
	struct mfc_reader *reader;
	struct mfc_workplace *work;
	struct score_batch batch = { 0 };
	struct sums sum[MFC_MAX_LEVELS] = { 0 }, total = { 0 };
	cli = (struct cli){ .program = "mfc-score loss", .synopsis = "-m MODEL [option ...] [file]",
		.purpose = "Print the training objective and the likelihood bound, by level and in total, as TSV." };
	cli_parse(&cli, argc, argv, table);
	score_note_kernels();
	score_model(&model, &levels, path);
	const char *input = cli_input(&cli);
	const float *params = raw ? model.state.params : model.state.ema;
	if (mfc_reader_open(&reader, cli_open(input), cli_name(input), cli.max_record, &err) ||
	    mfc_workplace_create(&work, &model.net, false, &err))
		cli_die("%s", err.message);
	for (;;) {
		if (score_batch_read(&batch, reader, model.net.config.dim, &levels, 1, NULL, &err) ||
		    score_labels_look_up(&model, &batch, true, &err))
			cli_die("%s", err.message);
		if (batch.count == 0)
			break;
		if (mfc_denoiser_loss(work, params, model.sd, batch.example, 1, NULL, &err))
			cli_die("%s", err.message);
		struct sums *s = &sum[batch.level[0]];
		s->loss += batch.example[0].loss;
		s->bound += bound(&levels, batch.level[0], &batch.example[0], model.sd, model.net.config.dim);
		s->clouds++;
		s->particles += batch.example[0].n;
		cli_progress(&cli, (double)++total.clouds, 0, "clouds", NULL);
	}
	cli_progress_end(&cli);
	if (total.clouds == 0)
		cli_die("%s: no clouds", cli_name(input));
	FILE *out = cli_output_file(&cli, false);
	fputs("level\tclouds\tparticles\tloss\tbound\n", out);
	for (size_t k = 0; k < levels.count; k++) {
		char name[24];
		double n = (double)sum[k].clouds;
		snprintf(name, sizeof name, "%zu", k);
		print(out, name, &sum[k], sum[k].loss / n, sum[k].bound / n);
		total.particles += sum[k].particles;
		total.loss += mfc_levels_weight(&levels, k) * sum[k].loss / n;
		total.bound += sum[k].bound / n;
	}
	print(out, "all", &total, total.loss, total.bound);
	cli_output_file_end(&cli);
	score_batch_clear(&batch);
	mfc_workplace_free(work);
	mfc_reader_close(reader);
	mfc_model_clear(&model);
	return 0;
}
