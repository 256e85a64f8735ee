/* mfc-score loss: the objective, the likelihood bound and the chaotic entropy on noised clouds. */
#include "mfc-score.h"

#include <math.h>

/* A weighted mean and its standard error over clouds, that of a ratio of means where the weights are not all 1. */
struct mean { double w, wx, ww, wwx, wwxx; size_t count; };

static void add(struct mean *m, double w, double x)
{
	m->w += w;
	m->wx += w * x;
	m->ww += w * w;
	m->wwx += w * w * x;
	m->wwxx += w * w * x * x;
	m->count += w > 0;
}

static double value(const struct mean *m)
{
	return m->count ? m->wx / m->w : NAN;
}

static double variance(const struct mean *m)
{
	double n = (double)m->count, x = value(m);
	return m->count > 1 ? fmax(0, m->wwxx - 2 * x * m->wwx + x * x * m->ww) / (m->w * m->w) * n / (n - 1) : NAN;
}

/* The columns of a row: values, and the variances of their errors. */
struct row { size_t clouds, particles; double loss[2], bound[2], entropy[2]; };

/* Sums over the clouds of a level. The bound and the entropy are integrals over ln s of what varies much with s: what is averaged is their
 * ratio to that of a denoiser and data that are Gaussian, which varies little. */
struct sums { size_t clouds, particles; struct mean loss, bound, entropy; };

/* For Gaussian data of deviation sd, E‖x_0 - D‖² / s² of the exact D, */
static double gaussian(double s, double sd, size_t dim)
{
	return (double)dim * sd * sd / (s * s + sd * sd);
}

/* and its integral over ln s within level k, between the ends of training. */
static double gaussian_integral(const struct mfc_levels *levels, size_t k, double sd, size_t dim)
{
	double low = fmax(levels->level[k].s_low, MFC_S_MIN), high = fmin(mfc_levels_s_high(levels, k), MFC_S_MAX);
	return high > low ? 0.5 * (double)dim * (log1p(sd * sd / (low * low)) - log1p(sd * sd / (high * high))) : 0;
}

static void take(struct sums *sum, const struct mfc_example *e, const struct mfc_denoiser *denoiser, size_t dim)
{
	double reference = gaussian(e->s, denoiser->sd, dim);
	/* Clouds came with the density of ln s in training; those whose s was clamped stand for what lies beyond the integral. */
	double weight = e->s > MFC_S_MIN && e->s < MFC_S_MAX ? reference / mfc_levels_density(e->s) : 0;
	double error = (double)dim * e->loss / mfc_denoiser_weight(denoiser, e->s);   /* ‖x_0 - D‖² */
	add(&sum->loss, 1, e->loss);
	add(&sum->bound, weight, error / (e->s * e->s) / reference);
	add(&sum->entropy, weight, e->prior / reference);
	sum->clouds++;
	sum->particles += e->n;
}

/* Relative entropy from N(0, I) of a particle that is x_0 noised to MFC_S_MAX: the mean over the cloud. */
static double prior(const struct mfc_example *e, size_t dim)
{
	double s2 = MFC_S_MAX * MFC_S_MAX, sum = 0;
	for (size_t i = 0; i < e->n * dim; i++)
		sum += (double)e->x0[i] * (double)e->x0[i];
	return 0.5 * (sum / (double)e->n / (1 + s2) + (double)dim * (log1p(1 / s2) - 1 / (1 + s2)));
}

static void scale(double out[2], const struct mean *m, double by)
{
	out[0] = by * value(m);
	out[1] = by * by * variance(m);
}

static void accumulate(double sum[2], const double part[2], double by)
{
	sum[0] += by * part[0];
	sum[1] += by * by * part[1];
}

static void print(FILE *out, const char *name, const struct row *r)
{
	const double *column[] = { r->loss, r->bound, r->entropy };
	fprintf(out, "%s\t%zu\t%zu", name, r->clouds, r->particles);
	for (int i = 0; i < 6; i++) {
		double x = i % 2 ? sqrt(column[i / 2][1]) : column[i / 2][0];
		fprintf(out, isnan(x) ? "\tnan" : "\t%.6f", x);   /* printf's nan may bear a sign */
	}
	fputc('\n', out);
}

static void report(FILE *out, const struct mfc_levels *levels, const struct sums *sum, const struct mean *far, double sd, size_t dim)
{
	struct row all = { 0 }, end = { .loss = { NAN, NAN } };
	fputs("level\tclouds\tparticles\tloss\tloss_error\tbound\tbound_error\tentropy\tentropy_error\n", out);
	for (size_t k = 0; k < levels->count; k++) {
		char name[24];
		double integral = gaussian_integral(levels, k, sd, dim);
		struct row row = { .clouds = sum[k].clouds, .particles = sum[k].particles };
		scale(row.loss, &sum[k].loss, 1);
		scale(row.bound, &sum[k].bound, integral);
		scale(row.entropy, &sum[k].entropy, integral);
		snprintf(name, sizeof name, "%zu", k);
		print(out, name, &row);
		all.clouds += row.clouds;
		all.particles += row.particles;
		accumulate(all.loss, row.loss, mfc_levels_weight(levels, k));
		accumulate(all.bound, row.bound, 1);
		accumulate(all.entropy, row.entropy, 1);
	}
	end.clouds = all.clouds;
	end.particles = all.particles;
	scale(end.bound, far, 1);
	print(out, "prior", &end);
	accumulate(all.bound, end.bound, 1);
	/* -log N(x_0; y, s² I) at the lowest noise. */
	end.bound[0] = 0.5 * (double)dim * log(2 * M_PI * M_E * MFC_S_MIN * MFC_S_MIN);
	end.bound[1] = 0;
	print(out, "data", &end);
	accumulate(all.bound, end.bound, 1);
	print(out, "all", &all);
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
	struct mfc_weights weights;
	struct mfc_workplace *work;
	struct score_batch batch = { 0 };
	struct sums sum[MFC_MAX_LEVELS] = { 0 };
	struct mean far = { 0 };
	cli = (struct cli){ .program = "mfc-score loss", .synopsis = "-m MODEL [option ...] [file]",
		.purpose = "Print the training objective, the likelihood bound and the chaotic entropy, by level and in total, as TSV." };
	cli_parse(&cli, argc, argv, table);
	score_note_kernels();
	sampler_model(&model, &levels, path);
	const char *input = cli_input(&cli);
	size_t dim = model.net.config.dim;
	if (mfc_reader_open(&reader, cli_open(input), cli_name(input), cli.max_record, &err) ||
	    mfc_weights_create(&weights, &model.net, raw ? model.state.params : model.state.ema, &err) ||
	    mfc_workplace_create(&work, &model.net, false, &err))
		cli_die("%s", err.message);
	for (;;) {
		if (score_batch_read(&batch, reader, dim, &levels, 1, NULL, &err) ||
		    score_labels_look_up(&model, &batch, true, &err))
			cli_die("%s", err.message);
		if (batch.count == 0)
			break;
		if (far.count == 0)
			score_check_normalize(&model, mfc_reader_header(reader), cli_name(input));
		if (mfc_denoiser_loss(work, &weights, &model.denoiser, batch.example, 1, NULL, &err))
			cli_die("%s", err.message);
		take(&sum[batch.level[0]], batch.example, &model.denoiser, dim);
		add(&far, 1, prior(batch.example, dim));
		cli_progress(&cli, (double)far.count, 0, "clouds", NULL);
	}
	cli_progress_end(&cli);
	if (far.count == 0)
		cli_die("%s: no clouds", cli_name(input));
	FILE *out = cli_output_file(&cli, false);
	report(out, &levels, sum, &far, model.denoiser.sd, dim);
	cli_output_file_end(&cli);
	score_batch_clear(&batch);
	mfc_workplace_free(work);
	mfc_weights_free(&weights);
	mfc_reader_close(reader);
	mfc_model_clear(&model);
	return 0;
}
