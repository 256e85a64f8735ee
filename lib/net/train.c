#include "net/train.h"
#include "parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_ROWS 1024   /* rows of one pass: its activations stay near the cache */
#define CLIP 1.0

struct chunk { size_t first, count, rows, thread; };

struct mfc_trainer {
	const struct mfc_score *net;
	double sd;
	struct mfc_adamw optimizer;
	struct mfc_train_state state;
	struct mfc_weights weights;    /* of state.params */
	size_t threads;
	struct mfc_workplace **work;   /* one per thread, */
	float **grads;                 /* and (parameters) */
	int *failed;
	struct mfc_error *errors;
	double *square;                /* each thread's part of the gradient's squared norm */
	/* of the step in progress */
	struct mfc_example *example;
	struct chunk *chunk;
	size_t chunks, capacity, step;
	double lr, scale;
};

int mfc_trainer_create(struct mfc_trainer **trainer, const struct mfc_score *net, double sd, const struct mfc_adamw *optimizer,
    struct mfc_train_state state, size_t threads, struct mfc_error *err)
{
	struct mfc_trainer *t = *trainer = calloc(1, sizeof *t);
	if (!t)
		return mfc_error_memory(err);
	*t = (struct mfc_trainer){ .net = net, .sd = sd, .optimizer = *optimizer, .state = state, .threads = threads };
	t->work = calloc(threads, sizeof *t->work);
	t->grads = calloc(threads, sizeof *t->grads);
	t->failed = calloc(threads, sizeof *t->failed);
	t->errors = calloc(threads, sizeof *t->errors);
	t->square = calloc(threads, sizeof *t->square);
	bool ok = mfc_weights_create(&t->weights, net, state.params, err) == 0 && t->work && t->grads && t->failed && t->errors && t->square;
	for (size_t i = 0; ok && i < threads; i++) {
		t->grads[i] = malloc(net->parameters * sizeof **t->grads);
		ok = t->grads[i] && mfc_workplace_create(&t->work[i], net, true, err) == 0;
	}
	if (!ok) {
		mfc_trainer_free(t);
		*trainer = NULL;
		return mfc_error_memory(err);
	}
	return 0;
}

void mfc_trainer_free(struct mfc_trainer *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->threads; i++) {
		if (t->work)
			mfc_workplace_free(t->work[i]);
		if (t->grads)
			free(t->grads[i]);
	}
	mfc_weights_free(&t->weights);
	free(t->work);
	free(t->grads);
	free(t->failed);
	free(t->errors);
	free(t->square);
	free(t->chunk);
	free(t);
}

/* Cut the examples into chunks of consecutive ones and give each to the thread with the fewest rows so far: fixed by the sizes alone, so
 * that sums are formed in the same order every time. */
static int share_out(struct mfc_trainer *t, size_t count, struct mfc_error *err)
{
	if (count > t->capacity) {
		free(t->chunk);
		t->capacity = 0;
		t->chunk = malloc(count * sizeof *t->chunk);
		if (!t->chunk)
			return mfc_error_memory(err);
		t->capacity = count;
	}
	t->chunks = 0;
	for (size_t i = 0; i < count; i++) {
		struct chunk *last = t->chunks ? &t->chunk[t->chunks - 1] : NULL;
		if (last && last->rows + t->example[i].n <= CHUNK_ROWS) {
			last->count++;
			last->rows += t->example[i].n;
		} else {
			t->chunk[t->chunks++] = (struct chunk){ .first = i, .count = 1, .rows = t->example[i].n };
		}
	}
	size_t *load = calloc(t->threads, sizeof *load);
	if (!load)
		return mfc_error_memory(err);
	for (size_t i = 0; i < t->chunks; i++) {
		size_t least = 0;
		for (size_t j = 1; j < t->threads; j++)
			if (load[j] < load[least])
				least = j;
		t->chunk[i].thread = least;
		/* The latents of a cloud cost as much as about 130 particles. */
		load[least] += t->chunk[i].rows + 130 * t->chunk[i].count;
	}
	free(load);
	return 0;
}

static void gradient(void *context, size_t thread)
{
	struct mfc_trainer *t = context;
	memset(t->grads[thread], 0, t->net->parameters * sizeof(float));
	t->failed[thread] = 0;
	for (size_t i = 0; i < t->chunks; i++) {
		const struct chunk *c = &t->chunk[i];
		if (c->thread == thread && mfc_denoiser_loss(t->work[thread], &t->weights, t->sd, t->example + c->first, c->count,
		        t->grads[thread], &t->errors[thread]))
			t->failed[thread] = 1;
	}
}

/* Sum the threads' gradients into the first, each thread a range of the parameters. */
static void reduce(void *context, size_t thread)
{
	struct mfc_trainer *t = context;
	size_t from, to;
	mfc_parallel_share(t->net->parameters, t->threads, thread, &from, &to);
	for (size_t j = 1; j < t->threads; j++)
		for (size_t i = from; i < to; i++)
			t->grads[0][i] += t->grads[j][i];
	double sum = 0;
	for (size_t i = from; i < to; i++)
		sum += (double)t->grads[0][i] * (double)t->grads[0][i];
	t->square[thread] = sum;
}

static void transpose(void *context, size_t thread)
{
	struct mfc_trainer *t = context;
	mfc_weights_update(&t->weights, t->net, thread, t->threads);
}

static void update(void *context, size_t thread)
{
	struct mfc_trainer *t = context;
	struct mfc_train_state *s = &t->state;
	size_t a, b;
	mfc_parallel_share(t->net->parameters, t->threads, thread, &a, &b);
	mfc_adamw_step(&t->optimizer, t->step, t->lr, t->scale, b - a, t->grads[0] + a, s->params + a, s->m + a, s->v + a, s->ema + a);
}

int mfc_trainer_step(struct mfc_trainer *t, struct mfc_example *example, size_t count, size_t step, double lr, double *loss, double *norm,
    struct mfc_error *err)
{
	t->example = example;
	t->step = step;
	t->lr = lr;
	if (share_out(t, count, err))
		return -1;
	mfc_parallel(t->threads, gradient, t);
	for (size_t i = 0; i < t->threads; i++)
		if (t->failed[i])
			return mfc_error_set(err, "%s", t->errors[i].message);
	mfc_parallel(t->threads, reduce, t);
	*loss = *norm = 0;
	for (size_t i = 0; i < count; i++)
		*loss += example[i].weight * example[i].loss;
	for (size_t i = 0; i < t->threads; i++)
		*norm += t->square[i];
	*norm = sqrt(*norm);
	if (!isfinite(*loss) || !isfinite(*norm))
		return mfc_error_set(err, "step %zu: the loss or its gradient is not finite", step + 1);
	t->scale = *norm > CLIP ? CLIP / *norm : 1;
	mfc_parallel(t->threads, update, t);
	mfc_parallel(t->threads, transpose, t);
	return 0;
}
