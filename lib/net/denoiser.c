#include "net/denoiser.h"
#include "net/crowd.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* δ/s: how far y moves for the Jacobian. Measured on a trained network, relative to its gradient: rounding 1e-4 at s = 0.004 and less above,
 * growing as 1/δ; curvature 1e-3 at s = 1, 3e-3 at 60, growing as δ². */
#define STEP 0.01

struct mfc_workplace {
	const struct mfc_score *net;
	struct mfc_tape *tape;
	size_t rows, clouds;         /* capacity */
	real *u, *f, *target, *c;    /* (rows, d) three times, (clouds); with a Sobolev part v follows the clouds' targets */
	size_t *start, *label;       /* (clouds + 1), (clouds) */
	struct mfc_crowd *crowd;     /* (clouds) */
};

int mfc_workplace_create(struct mfc_workplace **work, const struct mfc_score *net, bool keep, struct mfc_error *err)
{
	*work = calloc(1, sizeof **work);
	if (!*work)
		return mfc_error_memory(err);
	(*work)->net = net;
	if (mfc_tape_create(&(*work)->tape, net, keep, err)) {
		mfc_workplace_free(*work);
		*work = NULL;
		return -1;
	}
	return 0;
}

void mfc_workplace_free(struct mfc_workplace *work)
{
	if (!work)
		return;
	mfc_tape_free(work->tape);
	free(work->u);
	free(work->f);
	free(work->target);
	free(work->c);
	free(work->start);
	free(work->label);
	free(work->crowd);
	free(work);
}

static int grow(real **array, size_t count, struct mfc_error *err)
{
	free(*array);
	*array = malloc(count * sizeof **array);
	return *array ? 0 : mfc_error_memory(err);
}

static int reserve(struct mfc_workplace *w, size_t clouds, size_t rows, struct mfc_error *err)
{
	size_t d = w->net->config.dim;
	if (rows > w->rows) {
		w->rows = 0;
		if (grow(&w->u, rows * d, err) || grow(&w->f, rows * d, err) || grow(&w->target, rows * d, err))
			return -1;
		w->rows = rows;
	}
	if (clouds > w->clouds) {
		w->clouds = 0;
		free(w->start);
		free(w->label);
		free(w->crowd);
		w->crowd = calloc(clouds, sizeof *w->crowd);
		w->start = malloc((clouds + 1) * sizeof *w->start);
		w->label = malloc(clouds * sizeof *w->label);
		if (!w->start || !w->label || !w->crowd || grow(&w->c, clouds, err))
			return mfc_error_memory(err);
		w->clouds = clouds;
	}
	return 0;
}

/* The arrays that reserve makes, and the tape. */
size_t mfc_workplace_bytes(const struct mfc_score *net, bool keep, size_t clouds, size_t rows)
{
	return 3 * rows * net->config.dim * sizeof(real) + clouds * (sizeof(real) + sizeof(struct mfc_crowd)) + (2 * clouds + 1) * sizeof(size_t) +
	    mfc_tape_bytes(net, keep, clouds, rows);
}

bool mfc_denoiser_named(struct mfc_denoiser *denoiser, const char *name)
{
	denoiser->epsilon = strcmp(name, "epsilon") == 0;
	return denoiser->epsilon || strcmp(name, "edm") == 0;
}

struct mfc_denoiser_frame mfc_denoiser_at(const struct mfc_denoiser *denoiser, double s)
{
	double sd = denoiser->sd, r = sqrt(s * s + sd * sd);
	struct mfc_denoiser_frame f = { .r = r, .skip = sd * sd / (r * r), .out = s * sd / r, .x0 = (real)(s / (sd * r)), .eps = (real)(-sd / r) };
	if (denoiser->epsilon)
		f = (struct mfc_denoiser_frame){ .r = r, .skip = 1, .out = -s, .x0 = 0, .eps = 1 };
	return f;
}

size_t mfc_denoiser_passes(const struct mfc_denoiser *denoiser)
{
	return denoiser->sobolev > 0 ? 3 : 1;
}

double mfc_denoiser_weight(const struct mfc_denoiser *denoiser, double s)
{
	double out = mfc_denoiser_at(denoiser, s).out;
	return 1 / (out * out);
}

/* What ε is multiplied with. */
static real amount(const struct mfc_example *example)
{
	return (real)sqrt(1 + example->perturb * example->perturb);
}

/* Input and targets of the examples. */
static void prepare(struct mfc_workplace *w, const struct mfc_denoiser *denoiser, const struct mfc_example *example, size_t count)
{
	size_t d = w->net->config.dim, row = 0;
	for (size_t i = 0; i < count; i++) {
		const struct mfc_example *e = &example[i];
		struct mfc_denoiser_frame form = mfc_denoiser_at(denoiser, e->s);
		real to_u = (real)(1 / form.r), s = (real)e->s, more = amount(e);
		w->start[i] = row;
		w->c[i] = (real)(log(e->s) / 4);
		w->label[i] = e->label;
		for (size_t j = 0; j < e->n * d; j++) {
			real eps = more * e->eps[j];
			w->u[row * d + j] = (e->x0[j] + s * eps) * to_u;
			w->target[row * d + j] = form.x0 * e->x0[j] + form.eps * eps;
		}
		row += e->n;
	}
	w->start[count] = row;
}

/* After the clouds, all of them moved up along v, then all moved down. */
static void prepare_moved(struct mfc_workplace *w, const struct mfc_denoiser *denoiser, const struct mfc_example *example, size_t count)
{
	size_t d = w->net->config.dim, rows = w->start[count];
	real *v = w->target + rows * d, *up = w->u + rows * d, *down = up + rows * d;
	for (size_t i = 0; i < count; i++) {
		struct mfc_rng rng = example[i].probe;
		real step = (real)(STEP * example[i].s / mfc_denoiser_at(denoiser, example[i].s).r);
		uint64_t bits = 0;
		for (size_t j = 0, o = w->start[i] * d; j < example[i].n * d; j++, o++) {
			bits = j % 64 ? bits >> 1 : mfc_rng_bits(&rng);
			v[o] = bits & 1 ? 1 : -1;
			up[o] = w->u[o] + step * v[o];
			down[o] = w->u[o] - step * v[o];
		}
		w->c[count + i] = w->c[2 * count + i] = w->c[i];
		w->label[count + i] = w->label[2 * count + i] = w->label[i];
		w->start[count + i] = rows + w->start[i];
		w->start[2 * count + i] = 2 * rows + w->start[i];
	}
	w->start[3 * count] = 3 * rows;
}

/* Every cloud's crowd: the first of its points. In a cloud that is moved, those that are learnt from are where they were moved to; a move of the others
 * has mean zero. */
static int gather_crowds(struct mfc_workplace *w, const struct mfc_denoiser *denoiser, const struct mfc_example *example, size_t count, size_t passes,
    struct mfc_error *err)
{
	const struct mfc_score_config *config = &w->net->config;
	size_t d = config->dim;
	for (size_t i = 0; i < passes * count; i++) {
		const struct mfc_example *e = &example[i % count];
		size_t n = mfc_crowd_size(config, e->s / denoiser->sd, e->crowd > e->n ? e->crowd : e->n), numbers = n * d;
		real *u = n ? malloc(numbers * sizeof *u) : NULL, to_u = (real)(1 / mfc_denoiser_at(denoiser, e->s).r), s = (real)e->s * amount(e);
		if (n && !u)
			return mfc_error_memory(err);
		for (size_t j = 0; j < numbers; j++)
			u[j] = j < e->n * d ? w->u[w->start[i] * d + j] : (e->x0[j] + s * e->eps[j]) * to_u;
		if (n && mfc_crowd_make(&w->crowd[i], config, e->s / denoiser->sd, n, u, err))
			return -1;
	}
	return 0;
}

static void part_crowds(struct mfc_workplace *w, size_t clouds)
{
	for (size_t i = 0; i < clouds; i++)
		mfc_crowd_clear(&w->crowd[i]);
}

/* Losses of the examples; f becomes the gradient of Σ weight · loss by F. */
static void compare(struct mfc_workplace *w, struct mfc_example *example, size_t count)
{
	size_t d = w->net->config.dim;
	for (size_t i = 0; i < count; i++) {
		size_t o = w->start[i] * d, m = example[i].n * d;
		real scale = (real)(2 * example[i].weight / (double)m);
		double sum = 0;
		for (size_t j = o; j < o + m; j++) {
			real e = w->f[j] - w->target[j];
			sum += (double)e * (double)e;
			w->f[j] = scale * e;
		}
		example[i].loss = sum / (double)m;
	}
}

/* Sobolev parts of the examples, before compare; f of the moved clouds becomes the gradient of Σ weight · W · part by F. */
static void compare_moved(struct mfc_workplace *w, const struct mfc_denoiser *denoiser, struct mfc_example *example, size_t count)
{
	size_t d = w->net->config.dim, rows = w->start[count];
	const real *f = w->f, *target = w->target, *v = target + rows * d;
	real *up = w->f + rows * d, *down = up + rows * d;
	for (size_t i = 0; i < count; i++) {
		size_t o = w->start[i] * d, m = example[i].n * d;
		real c = mfc_denoiser_at(denoiser, example[i].s).eps, slope = (real)(1 / (2 * STEP));
		real scale = (real)(2 * example[i].weight * denoiser->sobolev / (double)m) * slope;
		double sum = 0;
		for (size_t j = o; j < o + m; j += d) {
			real along = 0;   /* e·v */
			for (size_t k = j; k < j + d; k++)
				along += (f[k] - target[k]) * v[k];
			for (size_t k = j; k < j + d; k++) {
				real q = slope * (up[k] - down[k]) - c * (v[k] - (f[k] - target[k]) * along);
				sum += (double)q * (double)q;
				up[k] = scale * q;
				down[k] = -scale * q;
			}
		}
		example[i].sobolev = sum / (double)m;
	}
}

/* How far the example's D is from the denoiser of the prior, D - y/(1+s²) = (skip - 1/(1+s²)) y + out F. Before compare. */
static void compare_prior(const struct mfc_workplace *w, const struct mfc_denoiser *denoiser, struct mfc_example *example)
{
	double s = example->s, sum = 0;
	struct mfc_denoiser_frame form = mfc_denoiser_at(denoiser, s);
	double y = (form.skip - 1 / (1 + s * s)) * form.r;
	for (size_t j = 0; j < example->n * w->net->config.dim; j++) {
		double e = y * (double)w->u[j] + form.out * (double)w->f[j];
		sum += e * e;
	}
	example->prior = sum / ((double)example->n * s * s);
}

int mfc_denoiser_loss(struct mfc_workplace *work, const struct mfc_weights *weights, const struct mfc_denoiser *denoiser, struct mfc_example *example,
    size_t count, real *grads, struct mfc_error *err)
{
	size_t step = grads ? count : 1, passes = grads ? mfc_denoiser_passes(denoiser) : 1;
	for (size_t first = 0; first < count; first += step) {
		struct mfc_example *e = example + first;
		size_t rows = 0;
		for (size_t i = 0; i < step; i++)
			rows += e[i].n;
		if (reserve(work, passes * step, passes * rows, err))
			return -1;
		prepare(work, denoiser, e, step);
		if (passes > 1)
			prepare_moved(work, denoiser, e, step);
		struct mfc_score_batch batch = { passes * step, work->start, work->c, work->u, work->crowd, work->label, denoiser->sd };
		if (gather_crowds(work, denoiser, e, step, passes, err) || mfc_score_forward(work->net, weights, work->tape, &batch, work->f, err)) {
			part_crowds(work, passes * step);
			return -1;
		}
		part_crowds(work, passes * step);   /* their neighbours are found */
		if (passes > 1)
			compare_moved(work, denoiser, e, step);
		if (!grads)
			compare_prior(work, denoiser, e);
		compare(work, e, step);
		if (grads)
			mfc_score_backward(work->net, weights, work->tape, &batch, work->f, grads);
	}
	return 0;
}

void mfc_denoiser_compare(const struct mfc_denoiser *denoiser, size_t dim, const float *D, struct mfc_example *example)
{
	const float *x0 = example->x0, *eps = example->eps;
	double s = example->s, error = 0, prior = 0;
	for (size_t j = 0; j < example->n * dim; j++) {
		double e = (double)D[j] - (double)x0[j], p = (double)D[j] - ((double)x0[j] + s * (double)eps[j]) / (1 + s * s);
		error += e * e;
		prior += p * p;
	}
	example->loss = mfc_denoiser_weight(denoiser, s) * error / (double)(example->n * dim);
	example->prior = prior / ((double)example->n * s * s);
}
