/* The trainer: batches that are added up make the step of all of them together, clipping, what is refused; AdamW and its schedule; the
 * bytes that are said beforehand. */
#include "linalg.h"
#include "net/train.h"

#include "check.h"
#include "hashed.h"
#include "rng.h"

#include <stdlib.h>
#include <string.h>

#define CLOUDS 12
#define ROWS 1024

static struct mfc_score net;
static const struct mfc_denoiser denoiser = { .sd = 1 };
static float x[2 * ROWS * 3];
static struct mfc_example example[CLOUDS];

/* A trainer and its state, at hashed parameters and moments of zero. */
struct run {
	struct mfc_trainer *trainer;
	struct mfc_train_state state;
	float *memory;
};

static struct run begin(const struct mfc_adamw *optimizer, size_t threads)
{
	struct mfc_error err;
	size_t n = net.parameters;
	struct run r = { .memory = calloc(4 * n, sizeof(float)) };
	r.state = (struct mfc_train_state){ r.memory, r.memory + n, r.memory + 2 * n, r.memory + 3 * n };
	hashed_parameters(&net, r.state.params);
	memcpy(r.state.ema, r.state.params, n * sizeof(float));
	if (mfc_trainer_create(&r.trainer, &net, &denoiser, optimizer, r.state, threads, &err))
		check(0, "a trainer: %s", err.message);
	return r;
}

static void end(struct run *r)
{
	mfc_trainer_free(r->trainer);
	free(r->memory);
}

static double norm_of(const float *a, const float *b)
{
	double sum = 0;
	for (size_t i = 0; i < net.parameters; i++) {
		double d = (double)a[i] - (b ? (double)b[i] : 0);
		sum += d * d;
	}
	return sqrt(sum);
}

/* beta1 = 0: the first moment is the gradient that the step took. */
static const struct mfc_adamw bare = { .lr = 1e-3, .beta1 = 0, .beta2 = 0.99, .epsilon = 1e-8, .ema_max = 0.999 };

static void check_accumulation(size_t batches, size_t threads)
{
	struct mfc_error err;
	struct run a = begin(&bare, threads), b = begin(&bare, threads);
	size_t each = CLOUDS / batches;
	double loss_a, loss_b, norm_a, norm_b;
	int bad = 0;
	for (size_t i = 0; i < CLOUDS; i++)
		example[i].weight = 1.0 / (double)each;
	for (size_t i = 0; i < batches; i++)
		bad = bad || mfc_trainer_add(a.trainer, example + i * each, each, &err);
	bad = bad || mfc_trainer_step(a.trainer, 0, 1e-3, &loss_a, &norm_a, &err);
	for (size_t i = 0; i < CLOUDS; i++)
		example[i].weight = 1.0 / CLOUDS;
	bad = bad || mfc_trainer_add(b.trainer, example, CLOUDS, &err) || mfc_trainer_step(b.trainer, 0, 1e-3, &loss_b, &norm_b, &err);
	double apart = norm_of(a.state.m, b.state.m) / norm_b;
	check(!bad && norm_b > 0.01 && apart < 2e-6 && fabs(loss_a - loss_b) < 1e-6 * loss_b && fabs(norm_a - norm_b) < 1e-6 * norm_b,
	    "%zu batches on %zu threads: the gradient of all together, to %.1e", batches, threads, apart);
	check(fabs(norm_of(a.state.m, NULL) - norm_a) < 1e-6 * norm_a, "its norm is that which is said");
	/* The next step begins anew. */
	float *first = malloc(net.parameters * sizeof *first);
	hashed_parameters(&net, a.state.params);
	memcpy(first, a.state.m, net.parameters * sizeof *first);
	for (size_t i = 0; i < CLOUDS; i++)
		example[i].weight = 1.0 / (double)each;
	for (size_t i = 0; i < batches; i++)
		bad = bad || mfc_trainer_add(a.trainer, example + i * each, each, &err);
	bad = bad || mfc_trainer_step(a.trainer, 1, 1e-3, &loss_b, &norm_b, &err);
	check(!bad && loss_a == loss_b && norm_a == norm_b && memcmp(first, a.state.m, net.parameters * sizeof *first) == 0,
	    "and the step after it starts from nothing, to the same bits");
	free(first);
	end(&a);
	end(&b);
}

static void check_clip(double clip)
{
	struct mfc_error err;
	struct mfc_adamw optimizer = bare;
	double loss, norm, taken;
	optimizer.clip = clip;
	struct run r = begin(&optimizer, 2);
	int bad = mfc_trainer_add(r.trainer, example, CLOUDS, &err) || mfc_trainer_step(r.trainer, 0, 1e-3, &loss, &norm, &err);
	taken = norm_of(r.state.m, NULL);
	double want = clip > 0 && norm > clip ? clip : norm;
	check(!bad && norm > 0.1 && fabs(taken - want) < 1e-5 * want, "clip %g: a gradient of norm %.3f is taken as %.3f", clip, norm, taken);
	end(&r);
}

static void check_refused(void)
{
	struct mfc_error err;
	struct mfc_adamw optimizer = bare;
	double loss, norm;
	struct run r = begin(&optimizer, 2);
	size_t size = 4 * net.parameters * sizeof(float);
	float *before = malloc(size), kept = x[0];
	memcpy(before, r.memory, size);
	x[0] = INFINITY;
	int bad = mfc_trainer_add(r.trainer, example, CLOUDS, &err) == 0 && mfc_trainer_step(r.trainer, 6, 1e-3, &loss, &norm, &err);
	x[0] = kept;
	check(bad && strstr(err.message, "step 7: the loss or its gradient is not finite") && memcmp(before, r.memory, size) == 0,
	    "a loss that is not finite changes nothing");
	bad = mfc_trainer_add(r.trainer, example, CLOUDS, &err) || mfc_trainer_step(r.trainer, 6, 1e-3, &loss, &norm, &err);
	check(!bad && isfinite(loss), "and the next batch does not suffer from it");
	bad = mfc_trainer_add(r.trainer, example, CLOUDS, &err) == 0 && mfc_trainer_step(r.trainer, 7, 1e39, &loss, &norm, &err);
	check(bad && strstr(err.message, "step 8: the parameters are not finite"), "parameters that are thrown out of the numbers are said");
	free(before);
	end(&r);
}

static void check_adamw(void)
{
	struct mfc_adamw o = MFC_ADAMW_DEFAULTS;
	enum { N = 37 };
	float g[N], p[N], m[N], v[N], e[N];
	double worst = 0, P = 0.5, M = 0, V = 0, E = 0.5;
	for (size_t i = 0; i < N; i++)
		p[i] = e[i] = 0.5f, m[i] = v[i] = 0;
	bool fine = true;
	for (size_t k = 0; k < 40; k++) {
		double grad = cos((double)k), lr = 0.01, c = (double)k + 1, keep = fmin(0.999, c / (c + 19));
		for (size_t i = 0; i < N; i++)
			g[i] = (float)(2 * grad);
		fine = fine && mfc_adamw_step(&o, k, lr, 0.5, N, g, p, m, v, e);
		M = 0.9 * M + 0.1 * grad;
		V = 0.99 * V + 0.01 * grad * grad;
		P = P - lr * 0.01 * P - lr * (M / (1 - pow(0.9, c))) / (sqrt(V / (1 - pow(0.99, c))) + 1e-8);
		E = keep * E + (1 - keep) * P;
		for (size_t i = 0; i < N; i++)
			worst = fmax(worst, fmax(fabs(p[i] - P), fabs(e[i] - E)));
	}
	check(fine && worst < 1e-6, "AdamW and its average as written down, in double: %.1e apart", worst);
	g[N - 1] = 1e30f;
	check(!mfc_adamw_step(&o, 40, 0.01, 1, N, g, p, m, v, e) && isinf(v[N - 1]) && isfinite(p[N - 1]),
	    "a second moment that overflows is said, though the parameters do not");
}

static void check_schedule(void)
{
	struct mfc_schedule s = MFC_SCHEDULE_DEFAULTS;
	check(mfc_schedule(&s, 0, 0) == 0.01 && mfc_schedule(&s, 49, 0) == 0.5 && mfc_schedule(&s, 99, 0) == 1 && mfc_schedule(&s, 100, 0.3) == 1,
	    "a rise of 100 steps, then constant");
	check(fabs(mfc_schedule(&s, 500, 0.65) - 0.5) < 1e-12 && mfc_schedule(&s, 900, 1) < 1e-12 && mfc_schedule(&s, 900, 1.2) < 1e-12,
	    "half the rate in the middle of the cosine, none at its end");
	check(fabs(mfc_schedule(&s, 49, 0.65) - 0.25) < 1e-12, "rise and fall multiply");
	s = (struct mfc_schedule){ .warmup = 0, .constant = 1 };
	check(mfc_schedule(&s, 0, 0) == 1 && mfc_schedule(&s, 9, 0.99) == 1 && mfc_schedule(&s, 9, 1) == 1, "neither rise nor fall");
	s.constant = 0;
	check(fabs(mfc_schedule(&s, 0, 0.5) - 0.5) < 1e-12 && fabs(mfc_schedule(&s, 0, 0.25) - 0.5 * (1 + sqrt(0.5))) < 1e-12,
	    "a cosine from the start");
}

static void check_bytes(void)
{
	struct mfc_error err;
	struct mfc_trainer_bytes one, two;
	struct mfc_example even[8], large[] = { { .n = 100 }, { .n = 5000 } };
	for (size_t i = 0; i < 8; i++)
		even[i].n = 512;
	int bad = mfc_trainer_bytes(&one, &net, &denoiser, 1, even, 8, &err) || mfc_trainer_bytes(&two, &net, &denoiser, 2, even, 8, &err);
	check(!bad && one.gradients == 2 * net.parameters * sizeof(float) && 2 * two.gradients == 3 * one.gradients && two.activations == 2 * one.activations &&
	    one.activations == mfc_workplace_bytes(&net, true, 2, 1024), "a thread holds its gradient and a chunk of 1,024 rows, whatever the batch, and all the turned weights");
	bad = mfc_trainer_bytes(&one, &net, &denoiser, 1, large, 2, &err) || mfc_trainer_bytes(&two, &net, &denoiser, 4, large, 2, &err);
	check(!bad && one.activations == mfc_workplace_bytes(&net, true, 1, 5000) &&
	    two.activations == one.activations + mfc_workplace_bytes(&net, true, 1, 100), "a cloud is not cut, and a thread without one holds nothing");
	bad = mfc_trainer_bytes(&one, &net, &(struct mfc_denoiser){ .sd = 1, .sobolev = 1 }, 1, even, 8, &err);
	check(!bad && one.activations == mfc_workplace_bytes(&net, true, 3, 3 * 512), "with a Sobolev part a cloud takes three");
}

int main(void)
{
	struct mfc_error err;
	struct mfc_score_config config = { .dim = 3, .width = 16, .latents = 4, .latent_width = 16, .embed = 16, .heads = 2, .blocks = 2, .frequencies = 5 };
	static const size_t points[] = { 40, 40, 160 };
	mfc_linalg_single_thread();
	if (!check(mfc_score_create(&net, &config, &err) == 0, "a network"))
		return done();
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_TEST, 0, 0);
	mfc_rng_normals(&rng, 0, 2 * ROWS * 3, x);
	for (size_t i = 0, row = 0; i < CLOUDS; row += points[i++ % 3])
		example[i] = (struct mfc_example){ .n = points[i % 3], .x0 = x + 3 * row, .eps = x + 3 * (ROWS + row), .s = 0.1 * (double)(i + 1),
			.weight = 1.0 / CLOUDS };
	check_accumulation(1, 1);
	check_accumulation(3, 1);
	check_accumulation(4, 2);
	check_accumulation(12, 3);
	check_clip(0);
	check_clip(0.05);
	check_clip(100);
	check_refused();
	check_adamw();
	check_schedule();
	check_bytes();
	mfc_score_clear(&net);
	return done();
}
