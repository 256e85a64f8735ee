/* Attention against a twin that takes a query, a head and a key at a time, values and gradients. That the gradients of the twin are right,
 * gradient.c shows: there the whole network is held against differences. */
#include "net/attend.h"

#include "check.h"
#include "kernels.h"
#include "linalg.h"

#include <stdlib.h>
#include <string.h>

enum { FEW = 40, MANY = 150, WIDTH = 80 };   /* at most */

/* Arrays of fenced(). */
enum { Q, KV, P, OUT, DOUT, DQ, DKV, SCRATCH, TURNED, STATE, SHARE, DOT };

/* A sum, and that of the sizes of what was added, which its rounding errors are measured by. */
struct sum { wide value, size; };

/* What the twin finds: rows of c; weight (heads, queries, keys); the largest score. */
static struct { struct sum out[MANY * WIDTH], dq[MANY * WIDTH], dk[MANY * WIDTH], dv[MANY * WIDTH]; wide weight[4 * MANY * FEW], highest; } twin;

static void add(struct sum *sum, wide factor, struct sum x)
{
	sum->value += factor * x.value;
	sum->size += WIDE(fabs)(factor) * x.size;
}

static struct sum number(real x)
{
	return (struct sum){ x, WIDE(fabs)(x) };
}

/* The gradients are of Σ out · dout. */
static void naive(const struct mfc_attention *at, size_t queries, size_t keys, const real *q, const real *k, const real *v, const real *dout)
{
	size_t c = at->c, w = c / at->heads, qs = at->q_stride, ks = at->kv_stride;
	wide root = WIDE(sqrt)((wide)w);
	struct sum ds[MANY];
	memset(&twin, 0, sizeof twin);
	for (size_t i = 0; i < queries; i++)
		for (size_t h = 0; h < at->heads; h++) {
			wide *p = twin.weight + (h * queries + i) * keys, top = -INFINITY, total = 0;
			struct sum dot = { 0, 0 };
			for (size_t j = 0; j < keys; j++) {
				struct sum score = { 0, 0 };
				for (size_t l = h * w; l < (h + 1) * w; l++)
					add(&score, q[i * qs + l] / root, number(k[j * ks + l]));
				p[j] = score.value;
				top = p[j] > top ? p[j] : top;
				twin.highest = score.size > twin.highest ? score.size : twin.highest;
			}
			for (size_t j = 0; j < keys; j++) {
				p[j] = WIDE(exp)(p[j] - top);
				total += p[j];
			}
			for (size_t j = 0; j < keys; j++) {
				p[j] /= total;
				ds[j] = (struct sum){ 0, 0 };
				for (size_t l = h * w; l < (h + 1) * w; l++) {
					add(&twin.out[i * c + l], p[j], number(v[j * ks + l]));
					add(&twin.dv[j * c + l], p[j], number(dout[i * c + l]));
					add(&ds[j], dout[i * c + l], number(v[j * ks + l]));
				}
				add(&dot, p[j], ds[j]);
			}
			for (size_t j = 0; j < keys; j++) {
				add(&ds[j], -1, dot);
				for (size_t l = h * w; l < (h + 1) * w; l++) {
					add(&twin.dq[i * c + l], p[j] / root * k[j * ks + l], ds[j]);
					add(&twin.dk[j * c + l], p[j] / root * q[i * qs + l], ds[j]);
				}
			}
		}
}

/* How far `rows` rows of x, `stride` apart, are from `old` more than the twin's, in roundings. What a key of no weight would add is left out of
 * account. */
static double deviation(size_t rows, size_t c, const real *x, size_t stride, real old, const struct sum *want)
{
	double worst = 0;
	for (size_t i = 0; i < rows * c; i++)
		worst = fmax(worst, off(x[i / c * stride + i % c], want[i].value + old, want[i].size + WIDE(fabs)(old) + 1e-30L / EPSILON));
	return worst;
}

/* What lies between rows. */
#define UNTOUCHED 1234

static void start(real *x, size_t rows, size_t c, size_t stride, real value)
{
	for (size_t i = 0; i < (rows - 1) * stride + c; i++)
		x[i] = i % stride < c ? value : UNTOUCHED;
}

static bool untouched(const real *x, size_t rows, size_t c, size_t stride)
{
	for (size_t i = 0; i < (rows - 1) * stride + c; i++)
		if (i % stride >= c && x[i] != UNTOUCHED)
			return false;
	return true;
}

/* Normal numbers times factor, NAN between the rows. */
static real *input(int which, size_t rows, size_t c, size_t stride, real factor)
{
	real *x = normals(which, (rows - 1) * stride + c);
	for (size_t i = 0; i < (rows - 1) * stride + c; i++)
		x[i] = i % stride < c ? factor * x[i] : (real)NAN;
	return x;
}

/* The arrays of one case: k and v lie side by side, as do their gradients. */
static struct { size_t queries, keys; real *q, *kv, *p, *out, *dout, *dq, *dkv, *scratch; } the;
enum { ASK, READ };

/* old: what is in the gradients that are added to. The others hold NAN. */
static void arrays(struct mfc_attention *at, int form, real size, real old)
{
	size_t c = at->c, weights = at->heads * at->few * at->many;
	the.queries = form == ASK ? at->many : at->few;
	the.keys = form == ASK ? at->few : at->many;
	the.q = input(Q, the.queries, c, at->q_stride, size);
	the.kv = input(KV, the.keys, 2 * c, at->kv_stride, 1);
	the.dout = input(DOUT, the.queries, c, c, 1);
	the.p = fenced(P, weights);
	the.scratch = fenced(SCRATCH, weights);
	the.out = fenced(OUT, the.queries * c);
	the.dq = fenced(DQ, (the.queries - 1) * at->q_stride + c);
	the.dkv = fenced(DKV, (the.keys - 1) * at->kv_stride + 2 * c);
	start(the.dq, the.queries, c, at->q_stride, form == ASK ? (real)NAN : old);
	start(the.dkv, the.keys, 2 * c, at->kv_stride, form == ASK ? old : (real)NAN);
	at->turned = fenced(TURNED, c * at->few);
	naive(at, the.queries, the.keys, the.q, the.kv, the.kv + c, the.dout);
}

/* Roundings that are allowed: those of the scores, which the weights take over, and of the sums. */
static double allowed(const struct mfc_attention *at)
{
	return (double)(4 + 2 * twin.highest + WIDE(sqrt)((wide)(at->few + at->many)));
}

/* The worst error of what was computed, as a part of what is allowed. */
static double verdict(const struct mfc_attention *at, int form, real old, bool backward)
{
	double worst = deviation(the.queries, at->c, the.out, at->c, 0, twin.out);
	if (backward) {
		real old_q = form == READ ? old : 0, old_kv = form == ASK ? old : 0;
		worst = fmax(worst, deviation(the.queries, at->c, the.dq, at->q_stride, old_q, twin.dq));
		worst = fmax(worst, deviation(the.keys, at->c, the.dkv, at->kv_stride, old_kv, twin.dk));
		worst = fmax(worst, deviation(the.keys, at->c, the.dkv + at->c, at->kv_stride, old_kv, twin.dv));
		if (!untouched(the.dq, the.queries, at->c, at->q_stride) || !untouched(the.dkv, the.keys, 2 * at->c, at->kv_stride))
			return INFINITY;
	}
	return worst / allowed(at);
}

/* The same of the weights p (heads, many, few) of a part of the many, where those of a row add up to sum (heads, few), or to 1. */
static double weights(const struct mfc_attention *at, int form, const real *p, size_t first, size_t many, const real *sum)
{
	double worst = 0;
	for (size_t h = 0; h < at->heads; h++)
		for (size_t j = 0; j < many; j++)
			for (size_t i = 0; i < at->few; i++) {
				size_t a = h * at->many + first + j, b = h * at->few + i;
				wide total = sum ? sum[b] : 1, want = total * twin.weight[form == ASK ? a * at->few + i : b * at->many + first + j];
				worst = fmax(worst, off(p[(h * many + j) * at->few + i], want, want + 1e-37L / EPSILON));
			}
	return worst / allowed(at);
}

static double ask(struct mfc_attention at, real size)
{
	const real old = 1;
	arrays(&at, ASK, size, old);
	mfc_ask_forward(&at, the.q, the.kv, the.kv + at.c, the.p, the.out);
	double worst = weights(&at, ASK, the.p, 0, at.many, NULL);
	mfc_ask_backward(&at, the.q, the.kv, the.kv + at.c, the.p, the.dout, the.dq, the.dkv, the.dkv + at.c, the.scratch);
	return fmax(worst, verdict(&at, ASK, old, true));
}

/* How the many come: all at once; in parts, each read before the next; in parts, all scores first, as a backward wants it. */
enum { WHOLE, STREAM, KEPT };

/* The part of the many that begins at `first`, and how long it is. */
static struct mfc_attention next_part(const struct mfc_attention *at, int form, size_t first)
{
	static const size_t size[] = { 1, 7, 16, 3, 64 };
	struct mfc_attention a = *at;
	a.many = at->many - first;
	if (form != WHOLE && size[first % 5] < a.many)
		a.many = size[first % 5];
	return a;
}

static double read(struct mfc_attention at, int form, real size)
{
	const real old = 1;
	size_t c = at.c, hm = at.heads * at.few;
	double worst = 0;
	arrays(&at, READ, size, old);
	real *state = fenced(STATE, 3 * hm), *share = fenced(SHARE, at.few * c), *dot = fenced(DOT, hm);
	mfc_read_begin(&at, state, the.out);
	for (int step = 0; step < (form == KEPT ? 2 : 1); step++)
		for (size_t first = 0; first < at.many;) {
			struct mfc_attention a = next_part(&at, form, first);
			real *p = the.p + (form == STREAM ? 0 : first * hm), *kv = the.kv + first * at.kv_stride;
			if (step == 0)
				mfc_read_scores(&a, the.q, kv, p, state, the.out);
			if (step == 1 || form != KEPT)
				mfc_read_gather(&a, kv + c, p, state, the.out);
			first += a.many;
		}
	mfc_read_end(&at, state, the.out);
	if (form == STREAM)
		return verdict(&at, READ, old, false);
	mfc_read_backward_begin(&at, state, the.out, the.dout, share, dot);
	for (size_t first = 0; first < at.many;) {
		struct mfc_attention a = next_part(&at, form, first);
		real *p = the.p + first * hm, *kv = the.kv + first * at.kv_stride, *dkv = the.dkv + first * at.kv_stride;
		worst = fmax(worst, weights(&at, READ, p, first, a.many, state + hm));
		mfc_read_backward(&a, the.q, kv, kv + c, p, share, dot, the.dq, dkv, dkv + c, the.scratch);
		first += a.many;
	}
	return fmax(worst, verdict(&at, READ, old, true));
}

static void check_all(real size, const char *what)
{
	static const size_t heads[] = { 1, 2, 4 }, width[] = { 1, 3, 8, 16, 20 }, few[] = { 1, 3, 8, 32, 33 }, many[] = { 1, 2, 16, 37, MANY };
	double worst[4] = { 0 };
	size_t cases = 0;
	for (int h = 0; h < 3; h++)
		for (int w = 0; w < 5; w++)
			for (int f = 0; f < 5; f++)
				for (int m = 0; m < 5; m++, cases++) {
					size_t c = heads[h] * width[w];
					struct mfc_attention at = { few[f], many[m], c, heads[h], c + cases % 4, 2 * c + cases % 3, NULL };
					fence_behind = cases % 2;
					worst[0] = fmax(worst[0], ask(at, size));
					for (int form = WHOLE; form <= KEPT; form++)
						worst[1 + form] = fmax(worst[1 + form], read(at, form, size));
				}
	static const char *const name[] = { "the many ask", "the few read", "the few read in parts", "the few read in parts, all scores first" };
	for (int i = 0; i < 4; i++)
		check(worst[i] <= 1, "%s, %s: %zu cases, error %.2f of what is allowed", name[i], what, cases, worst[i]);
}

int main(void)
{
	mfc_linalg_single_thread();
	check_all(1, "scores of about 1");
	check_all(10, "scores of about 10");
	check_all(1e4, "scores of about 10,000");
	return done();
}
