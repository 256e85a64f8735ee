/* The gradient of every parameter tensor, by hand, against central differences, in double. All entries of every tensor are differenced:
 * the network is small, but has every part of the large one, and clouds of several sizes and noise levels in one batch. And what the Sobolev
 * part of the objective is: its value, its gradient, and the mean of its target where the Jacobian is known. */
#define MFC_TILE 4   /* rows: clouds lie across tiles */
#include "double.h"

#include "check.h"
#include "rng.h"

#define CLOUDS 4
#define TOLERANCE 1e-6

static struct mfc_score net;
static struct mfc_denoiser denoiser;
static struct mfc_workplace *work;
static struct mfc_example example[CLOUDS];
static float x0[64 * 3], noise[64 * 3];
static double *params, *held;   /* held: the residuals F - T, constant, where there is a Sobolev part */
static struct mfc_weights weights;

static double objective(double *grads)
{
	struct mfc_error err;
	double sum = 0;
	mfc_weights_update(&weights, &net, 0, 1);
	if (mfc_denoiser_loss(work, &weights, &denoiser, example, CLOUDS, grads, &err))
		return NAN;
	for (size_t i = 0; i < CLOUDS; i++)
		sum += example[i].weight * (example[i].loss + (grads ? denoiser.sobolev * example[i].sobolev : 0));
	return sum;
}

/* F at u, moved by `step` along v. */
static void network(const struct mfc_example *e, const double *u, const double *v, double step, double *f)
{
	struct mfc_error err;
	size_t start[] = { 0, e->n };
	double c = log(e->s) / 4, *moved = malloc(e->n * 3 * sizeof *moved);
	for (size_t i = 0; i < e->n * 3; i++)
		moved[i] = u[i] + step * v[i];
	struct mfc_crowd crowd = { 0 };
	size_t n = mfc_crowd_size(&net.config, e->s / denoiser.sd, e->n);
	double *near = malloc(e->n * 3 * sizeof *near);
	memcpy(near, moved, e->n * 3 * sizeof *near);
	int bad = 0;
	if (n)
		bad = mfc_crowd_make(&crowd, &net.config, e->s / denoiser.sd, n, near, &err);
	else
		free(near);
	struct mfc_score_batch batch = { 1, start, &c, moved, &crowd, &e->label, denoiser.sd };
	if (bad || mfc_score_forward(&net, &weights, work->tape, &batch, f, &err))
		f[0] = NAN;
	mfc_crowd_clear(&crowd);
	free(moved);
}

/* The objective as its definition has it, a cloud at a time, with the residuals held; on the first call (hold) they are found. */
static double definition(bool hold)
{
	mfc_weights_update(&weights, &net, 0, 1);
	double u[9 * 3], t[9 * 3], v[9 * 3], f[9 * 3], up[9 * 3], down[9 * 3], total = 0, *e = held;
	for (size_t i = 0; i < CLOUDS; i++) {
		const struct mfc_example *x = &example[i];
		double r = sqrt(x->s * x->s + denoiser.sd * denoiser.sd), loss = 0, sobolev = 0;
		double skip = denoiser.epsilon ? 1 : denoiser.sd * denoiser.sd / (r * r), out = denoiser.epsilon ? -x->s : x->s * denoiser.sd / r;
		struct mfc_rng rng = x->probe;
		uint64_t bits = mfc_rng_bits(&rng);
		for (size_t j = 0; j < x->n * 3; j++) {
			double y = x->x0[j] + x->s * sqrt(1 + x->perturb * x->perturb) * x->eps[j];
			u[j] = y / r;
			t[j] = (x->x0[j] - skip * y) / out;
			v[j] = bits >> j & 1 ? 1 : -1;
		}
		network(x, u, v, 0, f);
		network(x, u, v, 0.01 * x->s / r, up);
		network(x, u, v, -0.01 * x->s / r, down);
		for (size_t j = 0; j < x->n * 3; j++) {
			loss += (f[j] - t[j]) * (f[j] - t[j]);
			e[j] = hold ? f[j] - t[j] : e[j];
		}
		for (size_t j = 0; j < x->n * 3; j++) {
			const double *a = e + j / 3 * 3, *b = v + j / 3 * 3;
			double q = (up[j] - down[j]) / 0.02 + x->s * skip / out * (v[j] - e[j] * (a[0] * b[0] + a[1] * b[1] + a[2] * b[2]));
			sobolev += q * q;
		}
		total += x->weight * (loss + denoiser.sobolev * sobolev) / (double)(x->n * 3);
		e += x->n * 3;
	}
	return total;
}

/* d/dh of the objective at parameters + h · direction, by the central difference of fourth order. */
static double difference(size_t offset, size_t count, const double *direction, const double *at)
{
	static const double weight[] = { 1.0 / 12, -2.0 / 3, 2.0 / 3, -1.0 / 12 }, place[] = { -2, -1, 1, 2 };
	const double h = 1e-3;
	double sum = 0;
	for (int k = 0; k < 4; k++) {
		for (size_t i = 0; i < count; i++)
			params[offset + i] = at[i] + place[k] * h * direction[i];
		sum += weight[k] * (denoiser.sobolev > 0 ? definition(false) : objective(NULL));
	}
	memcpy(params + offset, at, count * sizeof *at);
	return sum / h;
}

static void check_tensor(const struct mfc_tensor *t, const double *grads, const char *what)
{
	double error = 0, norm = 0, *at = malloc(t->count * sizeof *at), *r = calloc(t->count, sizeof *r);
	const double *g = grads + t->offset;
	memcpy(at, params + t->offset, t->count * sizeof *at);
	for (size_t i = 0; i < t->count; i++) {
		r[i] = 1;
		double d = difference(t->offset, t->count, r, at);
		r[i] = 0;
		error += (g[i] - d) * (g[i] - d);
		norm += g[i] * g[i];
	}
	norm = sqrt(norm);
	error = sqrt(error);
	/* All entries at once, along a random direction: an error of sign or scale in one cannot hide in the sum's size. */
	struct mfc_rng rng = mfc_rng_make(3, MFC_RNG_TEST, t->offset, 0);
	double dot = 0, length = 0;
	for (size_t i = 0; i < t->count; i++) {
		r[i] = 2 * mfc_rng_uniform(&rng) - 1;
		dot += g[i] * r[i];
		length += r[i] * r[i];
	}
	double along = difference(t->offset, t->count, r, at);
	check(norm > 0 && error <= TOLERANCE * norm && fabs(along - dot) <= TOLERANCE * norm * sqrt(length),
	    "%s: gradient of %s: relative error %.1e, along a direction %.1e", what, t->name, error / norm,
		    fabs(along - dot) / (norm * sqrt(length)));
	free(at);
	free(r);
}

static void check_network(struct mfc_score_config network, struct mfc_denoiser form, const char *what)
{
	struct mfc_error err;
	struct mfc_score_config config = { .dim = 3, .width = 8, .latents = 3, .latent_width = 6, .embed = 5, .heads = 2, .blocks = 2, .frequencies = 7, .labels = 3,
		.arch = network.arch, .windows = network.windows, .window = { 1.5, 3 }, .radius = network.radius, .below = 1, .crowd = 1.5 };
	static const size_t points[CLOUDS] = { 1, 5, 5, 9 };
	static const double s[CLOUDS] = { 3.1, 0.02, 0.4, 1.2 };
	static const size_t label[CLOUDS] = { 0, 3, 0, 1 };   /* repeated, null; and row 2 is nobody's */
	size_t row = 0;
	denoiser = form;
	if (mfc_score_create(&net, &config, &err) || mfc_workplace_create(&work, &net, true, &err)) {
		check(0, "%s", err.message);
		return;
	}
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_TEST, 0, 0);
	mfc_rng_normals(&rng, 0, 64 * 3, x0);
	mfc_rng_normals(&rng, 64 * 3, 64 * 3, noise);
	for (size_t i = 0; i < CLOUDS; i++) {
		example[i] = (struct mfc_example){ .n = points[i], .x0 = x0 + 3 * row, .eps = noise + 3 * row, .s = s[i], .perturb = i == 1 ? 0.8 : 0,
			.weight = 0.3 + (double)i,
			.probe = mfc_rng_make(5, MFC_RNG_PROBE, i, 0), .label = label[i] };
		row += points[i];
	}
	params = malloc(net.parameters * sizeof *params);
	double *grads = calloc(net.parameters, sizeof *grads);
	rng = mfc_rng_make(2, MFC_RNG_TEST, 0, 0);
	/* Noise everywhere: what starts at zero would hide what lies behind it. */
	for (size_t i = 0; i < net.tensors; i++)
		for (size_t j = 0; j < net.tensor[i].count; j++)
			params[net.tensor[i].offset + j] = (net.tensor[i].init == MFC_INIT_ONE) + 0.8 * mfc_rng_uniform(&rng) - 0.4;
	if (!check(mfc_weights_create(&weights, &net, params, &err) == 0, "weights"))
		return;
	double loss = objective(grads);
	double base = loss, plain = objective(NULL);
	for (size_t i = 0; i < CLOUDS; i++)
		base -= example[i].weight * denoiser.sobolev * example[i].sobolev;
	check(isfinite(loss) && fabs(base - plain) < 1e-14 * loss, "%s: the loss is the same with and without a gradient", what);
	held = malloc(64 * 3 * sizeof *held);
	double defined = definition(true);
	check(fabs(defined - loss) < 1e-10 * loss, "%s: the objective is what its definition says", what);
	size_t silent = 0;
	for (size_t i = 0; i < net.tensors; i++) {
		double largest = 0;
		for (size_t j = 0; j < net.tensor[i].count; j++)
			largest = fmax(largest, fabs(grads[net.tensor[i].offset + j]));
		silent += largest == 0;
		check_tensor(&net.tensor[i], grads, what);
	}
	check(silent == 0, "%s: %zu of %zu tensors have no gradient", what, silent, net.tensors);
	/* Gradients are added to what is there. */
	double *twice = malloc(net.parameters * sizeof *twice), worst = 0;
	memcpy(twice, grads, net.parameters * sizeof *twice);
	objective(twice);
	for (size_t i = 0; i < net.parameters; i++)
		worst = fmax(worst, fabs(twice[i] - 2 * grads[i]));
	check(worst < 1e-12, "%s: a second pass adds its gradient", what);
	free(twice);
	free(held);
	free(grads);
	free(params);
	mfc_weights_free(&weights);
	mfc_workplace_free(work);
	mfc_score_clear(&net);
}

int main(void)
{
	const struct mfc_denoiser edm = { .sd = 0.7 }, epsilon = { .sd = 0.7, .epsilon = true }, sobolev = { .sd = 0.7, .sobolev = 0.6 },
	    both = { .sd = 0.7, .sobolev = 0.6, .epsilon = true };
	const struct mfc_score_config latent = { .arch = MFC_ARCH_LATENT };
	check_network(latent, edm, "latent");
	check_network(latent, epsilon, "epsilon");
	check_network(latent, sobolev, "Sobolev");
	check_network(latent, both, "Sobolev, epsilon");
	check_network((struct mfc_score_config){ .arch = MFC_ARCH_NONE }, edm, "none");
	check_network((struct mfc_score_config){ .arch = MFC_ARCH_POOLED }, edm, "pooled");
	check_network((struct mfc_score_config){ .arch = MFC_ARCH_PAIRWISE, .radius = 1.5 }, edm, "pairwise");
	check_network((struct mfc_score_config){ .arch = MFC_ARCH_LATENT, .windows = 2 }, edm, "latent, local");
	check_network((struct mfc_score_config){ .arch = MFC_ARCH_POOLED, .windows = 1 }, edm, "pooled, local");
	check_network((struct mfc_score_config){ .arch = MFC_ARCH_NONE, .windows = 2 }, edm, "none, local");
	return done();
}
