#include "diffusion/oracle.h"
#include "neighbors.h"
#include "parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FAR 42.0          /* e^-42: a million points of that weight are 6e-13 */
#define UNLIKELY 1e-16    /* a shape's posterior that is not worth its D_k */

struct mfc_oracle {
	size_t dim, count;                   /* of components or shapes */
	const struct mfc_mixture *mixture;   /* or NULL */
	const struct mfc_cloud *shape;       /* (count), or NULL */
	struct mfc_neighbors **tree;         /* (count) */
};

int mfc_oracle_of_mixture(struct mfc_oracle **oracle, const struct mfc_mixture *mixture, struct mfc_error *err)
{
	*oracle = calloc(1, sizeof **oracle);
	if (!*oracle)
		return mfc_error_memory(err);
	**oracle = (struct mfc_oracle){ .dim = mixture->dim, .count = mixture->count, .mixture = mixture };
	return 0;
}

int mfc_oracle_of_shapes(struct mfc_oracle **oracle, size_t count, const struct mfc_cloud *shape, struct mfc_error *err)
{
	struct mfc_oracle *o = *oracle = calloc(1, sizeof *o);
	if (!o)
		return mfc_error_memory(err);
	o->shape = shape;
	o->dim = shape[0].dim;
	o->tree = calloc(count, sizeof(struct mfc_neighbors *));
	int bad = o->tree ? 0 : mfc_error_memory(err);
	for (size_t k = 0; !bad && k < count; k++) {
		bad = shape[k].dim != o->dim ? mfc_error_set(err, "cloud \"%s\": %zu coordinates where others have %zu", shape[k].id, shape[k].dim, o->dim)
		                             : mfc_neighbors_build(&o->tree[k], shape[k].n, o->dim, shape[k].x, err);
		o->count += !bad;
	}
	if (bad) {
		mfc_oracle_free(o);
		*oracle = NULL;
	}
	return bad;
}

void mfc_oracle_free(struct mfc_oracle *o)
{
	if (!o)
		return;
	for (size_t k = 0; o->tree && k < o->count; k++)
		mfc_neighbors_free(o->tree[k]);
	free(o->tree);
	free(o);
}

size_t mfc_oracle_dim(const struct mfc_oracle *o)
{
	return o->dim;
}

/* An evaluation, shared out among threads by particles. */
struct evaluation {
	const struct mfc_oracle *o;
	size_t n, threads;
	const float *y;
	double s;
	float *D;            /* (n, dim), or NULL: log densities alone */
	double *log;         /* (n): log density of each particle, of the mixture or of shape k */
	double *root;        /* mixture: Cholesky roots of C_c + s² I, (count, dim, dim) */
	double *constant;    /* mixture: log of weight and norm, (count); shapes: posterior, (count) */
	double *scratch;     /* (threads, room) */
	size_t room, k;
};

/* z = (L Lᵀ)^(-1) (y - μ); returns |L^(-1) (y - μ)|². */
static double solve(size_t d, const double *L, const float *y, const double *mean, double *z)
{
	double square = 0;
	for (size_t i = 0; i < d; i++) {
		double sum = y[i] - mean[i];
		for (size_t j = 0; j < i; j++)
			sum -= L[i * d + j] * z[j];
		z[i] = sum / L[i * d + i];
		square += z[i] * z[i];
	}
	for (size_t i = d; i-- > 0;) {
		double sum = z[i];
		for (size_t j = i + 1; j < d; j++)
			sum -= L[j * d + i] * z[j];
		z[i] = sum / L[i * d + i];
	}
	return square;
}

/* Scratch: z of each component (count, dim), their logarithms (count). */
static void mixture_share(void *context, size_t thread)
{
	const struct evaluation *e = context;
	const struct mfc_mixture *m = e->o->mixture;
	size_t from, to, d = m->dim;
	double *z = e->scratch + thread * e->room, *log_weight = z + m->count * d;
	mfc_parallel_share(e->n, e->threads, thread, &from, &to);
	for (size_t i = from; i < to; i++) {
		const float *y = e->y + i * d;
		double most = -INFINITY, sum = 0;
		for (size_t c = 0; c < m->count; c++) {
			log_weight[c] = e->constant[c] - 0.5 * solve(d, e->root + c * d * d, y, m->mean + c * d, z + c * d);
			most = fmax(most, log_weight[c]);
		}
		for (size_t c = 0; c < m->count; c++)
			sum += log_weight[c] = exp(log_weight[c] - most);
		e->log[i] = most + log(sum);
		for (size_t j = 0; e->D && j < d; j++) {
			double score = 0;
			for (size_t c = 0; c < m->count; c++)
				score -= log_weight[c] / sum * z[c * d + j];
			e->D[i * d + j] = (float)(y[j] + e->s * e->s * score);
		}
	}
}

static int of_mixture(struct evaluation *e, double *total, struct mfc_error *err)
{
	const struct mfc_mixture *m = e->o->mixture;
	size_t d = m->dim;
	memcpy(e->root, m->covariance, m->count * d * d * sizeof *e->root);
	for (size_t c = 0; c < m->count; c++) {
		double *L = e->root + c * d * d, norm = 0.5 * (double)d * log(2 * M_PI);
		for (size_t i = 0; i < d; i++)
			L[i * d + i] += e->s * e->s;
		if (mfc_cholesky(d, L))
			return mfc_error_set(err, "component %zu: the covariance is not positive definite", c + 1);
		for (size_t i = 0; i < d; i++)
			norm += log(L[i * d + i]);
		e->constant[c] = log(m->weight[c]) - norm;
	}
	mfc_parallel(e->threads, mixture_share, e);
	*total = 0;
	for (size_t i = 0; i < e->n; i++)
		*total += e->log[i];
	return 0;
}

/* Σ_j w_j and Σ_j w_j x_j over points of a shape, w = exp(-(d² - nearest²)/2s²). */
struct sum { const float *x; size_t d; double nearest2, scale, weight, *weighted; };

static void add(void *context, size_t j, double distance2)
{
	struct sum *sum = context;
	double w = exp((sum->nearest2 - distance2) * sum->scale);
	sum->weight += w;
	for (size_t i = 0; sum->weighted && i < sum->d; i++)
		sum->weighted[i] += w * sum->x[j * sum->d + i];
}

/* Of the points of shape k about q; weighted (dim) may be NULL. */
static struct sum sum_about(const struct mfc_oracle *o, size_t k, const float *q, double s, double *weighted)
{
	struct sum sum = { .x = o->shape[k].x, .d = o->dim, .scale = 0.5 / (s * s), .weighted = weighted };
	mfc_neighbors_nearest(o->tree[k], q, &sum.nearest2);
	if (weighted)
		memset(weighted, 0, o->dim * sizeof *weighted);
	mfc_neighbors_within(o->tree[k], q, sqrt(sum.nearest2 + FAR / sum.scale), add, &sum);
	return sum;
}

static void likelihood_share(void *context, size_t thread)
{
	const struct evaluation *e = context;
	const struct mfc_oracle *o = e->o;
	double norm = log((double)o->shape[e->k].n) + 0.5 * (double)o->dim * log(2 * M_PI * e->s * e->s);
	size_t from, to;
	mfc_parallel_share(e->n, e->threads, thread, &from, &to);
	for (size_t i = from; i < to; i++) {
		struct sum sum = sum_about(o, e->k, e->y + i * o->dim, e->s, NULL);
		e->log[i] = log(sum.weight) - sum.nearest2 * sum.scale - norm;
	}
}

/* Scratch: D of a particle, and the sum of one shape, (dim) each. */
static void posterior_share(void *context, size_t thread)
{
	const struct evaluation *e = context;
	const struct mfc_oracle *o = e->o;
	double *D = e->scratch + thread * e->room, *weighted = D + o->dim;
	size_t from, to;
	mfc_parallel_share(e->n, e->threads, thread, &from, &to);
	for (size_t i = from; i < to; i++) {
		memset(D, 0, o->dim * sizeof *D);
		for (size_t k = 0; k < o->count; k++) {
			if (e->constant[k] < UNLIKELY)
				continue;
			struct sum sum = sum_about(o, k, e->y + i * o->dim, e->s, weighted);
			for (size_t j = 0; j < o->dim; j++)
				D[j] += e->constant[k] * weighted[j] / sum.weight;
		}
		for (size_t j = 0; j < o->dim; j++)
			e->D[i * o->dim + j] = (float)D[j];
	}
}

/* The clouds' likelihoods first, then, with the posterior that these make, D. */
static void of_shapes(struct evaluation *e, double *total)
{
	const struct mfc_oracle *o = e->o;
	double most = -INFINITY, sum = 0;
	for (e->k = 0; e->k < o->count; e->k++) {
		double likelihood = 0;
		mfc_parallel(e->threads, likelihood_share, e);
		for (size_t i = 0; i < e->n; i++)
			likelihood += e->log[i];
		e->constant[e->k] = likelihood;
		most = fmax(most, likelihood);
	}
	for (size_t k = 0; k < o->count; k++)
		sum += e->constant[k] = exp(e->constant[k] - most);
	for (size_t k = 0; k < o->count; k++)
		e->constant[k] /= sum;
	*total = most + log(sum / (double)o->count);
	if (e->D)
		mfc_parallel(e->threads, posterior_share, e);
}

static int evaluate(const struct mfc_oracle_use *use, size_t n, const float *y, double s, float *D, double *total, struct mfc_error *err)
{
	const struct mfc_oracle *o = use->oracle;
	size_t roots = o->mixture ? o->count * o->dim * o->dim : 0;
	struct evaluation e = { .o = o, .n = n, .threads = use->threads > 1 ? use->threads : 1, .y = y, .s = s, .D = D,
		.room = o->mixture ? o->count * (o->dim + 1) : 2 * o->dim };
	if (!(s > 0))
		return mfc_error_set(err, "no score at noise level %g", s);
	e.log = malloc((n + roots + o->count + e.threads * e.room) * sizeof *e.log);
	if (!e.log)
		return mfc_error_memory(err);
	e.root = e.log + n;
	e.constant = e.root + roots;
	e.scratch = e.constant + o->count;
	int status = 0;
	if (o->mixture)
		status = of_mixture(&e, total, err);
	else
		of_shapes(&e, total);
	free(e.log);
	return status;
}

int mfc_oracle_denoise(void *use, size_t n, const float *y, double s, float *D, struct mfc_error *err)
{
	double total;
	return evaluate(use, n, y, s, D, &total, err);
}

int mfc_oracle_log_density(const struct mfc_oracle_use *use, size_t n, const float *y, double s, double *out, struct mfc_error *err)
{
	return evaluate(use, n, y, s, NULL, out, err);
}
