/* The network against another implementation of it: golden values made by fixtures/make-network with PyTorch in float64, for the default
 * network of 1.1 million parameters and small ones of the other architectures. reference-double.c holds the same code, compiled in double, much
 * closer. */
#ifndef TOLERANCE
#define TOLERANCE 1e-4        /* relative, of what the program computes in float */
#define GRADIENT_TOLERANCE 1e-4
#include "net/field.h"
#define PRECISION "float"
#endif

#include "check.h"
#include "hashed.h"
#include "linalg.h"
#include "stream/stream.h"

#include <stdlib.h>
#include <string.h>

static struct mfc_score net;
static const struct mfc_denoiser denoiser = { .sd = 1 };
static real *params;
static struct mfc_weights weights;
static char what[64];   /* is being compared */

/* The named array of a record as doubles, which the caller frees. */
static double *numbers(const struct mfc_value *record, const char *key, size_t *count)
{
	struct mfc_array a;
	if (mfc_array_check(mfc_value_get(record, key), &a, NULL))
		return NULL;
	double *out = malloc(a.count * sizeof *out);
	*count = a.count;
	return out && mfc_array_doubles(&a, 0, a.count, out, NULL) == 0 ? out : NULL;
}

static float *floats(const struct mfc_value *record, const char *key, size_t *count)
{
	double *d = numbers(record, key, count);
	float *f = malloc(*count * sizeof *f);
	for (size_t i = 0; i < *count; i++)
		f[i] = (float)d[i];
	free(d);
	return f;
}

/* The network of a segment, which its header describes unless it is the default one. */
static struct mfc_score_config described(const struct mfc_value *header)
{
	struct mfc_score_config c = MFC_SCORE_DEFAULTS;
	c.frequencies = MFC_SCORE_PLAIN;
	const struct mfc_value *map = mfc_value_get(header, "model"), *local = mfc_value_get(map, "local");
	const struct { const char *key; size_t *to; } size[] = {
		{ "width", &c.width }, { "latents", &c.latents }, { "latent_width", &c.latent_width }, { "embed", &c.embed }, { "heads", &c.heads },
		{ "blocks", &c.blocks }, { "labels", &c.labels }, { "frequencies", &c.frequencies }
	};
	bool ok = mfc_value_as_size(mfc_value_get(header, "dim"), &c.dim);
	if (map) {
		ok = ok && mfc_arch_named(&c.arch, mfc_value_as_string(mfc_value_get(map, "network")));
		for (size_t i = 0; i < sizeof size / sizeof *size; i++)
			ok = ok && mfc_value_as_size(mfc_value_get(map, size[i].key), size[i].to);
		ok = ok && mfc_value_as_real(mfc_value_get(map, "radius"), &c.radius) && mfc_value_as_real(mfc_value_get(map, "below"), &c.below) &&
		    mfc_value_as_real(mfc_value_get(map, "crowd"), &c.crowd);
	}
	for (; ok && local && c.windows < local->size; c.windows++)
		ok = mfc_value_as_real(&local->items[c.windows], &c.window[c.windows]);
	snprintf(what, sizeof what, PRECISION ", %s%s", mfc_arch_name[c.arch], c.windows ? ", local" : "");
	check(ok, "%s: the header describes it", what);
	return c;
}

static bool begin(const struct mfc_value *header)
{
	struct mfc_error err;
	struct mfc_score_config config = described(header);
	if (!check(mfc_score_create(&net, &config, &err) == 0, "%s: the network", what))
		return false;
	params = malloc(net.parameters * sizeof *params);
	hashed_parameters(&net, params);
	return check(mfc_weights_create(&weights, &net, params, &err) == 0, "%s: its weights", what);
}

static void end(void)
{
	mfc_weights_free(&weights);
	free(params);
	params = NULL;
	mfc_score_clear(&net);
}

static void check_layout(const struct mfc_value *header)
{
	const struct mfc_value *names = mfc_value_get(header, "tensors");
	size_t parameters = 0, same = 0;
	mfc_value_as_size(mfc_value_get(header, "parameters"), &parameters);
	check(net.parameters == parameters, "%s: the network has %zu parameters", what, parameters);
	for (size_t i = 0; names && i < net.tensors && i < names->size; i++)
		same += strcmp(net.tensor[i].name, mfc_value_as_string(&names->items[i])) == 0;
	check(names && names->size == net.tensors && same == net.tensors, "%s: its %zu tensors have the reference's names, in its order", what,
	    net.tensors);
}

/* The row of the table of labels that a record is of; 0 without labels. */
static size_t row_of(const struct mfc_value *record)
{
	size_t row = 0;
	return mfc_value_as_size(mfc_value_get(record, "row"), &row) ? row : 0;
}

static void check_denoiser(const struct mfc_value *record, const char *id, double s)
{
	struct mfc_error err;
	struct mfc_field *field;
	struct mfc_condition label = { row_of(record), 1 };
	size_t count;
	float *y = floats(record, "y", &count), *D = malloc(count * sizeof *D);
	double *golden = numbers(record, "D", &count), error = 0, norm = 0, worst = 0;
	int bad = mfc_field_create(&field, &net, &weights, &denoiser, 1, &err) ||
	    mfc_field_denoise(field, count / net.config.dim, y, s, (struct mfc_context){ 0 }, net.config.labels ? &label : NULL, D, &err);
	for (size_t i = 0; i < count; i++) {
		double e = fabs(D[i] - golden[i]);
		error += e * e;
		norm += golden[i] * golden[i];
		worst = fmax(worst, e);
	}
	norm = sqrt(norm);
	check(!bad && sqrt(error) <= TOLERANCE * norm && worst <= TOLERANCE * norm / sqrt((double)count) * 4,
	    "%s, %s: denoised cloud, relative error %.1e, worst coordinate %.1e", what, id, sqrt(error) / norm, worst);
	mfc_field_free(field);
	free(y);
	free(D);
	free(golden);
}

static void check_gradient(const struct mfc_value *record, const char *id, double s)
{
	struct mfc_error err;
	struct mfc_workplace *work;
	size_t count, tensors;
	float *x0 = floats(record, "x0", &count), *eps = floats(record, "eps", &count);
	double *norm = numbers(record, "norm", &tensors), *dot = numbers(record, "dot", &tensors), golden = NAN, worst = 0;
	real *grads = calloc(net.parameters, sizeof *grads);
	struct mfc_example example = { .n = count / net.config.dim, .x0 = x0, .eps = eps, .s = s, .weight = 1, .label = row_of(record) };
	mfc_value_as_real(mfc_value_get(record, "loss"), &golden);
	int bad = mfc_workplace_create(&work, &net, true, &err) || mfc_denoiser_loss(work, &weights, &denoiser, &example, 1, grads, &err);
	check(!bad && fabs(example.loss - golden) <= TOLERANCE * golden, "%s, %s: loss %.6f, relative error %.1e", what, id, example.loss,
	    fabs(example.loss / golden - 1));
	const char *where = "";
	for (size_t i = 0; i < net.tensors; i++) {
		const struct mfc_tensor *t = &net.tensor[i];
		double square = 0, product = 0;
		for (size_t j = t->offset; j < t->offset + t->count; j++) {
			square += (double)grads[j] * (double)grads[j];
			product += (double)grads[j] * hashed((UINT64_C(1) << 32) + j);
		}
		/* A random direction's share of a norm is about 1/√3 of it. Where nobody has neighbours the local term has no gradient. */
		double apart = fmax(fabs(sqrt(square) - norm[i]), fabs(product - dot[i])), error = norm[i] > 0 ? apart / norm[i] : apart;
		if (!(error <= worst)) {
			worst = error;
			where = t->name;
		}
	}
	check(!bad && worst <= GRADIENT_TOLERANCE, "%s, %s: gradients of all tensors, worst relative error %.1e (%s)", what, id, worst,
	    where);
	mfc_workplace_free(work);
	free(grads);
	free(x0);
	free(eps);
	free(norm);
	free(dot);
}

static void check_file(const char *path, int expected)
{
	struct mfc_error err;
	struct mfc_reader *reader;
	struct mfc_value record = mfc_value_nil();
	FILE *in = fopen(path, "rb");
	if (!check(in && mfc_reader_open(&reader, in, path, MFC_MAX_RECORD, &err) == 0, "%s can be opened", path))
		return;
	int event, records = 0;
	while ((event = mfc_reader_next_value(reader, &record, &err)) > 0) {
		double s = NAN;
		const char *id = mfc_value_as_string(mfc_value_get(&record, "id"));
		if (event == MFC_HEADER) {
			end();
			if (!begin(mfc_reader_header(reader)))
				break;
			check_layout(mfc_reader_header(reader));
			continue;
		}
		mfc_value_as_real(mfc_value_get(&record, "s"), &s);
		check_denoiser(&record, id, s);
		check_gradient(&record, id, s);
		records++;
	}
	check(event == 0 && records == expected, "%s: %d golden records", path, records);
	end();
	mfc_value_clear(&record);
	mfc_reader_close(reader);
	fclose(in);
}

int main(void)
{
	mfc_linalg_single_thread();
	check_file("fixtures/golden/network.mfc", 3);
	check_file("fixtures/golden/archs.mfc", 14);
	return done();
}
