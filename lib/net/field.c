#include "net/field.h"
#include "net/crowd.h"
#include "parallel.h"

#include <stdatomic.h>
#include <stdlib.h>

#define TILE 256   /* passengers that a thread takes at a time */

/* A thread's place. */
struct seat {
	struct mfc_tape *tape;
	real *u, *f, *null;   /* (TILE, d) each */
};

struct mfc_field {
	const struct mfc_score *net;
	const struct mfc_weights *weights;
	const struct mfc_denoiser *denoiser;
	struct mfc_tape *measure[2];   /* what the context gives its passengers, under the label and under the null label */
	size_t rows;                   /* capacity of u, f, null (rows, d): the context's */
	real *u, *f, *null;
	size_t threads;
	struct seat *seat;             /* (threads) */
};

static int grow(real **u, real **f, real **null, size_t count, struct mfc_error *err)
{
	free(*u);
	*u = malloc(3 * count * sizeof **u);
	*f = *u ? *u + count : NULL;
	*null = *u ? *u + 2 * count : NULL;
	return *u ? 0 : mfc_error_memory(err);
}

int mfc_field_create(struct mfc_field **field, const struct mfc_score *net, const struct mfc_weights *weights, const struct mfc_denoiser *denoiser,
    size_t threads, struct mfc_error *err)
{
	struct mfc_field *f = *field = calloc(1, sizeof *f);
	if (!f)
		return mfc_error_memory(err);
	*f = (struct mfc_field){ .net = net, .weights = weights, .denoiser = denoiser, .threads = threads, .seat = calloc(threads, sizeof *f->seat) };
	int bad = f->seat ? 0 : mfc_error_memory(err);
	for (size_t i = 0; !bad && i < 2; i++)
		bad = mfc_tape_create(&f->measure[i], net, false, err);
	for (size_t i = 0; !bad && i < threads; i++) {
		struct seat *seat = &f->seat[i];
		bad = mfc_tape_create(&seat->tape, net, false, err) || grow(&seat->u, &seat->f, &seat->null, TILE * net->config.dim, err);
	}
	if (!bad)
		return 0;
	mfc_field_free(f);
	*field = NULL;
	return -1;
}

void mfc_field_free(struct mfc_field *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < 2; i++)
		mfc_tape_free(f->measure[i]);
	for (size_t i = 0; f->seat && i < f->threads; i++) {
		mfc_tape_free(f->seat[i].tape);
		free(f->seat[i].u);
	}
	free(f->seat);
	free(f->u);
	free(f);
}

/* One evaluation: what all threads see. */
struct pass {
	struct mfc_field *field;
	size_t n, d;
	const float *y;
	float *D;
	struct mfc_context context;
	struct mfc_crowd crowd;
	struct mfc_denoiser_frame frame;
	real c;
	size_t label;
	double guidance;
	size_t passengers, *row;       /* who they are, in the order in which they are taken */
	atomic_size_t next;            /* tile of them */
	atomic_flag failed;
	struct mfc_error err;
};

/* u of the rows; row NULL: the first. */
static void gather(const struct pass *p, size_t rows, const size_t *row, real *u)
{
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < p->d; j++)
			u[i * p->d + j] = (real)(p->y[(row ? row[i] : i) * p->d + j] / p->frame.r);
}

/* D of rows whose F is f, and null under the null label. */
static void scatter(const struct pass *p, size_t rows, const size_t *row, const real *f, const real *null)
{
	real skip = (real)p->frame.skip, out = (real)p->frame.out, w = (real)p->guidance;
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < p->d; j++) {
			size_t at = (row ? row[i] : i) * p->d + j, k = i * p->d + j;
			real F = w == 1 ? f[k] : w == 0 ? null[k] : null[k] + w * (f[k] - null[k]);
			p->D[at] = (float)(skip * p->y[at] + out * F);
		}
}

/* F of a cloud, or with a seat of passengers of it, under both labels where both are wanted. */
static int evaluate(struct pass *p, size_t rows, const real *u, real *f, real *null, struct seat *seat, struct mfc_error *err)
{
	struct mfc_field *field = p->field;
	const size_t start[2] = { 0, rows };
	const bool wanted[2] = { p->guidance != 0, p->guidance != 1 };
	real *const to[2] = { f, null };
	for (size_t i = 0; i < 2; i++) {
		const struct mfc_score_batch batch = { 1, start, &p->c, u, &p->crowd, i == 0 ? &p->label : NULL, field->denoiser->sd };
		if (!wanted[i])
			continue;
		if (seat ? mfc_score_follow(field->net, field->weights, field->measure[i], seat->tape, &batch, to[i], err)
		         : mfc_score_forward(field->net, field->weights, field->measure[i], &batch, to[i], err))
			return -1;
	}
	return 0;
}

/* The context through the whole network. */
static int take_context(struct pass *p, struct mfc_error *err)
{
	struct mfc_field *f = p->field;
	size_t rows = p->context.count;
	if (rows > f->rows) {
		f->rows = 0;
		if (grow(&f->u, &f->f, &f->null, rows * p->d, err))
			return -1;
		f->rows = rows;
	}
	gather(p, rows, p->context.index, f->u);
	if (evaluate(p, rows, f->u, f->f, f->null, NULL, err))
		return -1;
	scatter(p, rows, p->context.index, f->f, f->null);
	return 0;
}

static int take_crowd(struct pass *p, double s, struct mfc_error *err)
{
	const struct mfc_context *c = &p->context;
	size_t all = c->among && c->among < p->n ? c->among : p->n, n = mfc_crowd_size(&p->field->net->config, s / p->field->denoiser->sd, all);
	if (n == 0)
		return 0;
	size_t *index = c->draw && n < all ? malloc(n * sizeof *index) : NULL;
	real *u = malloc(n * p->d * sizeof *u);
	if (!u || (c->draw && n < all && !index)) {
		free(u);
		free(index);
		return mfc_error_memory(err);
	}
	if (index) {
		struct mfc_rng rng = *c->draw;
		mfc_rng_spread(&rng, all, n, index);
	}
	gather(p, n, index, u);
	free(index);
	return mfc_crowd_make(&p->crowd, &p->field->net->config, s / p->field->denoiser->sd, n, u, err);
}

/* All particles but the context; those of one cell of the crowd behind each other, so that they share what is looked up. */
static int line_up(struct pass *p, struct mfc_error *err)
{
	const struct mfc_context *c = &p->context;
	p->row = malloc(p->n * sizeof *p->row);
	if (!p->row)
		return mfc_error_memory(err);
	for (size_t i = 0, at = 0; i < p->n; i++)
		if (at < c->count && (c->index ? c->index[at] : at) == i)
			at++;
		else
			p->row[p->passengers++] = i;
	return p->crowd.cells.n ? mfc_cells_sort(&p->crowd.cells, p->field->threads, p->d, p->y, 1 / p->frame.r, p->passengers, p->row, err) : 0;
}

static int take_tile(struct pass *p, struct seat *seat, size_t rows, const size_t *row, struct mfc_error *err)
{
	gather(p, rows, row, seat->u);
	if (evaluate(p, rows, seat->u, seat->f, seat->null, seat, err))
		return -1;
	scatter(p, rows, row, seat->f, seat->null);
	return 0;
}

static void work(void *context, size_t thread)
{
	struct pass *p = context;
	struct mfc_error err;
	for (size_t from; (from = TILE * atomic_fetch_add(&p->next, 1)) < p->passengers;) {
		size_t left = p->passengers - from;
		if (take_tile(p, &p->field->seat[thread], left < TILE ? left : TILE, p->row + from, &err)) {
			if (!atomic_flag_test_and_set(&p->failed))
				p->err = err;
			return;
		}
	}
}

static int take_passengers(struct pass *p, struct mfc_error *err)
{
	if (line_up(p, err))
		return -1;
	mfc_parallel(p->field->threads, work, p);
	if (!atomic_flag_test_and_set(&p->failed))
		return 0;
	*err = p->err;
	return -1;
}

int mfc_field_denoise(struct mfc_field *field, size_t n, const float *y, double s, struct mfc_context context, const struct mfc_condition *condition,
    float *D, struct mfc_error *err)
{
	struct pass p = { .field = field, .n = n, .d = field->net->config.dim, .y = y, .D = D, .context = context, .frame = mfc_denoiser_at(field->denoiser, s),
		.c = (real)(log(s) / 4), .label = condition ? condition->label : 0, .guidance = condition ? condition->guidance : 0,
		.failed = ATOMIC_FLAG_INIT };
	if (context.count == 0 || context.count >= n) {
		p.context.count = n;
		p.context.index = NULL;
	}
	int status = take_crowd(&p, s, err) || take_context(&p, err) || (p.context.count < n && take_passengers(&p, err)) ? -1 : 0;
	free(p.row);
	mfc_crowd_clear(&p.crowd);
	return status;
}
