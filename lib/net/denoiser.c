#include "net/denoiser.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct mfc_workplace {
	const struct mfc_score *net;
	struct mfc_tape *tape;
	size_t rows, clouds;         /* capacity */
	real *u, *f, *target, *c;    /* (rows, d) three times, (clouds) */
	size_t *start, *label;       /* (clouds + 1), (clouds) */
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
		w->start = malloc((clouds + 1) * sizeof *w->start);
		w->label = malloc(clouds * sizeof *w->label);
		if (!w->start || !w->label || grow(&w->c, clouds, err))
			return mfc_error_memory(err);
		w->clouds = clouds;
	}
	return 0;
}

/* F of one cloud under the condition, into work->f: D is linear in it, and so is guidance. */
static int field(struct mfc_workplace *work, const real *params, const struct mfc_score_batch *cloud, const struct mfc_condition *condition,
    struct mfc_error *err)
{
	struct mfc_score_batch batch = *cloud;
	real w = condition ? (real)condition->guidance : 0, *null = work->target;
	size_t count = batch.start[1] * work->net->config.dim;
	if (w != 1) {
		if (mfc_score_forward(work->net, params, work->tape, &batch, work->f, err))
			return -1;
		if (w == 0)
			return 0;
		memcpy(null, work->f, count * sizeof *null);
	}
	batch.label = &condition->label;
	if (mfc_score_forward(work->net, params, work->tape, &batch, work->f, err))
		return -1;
	for (size_t i = 0; w != 1 && i < count; i++)
		work->f[i] = null[i] + w * (work->f[i] - null[i]);
	return 0;
}

int mfc_denoiser_apply(struct mfc_workplace *work, const real *params, double sd, size_t n, const float *y, double s, size_t context,
    const struct mfc_condition *condition, float *D, struct mfc_error *err)
{
	size_t d = work->net->config.dim;
	if (reserve(work, 1, n, err))
		return -1;
	double r = sqrt(s * s + sd * sd);
	work->start[0] = 0;
	work->start[1] = n;
	work->c[0] = (real)(log(s) / 4);
	for (size_t i = 0; i < n * d; i++)
		work->u[i] = (real)(y[i] / r);
	struct mfc_score_batch batch = { 1, work->start, work->c, work->u, context, NULL };
	if (field(work, params, &batch, condition, err))
		return -1;
	real skip = (real)(sd * sd / (r * r)), out = (real)(s * sd / r);
	for (size_t i = 0; i < n * d; i++)
		D[i] = (float)(skip * y[i] + out * work->f[i]);
	return 0;
}

/* With D = c_skip y + c_out F the weight w = 1/c_out² makes the loss the plain mean of (F - target)², target = (s x_0 - sd² ε) / (sd r). */
static void prepare(struct mfc_workplace *w, double sd, const struct mfc_example *example, size_t count)
{
	size_t d = w->net->config.dim, row = 0;
	for (size_t i = 0; i < count; i++) {
		const struct mfc_example *e = &example[i];
		double r = sqrt(e->s * e->s + sd * sd);
		real to_u = (real)(1 / r), s = (real)e->s, a = (real)(e->s / (sd * r)), b = (real)(sd / r);
		w->start[i] = row;
		w->c[i] = (real)(log(e->s) / 4);
		w->label[i] = e->label;
		for (size_t j = 0; j < e->n * d; j++) {
			w->u[row * d + j] = (e->x0[j] + s * e->eps[j]) * to_u;
			w->target[row * d + j] = a * e->x0[j] - b * e->eps[j];
		}
		row += e->n;
	}
	w->start[count] = row;
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

int mfc_denoiser_loss(struct mfc_workplace *work, const real *params, double sd, struct mfc_example *example, size_t count, real *grads,
    struct mfc_error *err)
{
	size_t step = grads ? count : 1;
	for (size_t first = 0; first < count; first += step) {
		size_t rows = 0;
		for (size_t i = 0; i < step; i++)
			rows += example[first + i].n;
		if (reserve(work, step, rows, err))
			return -1;
		prepare(work, sd, example + first, step);
		struct mfc_score_batch batch = { step, work->start, work->c, work->u, 0, work->label };
		if (mfc_score_forward(work->net, params, work->tape, &batch, work->f, err))
			return -1;
		compare(work, example + first, step);
		if (grads)
			mfc_score_backward(work->net, params, work->tape, &batch, work->f, grads);
	}
	return 0;
}
