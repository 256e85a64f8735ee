/* Usage: kernels [SECONDS [CLOUDS [POINTS]]] -- each kernel of the network by itself, SECONDS (0.1) each, on one thread, in the shapes of a
 * training pass over CLOUDS (16) clouds of POINTS (128) particles: products as GFLOP/s beside the rate of a 1,024³ sgemm in the same run, the rest
 * as GB/s, counting each array once for every time that it must be read or written, beside those of copying memory and of copying within the
 * second cache. Sorted by the share of the pass: a call's time, of the fastest of many, times its calls. Arrays stay in the cache from call to
 * call as far as they fit, so a pass takes longer than the sum. */
#include "bench.h"

#include "net/attend.h"
#include "net/layers.h"
#include "net/optim.h"
#include "net/weights.h"
#include "rng.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_KERNELS 128
#define SLOTS 8
#define LARGE (64u << 20)   /* bytes to copy, more than caches hold */

/* One row of the table: sizes as the kernel's call below reads them. */
struct kernel {
	const char *name, *form;
	bool (*call)(void *kernel);
	size_t a, b, c;
	double calls, flop, bytes;   /* a pass; a call */
	struct timing time;
};

static struct kernel kernel[MAX_KERNELS];
static size_t kernels;
static real *slot[SLOTS];   /* arrays, each as large as any kernel needs */
static struct mfc_score net;

/* rows a, in b, out c */
static bool linear_forward(void *context)
{
	const struct kernel *k = context;
	mfc_linear_forward(k->a, k->b, k->c, slot[0], slot[1], slot[2], false, slot[3]);
	return true;
}

static bool linear_by_input(void *context)
{
	const struct kernel *k = context;
	mfc_gemm(false, false, k->a, k->b, k->c, 1, slot[0], k->c, slot[1], k->b, NULL, false, slot[3], k->b);
	return true;
}

static bool linear_by_weight(void *context)
{
	const struct kernel *k = context;
	mfc_linear_gradient(k->a, k->b, k->c, slot[0], slot[2], slot[3], slot[4]);
	return true;
}

/* a are many, b few, width c */
static struct mfc_attention attention(const struct kernel *k)
{
	return (struct mfc_attention){ .few = k->b, .many = k->a, .c = k->c, .heads = net.config.heads, .q_stride = k->c, .kv_stride = 2 * k->c,
		.turned = slot[7] };
}

static bool ask_forward(void *context)
{
	const struct kernel *k = context;
	struct mfc_attention at = attention(k);
	mfc_ask_forward(&at, slot[0], slot[1], slot[1] + k->c, slot[2], slot[3]);
	return true;
}

static bool ask_backward(void *context)
{
	const struct kernel *k = context;
	struct mfc_attention at = attention(k);
	mfc_ask_backward(&at, slot[0], slot[1], slot[1] + k->c, slot[2], slot[3], slot[4], slot[5], slot[5] + k->c, slot[6]);
	return true;
}

static bool read_forward(void *context)
{
	const struct kernel *k = context;
	struct mfc_attention at = attention(k);
	mfc_read_begin(&at, slot[4], slot[3]);
	mfc_read_scores(&at, slot[0], slot[1], slot[2], slot[4], slot[3]);
	mfc_read_gather(&at, slot[1] + k->c, slot[2], slot[4], slot[3]);
	mfc_read_end(&at, slot[4], slot[3]);
	return true;
}

static bool read_backward(void *context)
{
	const struct kernel *k = context;
	struct mfc_attention at = attention(k);
	real *share = slot[7] + k->b * k->c, *dot = share + k->b * k->c;   /* beyond what is turned */
	mfc_read_backward_begin(&at, slot[4], slot[3], slot[0], share, dot);
	mfc_read_backward(&at, slot[0], slot[1], slot[1] + k->c, slot[2], share, dot, slot[3], slot[5], slot[5] + k->c, slot[6]);
	return true;
}

/* rows a of width b */
static bool norm_forward(void *context)
{
	const struct kernel *k = context;
	mfc_norm_forward(k->a, k->b, slot[0], 1, slot[1], slot[2], slot[3], slot[4], slot[5]);
	return true;
}

static bool norm_backward(void *context)
{
	const struct kernel *k = context;
	mfc_norm_backward(k->a, k->b, slot[0], slot[1], 1, slot[2], slot[3], slot[4], slot[5], slot[6]);
	return true;
}

static bool scale_forward(void *context)
{
	const struct kernel *k = context;
	mfc_scale_forward(k->a, k->b, slot[0], 1, slot[1], slot[2], slot[3]);
	return true;
}

static bool scale_backward(void *context)
{
	const struct kernel *k = context;
	mfc_scale_backward(k->a, k->b, slot[0], 1, slot[1], slot[2], slot[3], slot[4], slot[5]);
	return true;
}

static bool silu_forward(void *context)
{
	const struct kernel *k = context;
	mfc_silu_forward(k->a * k->b, slot[0], slot[3]);
	return true;
}

static bool silu_backward(void *context)
{
	const struct kernel *k = context;
	mfc_silu_backward(k->a * k->b, slot[0], slot[2], slot[3], slot[4]);
	return true;
}

/* a parameters */
static bool adamw(void *context)
{
	const struct kernel *k = context;
	struct mfc_adamw o = MFC_ADAMW_DEFAULTS;
	mfc_adamw_step(&o, 1000, 1e-6, 1, k->a, slot[0], slot[1], slot[2], slot[3], slot[4]);
	return true;
}

static void add(const char *name, const char *form, bool (*call)(void *), size_t a, size_t b, size_t c, double calls, double flop, double bytes)
{
	kernel[kernels++] = (struct kernel){ name, form, call, a, b, c, calls, flop, bytes, { NAN, NAN } };
}

/* The three products of a layer; inputs that are data want no gradient. */
static void add_linear(const char *name, const struct mfc_linear *l, size_t rows, double calls, bool data)
{
	double flop = 2 * (double)rows * (double)l->in * (double)l->out;
	add(name, "forward", linear_forward, rows, l->in, l->out, calls, flop, 0);
	add(name, "by weight", linear_by_weight, rows, l->in, l->out, calls, flop, 0);
	if (!data)
		add(name, "by input", linear_by_input, rows, l->in, l->out, calls, flop, 0);
}

static void add_attention(const char *name, bool (*forward)(void *), bool (*backward)(void *), size_t many, size_t few, size_t width, double calls)
{
	double flop = 4 * (double)many * (double)few * (double)width;
	add(name, "forward", forward, many, few, width, calls, flop, 0);
	add(name, "backward", backward, many, few, width, calls, 2 * flop, 0);
}

/* Forward reads and writes so many arrays of rows times width, backward so many. */
static void add_rows(const char *name, bool (*forward)(void *), double arrays, bool (*backward)(void *), double arrays_back, size_t rows,
    size_t width, double calls)
{
	double bytes = sizeof(real) * (double)rows * (double)width;
	add(name, "forward", forward, rows, width, 0, calls, 0, arrays * bytes);
	add(name, "backward", backward, rows, width, 0, calls, 0, arrays_back * bytes);
}

static void list(size_t clouds, size_t points)
{
	const struct mfc_score_config *c = &net.config;
	const struct mfc_score_block *b = net.block;
	size_t rows = clouds * points, latents = clouds * c->latents;
	double blocks = (double)c->blocks, each = (double)clouds;
	add_linear("embed", &net.embed, rows, 1, true);
	add_linear("read.kv", &b->read_kv, rows, blocks, false);
	add_linear("write.q", &b->write_q, rows, blocks, false);
	add_linear("write.out", &b->write_out, rows, blocks, false);
	add_linear("mlp.0", &b->mlp_0, rows, blocks, false);
	add_linear("mlp.2", &b->mlp_2, rows, blocks, false);
	add_linear("out", &net.out, rows, 1, false);
	add_linear("read.q", &b->read_q, latents, blocks, false);
	add_linear("read.out", &b->read_out, latents, blocks, false);
	add_linear("self.qkv", &b->self_qkv, latents, blocks, false);
	add_linear("self.out", &b->self_out, latents, blocks, false);
	add_linear("latent_mlp.0", &b->latent_mlp_0, latents, blocks, false);
	add_linear("latent_mlp.2", &b->latent_mlp_2, latents, blocks, false);
	add_linear("write.kv", &b->write_kv, latents, blocks, false);
	add_linear("film", &b->film, clouds, blocks, false);
	add_linear("latent_film", &b->latent_film, clouds, blocks, false);
	add_linear("time.0", &net.time_0, clouds, 1, true);
	add_linear("time.2", &net.time_2, clouds, 1, false);
	add_linear("latent_time", &net.latent_time, clouds, 1, false);
	add_linear("out.film", &net.out_film, clouds, 1, false);
	add_attention("read", read_forward, read_backward, points, c->latents, c->width, each * blocks);
	add_attention("write", ask_forward, ask_backward, points, c->latents, c->width, each * blocks);
	add_attention("self", ask_forward, ask_backward, c->latents, c->latents, c->latent_width, each * blocks);
	add_rows("norm", norm_forward, 3, norm_backward, 4, points, c->width, each * (2 * blocks + 1));
	add_rows("silu", silu_forward, 2, silu_backward, 3, rows, b->mlp_0.out, blocks);
	add_rows("latent norm", norm_forward, 3, norm_backward, 4, latents, c->latent_width, 4 * blocks);
	add_rows("latent modulation", scale_forward, 2, scale_backward, 3, c->latents, c->latent_width, each * blocks);
	add_rows("latent silu", silu_forward, 2, silu_backward, 3, latents, b->latent_mlp_0.out, blocks);
	/* Reads the gradient, reads and writes the parameters, their average and the two moments. */
	add("AdamW", "", adamw, net.parameters, 0, 0, 1, 0, 9 * sizeof(float) * (double)net.parameters);
}

struct copy { char *from, *to; size_t bytes; };

static bool copy(void *context)
{
	const struct copy *c = context;
	memcpy(c->to, c->from, c->bytes);
	return true;
}

/* Bytes a second, read and written, of copying so many; NAN for want of memory. */
static double copy_rate(double seconds, size_t bytes)
{
	struct copy c = { malloc(bytes), malloc(bytes), bytes };
	double rate = NAN;
	if (c.from && c.to) {
		memset(c.from, 1, bytes);
		rate = 2 * (double)bytes / measure(seconds, copy, &c).best;
	}
	free(c.from);
	free(c.to);
	return rate;
}

/* Slots of normal numbers. No kernel writes what it multiplies again, so that none ends in subnormal numbers, which are slow. */
static bool fill(size_t count)
{
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_TEST, 0, 0);
	for (size_t i = 0; i < SLOTS; i++) {
		if (!(slot[i] = malloc(count * sizeof **slot)))
			return false;
		mfc_rng_normals(&rng, i * count, count, slot[i]);
	}
	return true;
}

static double pass_time(const struct kernel *k)
{
	return k->calls * k->time.best;
}

static int falling(const void *a, const void *b)
{
	double x = pass_time(a), y = pass_time(b);
	return (x < y) - (x > y);
}

static void print(double top, double memory, double cache, size_t particles)
{
	double sum = 0;
	for (size_t i = 0; i < kernels; i++)
		sum += pass_time(&kernel[i]);
	printf("sgemm %.1f GFLOP/s, copy %.1f GB/s, within the cache %.1f GB/s; kernels %s\n", top / 1e9, memory / 1e9, cache / 1e9, mfc_linalg_kernels());
	printf("%-18s%-10s%-16s%6s%11s%7s%9s%7s%7s%9s%9s\n", "kernel", "", "sizes", "calls", "us a call", "share", "GFLOP/s", "peak", "GB/s", "memory",
	    "cache");
	for (const struct kernel *k = kernel; k < kernel + kernels; k++) {
		char sizes[48];
		snprintf(sizes, sizeof sizes, k->c ? "%zu %zu %zu" : k->b ? "%zu %zu" : "%zu", k->a, k->b, k->c);
		printf("%-18s%-10s%-16s%6.0f%11.2f%6.1f%%", k->name, k->form, sizes, k->calls, 1e6 * k->time.best, 100 * pass_time(k) / sum);
		double rate = (k->flop + k->bytes) / k->time.best;
		if (k->flop > 0)
			printf("%9.1f%6.0f%%\n", rate / 1e9, 100 * rate / top);
		else
			printf("%23.1f%8.0f%%%8.0f%%\n", rate / 1e9, 100 * rate / memory, 100 * rate / cache);
	}
	printf("sum: %.2f ms a pass, %.2f us a particle\n", 1e3 * sum, 1e6 * sum / (double)particles);
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

int main(int argc, char **argv)
{
	const char *from;
	mfc_linalg_heal(argv, &from);
	mfc_linalg_single_thread();
	double seconds = argc > 1 ? atof(argv[1]) : 0.1, top = 0;
	size_t clouds = argc > 2 ? strtoul(argv[2], NULL, 10) : 16, points = argc > 3 ? strtoul(argv[3], NULL, 10) : 128;
	struct mfc_score_config c = MFC_SCORE_DEFAULTS;
	struct mfc_error err;
	if (clouds < 1 || points < 1 || mfc_score_create(&net, &c, &err))
		return 1;
	size_t widest = 4 * larger(c.width, c.latent_width), tallest = clouds * larger(points, c.latents);
	if (!fill(larger(tallest * widest, net.parameters)))
		return 1;
	list(clouds, points);
	long second = sysconf(_SC_LEVEL2_CACHE_SIZE);
	double memory = copy_rate(seconds, LARGE), cache = copy_rate(seconds, (second > 0 ? (size_t)second : 512u << 10) / 4);
	for (size_t i = 0; i < kernels; i++) {
		if (i % 16 == 0)
			peak(seconds, &top);
		kernel[i].time = measure(seconds, kernel[i].call, &kernel[i]);
	}
	qsort(kernel, kernels, sizeof *kernel, falling);
	print(top, memory, cache, clouds * points);
	for (size_t i = 0; i < SLOTS; i++)
		free(slot[i]);
	mfc_score_clear(&net);
	return 0;
}
