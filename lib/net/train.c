#include "net/train.h"
#include "parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_ROWS 1024   /* rows of one pass through the network: its activations stay near the cache */

struct chunk { size_t first, count, rows, thread; };

struct mfc_trainer {
	const struct mfc_score *net;
	struct mfc_denoiser denoiser;
	struct mfc_adamw optimizer;
	struct mfc_train_state state;
	struct mfc_weights weights;    /* of state.params */
	size_t threads;
	struct mfc_workplace **work;   /* one per thread, */
	float **grads;                 /* and (parameters) */
	int *failed;
	struct mfc_error *errors;
	double *square;                /* each thread's part of the gradient's squared norm */
	size_t *load;
	/* of the step in progress */
	size_t batches;                /* whose gradients are in grads */
	double objective;              /* their sum */
	struct mfc_example *example;
	struct chunk *chunk;
	size_t chunks, capacity, step;
	double lr, scale;
};

int mfc_trainer_create(struct mfc_trainer **trainer, const struct mfc_score *net, const struct mfc_denoiser *denoiser,
    const struct mfc_adamw *optimizer, struct mfc_train_state state, size_t threads, struct mfc_error *err)
{
	struct mfc_trainer *t = *trainer = calloc(1, sizeof *t);
	if (!t)
		return mfc_error_memory(err);
	*t = (struct mfc_trainer){ .net = net, .denoiser = *denoiser, .optimizer = *optimizer, .state = state, .threads = threads };
	t->work = calloc(threads, sizeof *t->work);
	t->grads = calloc(threads, sizeof *t->grads);
	t->failed = calloc(threads, sizeof *t->failed);
	t->errors = calloc(threads, sizeof *t->errors);
	t->square = calloc(threads, sizeof *t->square);
	t->load = calloc(threads, sizeof *t->load);
	bool ok = mfc_weights_create(&t->weights, net, state.params, err) == 0 && t->work && t->grads && t->failed && t->errors && t->square && t->load;
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
	free(t->load);
	free(t->chunk);
	free(t);
}

/* Cut the examples, each of which takes `passes` clouds of its size, into chunks (count at most) of consecutive ones and give each to the
 * thread with the least load (threads) so far: fixed by the sizes alone, so that sums are formed in the same order every time. Returns how many. */
static size_t share_out(const struct mfc_example *example, size_t count, size_t passes, size_t threads, size_t *load, struct chunk *chunk)
{
	size_t chunks = 0;
	for (size_t i = 0; i < count; i++) {
		struct chunk *last = chunks ? &chunk[chunks - 1] : NULL;
		if (last && passes * (last->rows + example[i].n) <= CHUNK_ROWS) {
			last->count++;
			last->rows += example[i].n;
		} else {
			chunk[chunks++] = (struct chunk){ .first = i, .count = 1, .rows = example[i].n };
		}
	}
	memset(load, 0, threads * sizeof *load);
	for (size_t i = 0; i < chunks; i++) {
		size_t least = 0;
		for (size_t j = 1; j < threads; j++)
			if (load[j] < load[least])
				least = j;
		chunk[i].thread = least;
		/* The latents of a cloud cost as much as about 130 particles. */
		load[least] += chunk[i].rows + 130 * chunk[i].count;
	}
	return chunks;
}

int mfc_trainer_bytes(struct mfc_trainer_bytes *bytes, const struct mfc_score *net, const struct mfc_denoiser *denoiser, size_t threads,
    const struct mfc_example *example, size_t count, struct mfc_error *err)
{
	size_t passes = mfc_denoiser_passes(denoiser);
	struct chunk *chunk = calloc(count + 1, sizeof *chunk);
	size_t *load = calloc(threads, sizeof *load);
	int status = chunk && load ? 0 : mfc_error_memory(err);
	*bytes = (struct mfc_trainer_bytes){ .gradients = (threads + 1) * net->parameters * sizeof(float) };   /* and the weights' transposed copy */
	size_t chunks = status ? 0 : share_out(example, count, passes, threads, load, chunk);
	for (size_t j = 0; j < threads; j++) {
		size_t clouds = 0, rows = 0;
		for (size_t i = 0; i < chunks; i++)
			if (chunk[i].thread == j) {
				clouds = chunk[i].count > clouds ? chunk[i].count : clouds;
				rows = chunk[i].rows > rows ? chunk[i].rows : rows;
			}
		if (clouds)
			bytes->activations += mfc_workplace_bytes(net, true, passes * clouds, passes * rows);
	}
	free(chunk);
	free(load);
	return status;
}

static void transpose(void *context, size_t thread)
{
	struct mfc_trainer *t = context;
	mfc_weights_update(&t->weights, t->net, thread, t->threads);
}

static void gradient(void *context, size_t thread)
{
	struct mfc_trainer *t = context;
	if (t->batches == 0)
		memset(t->grads[thread], 0, t->net->parameters * sizeof(float));
	t->failed[thread] = 0;
	for (size_t i = 0; i < t->chunks; i++) {
		const struct chunk *c = &t->chunk[i];
		if (c->thread == thread && mfc_denoiser_loss(t->work[thread], &t->weights, &t->denoiser, t->example + c->first, c->count,
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

static void update(void *context, size_t thread)
{
	struct mfc_trainer *t = context;
	struct mfc_train_state *s = &t->state;
	size_t a, b;
	mfc_parallel_share(t->net->parameters, t->threads, thread, &a, &b);
	t->failed[thread] = !mfc_adamw_step(&t->optimizer, t->step, t->lr, t->scale, b - a, t->grads[0] + a, s->params + a, s->m + a, s->v + a,
	    s->ema + a);
}

int mfc_trainer_add(struct mfc_trainer *t, struct mfc_example *example, size_t count, struct mfc_error *err)
{
	if (count > t->capacity) {
		free(t->chunk);
		t->capacity = 0;
		t->chunk = malloc(count * sizeof *t->chunk);
		if (!t->chunk)
			return mfc_error_memory(err);
		t->capacity = count;
	}
	t->example = example;
	t->chunks = share_out(example, count, mfc_denoiser_passes(&t->denoiser), t->threads, t->load, t->chunk);
	if (t->batches == 0)
		mfc_parallel(t->threads, transpose, t);
	mfc_parallel(t->threads, gradient, t);
	for (size_t i = 0; i < t->threads; i++)
		if (t->failed[i])
			return mfc_error_set(err, "%s", t->errors[i].message);
	t->objective = t->batches++ ? t->objective : 0;
	for (size_t i = 0; i < count; i++)
		t->objective += example[i].weight * example[i].loss;
	return 0;
}

int mfc_trainer_step(struct mfc_trainer *t, size_t step, double lr, double *loss, double *norm, struct mfc_error *err)
{
	double batches = (double)t->batches, clip = t->optimizer.clip;
	t->step = step;
	t->lr = lr;
	t->batches = 0;
	mfc_parallel(t->threads, reduce, t);
	*loss = t->objective / batches;
	*norm = 0;
	for (size_t i = 0; i < t->threads; i++)
		*norm += t->square[i];
	*norm = sqrt(*norm) / batches;
	if (!isfinite(*loss) || !isfinite(*norm))
		return mfc_error_set(err, "step %zu: the loss or its gradient is not finite", step + 1);
	t->scale = (clip > 0 && *norm > clip ? clip / *norm : 1) / batches;
	mfc_parallel(t->threads, update, t);
	for (size_t i = 0; i < t->threads; i++)
		if (t->failed[i])
			return mfc_error_set(err, "step %zu: the parameters are not finite", step + 1);
	return 0;
}
