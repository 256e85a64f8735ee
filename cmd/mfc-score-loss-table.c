/* The table of mfc-score loss: what clouds came to, by level and in total. */
#include "mfc-score-loss.h"

#include <math.h>

static void add(struct loss_mean *m, double w, double x)
{
	m->w += w;
	m->wx += w * x;
	m->ww += w * w;
	m->wwx += w * w * x;
	m->wwxx += w * w * x * x;
	m->count += w > 0;
}

static double value(const struct loss_mean *m)
{
	return m->count ? m->wx / m->w : NAN;
}

static double variance(const struct loss_mean *m)
{
	double n = (double)m->count, x = value(m);
	return m->count > 1 ? fmax(0, m->wwxx - 2 * x * m->wwx + x * x * m->ww) / (m->w * m->w) * n / (n - 1) : NAN;
}

/* The columns of a row: values, and the variances of their errors. */
struct row { size_t clouds, particles; double loss[2], bound[2], entropy[2]; };

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

/* Relative entropy from N(0, I) of a particle that is x_0 noised to MFC_S_MAX: the mean over the cloud. */
static double prior(const struct mfc_example *e, size_t dim)
{
	double s2 = MFC_S_MAX * MFC_S_MAX, sum = 0;
	for (size_t i = 0; i < e->n * dim; i++)
		sum += (double)e->x0[i] * (double)e->x0[i];
	return 0.5 * (sum / (double)e->n / (1 + s2) + (double)dim * (log1p(1 / s2) - 1 / (1 + s2)));
}

void loss_take(struct loss_sums *all, size_t k, const struct mfc_example *e, const struct mfc_denoiser *denoiser, size_t dim)
{
	struct loss_level *sum = &all->level[k];
	double reference = gaussian(e->s, denoiser->sd, dim);
	/* Clouds came with the density of ln s in training; those whose s was clamped stand for what lies beyond the integral. */
	double weight = e->s > MFC_S_MIN && e->s < MFC_S_MAX ? reference / mfc_levels_density(e->s) : 0;
	double error = (double)dim * e->loss / mfc_denoiser_weight(denoiser, e->s);   /* ‖x_0 - D‖² */
	add(&sum->loss, 1, e->loss);
	add(&sum->bound, weight, error / (e->s * e->s) / reference);
	add(&sum->entropy, weight, e->prior / reference);
	sum->clouds++;
	sum->particles += e->n;
	add(&all->far, 1, prior(e, dim));
}

static void scale(double out[2], const struct loss_mean *m, double by)
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

void loss_print(FILE *out, const struct loss_sums *sums, const struct mfc_levels *levels, double sd, size_t dim)
{
	struct row all = { 0 }, end = { .loss = { NAN, NAN } };
	fputs("level\tclouds\tparticles\tloss\tloss_error\tbound\tbound_error\tentropy\tentropy_error\n", out);
	for (size_t k = 0; k < levels->count; k++) {
		const struct loss_level *sum = &sums->level[k];
		char name[24];
		double integral = gaussian_integral(levels, k, sd, dim);
		struct row row = { .clouds = sum->clouds, .particles = sum->particles };
		scale(row.loss, &sum->loss, 1);
		scale(row.bound, &sum->bound, integral);
		scale(row.entropy, &sum->entropy, integral);
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
	scale(end.bound, &sums->far, 1);
	print(out, "prior", &end);
	accumulate(all.bound, end.bound, 1);
	/* -log N(x_0; y, s² I) at the lowest noise. */
	end.bound[0] = 0.5 * (double)dim * log(2 * M_PI * M_E * MFC_S_MIN * MFC_S_MIN);
	end.bound[1] = 0;
	print(out, "data", &end);
	accumulate(all.bound, end.bound, 1);
	print(out, "all", &all);
}
