/* The network against another implementation of it: golden values made by fixtures/make-network with PyTorch in float64, for the default
 * network of 1.1 million parameters. reference-double.c holds the same code, compiled in double, much closer. */
#ifndef TOLERANCE
#define TOLERANCE 1e-4        /* relative, of what the program computes in float */
#define GRADIENT_TOLERANCE 1e-4
#include "net/denoiser.h"
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

static void check_layout(const struct mfc_value *header)
{
	const struct mfc_value *names = mfc_value_get(header, "tensors");
	size_t parameters = 0, same = 0;
	mfc_value_as_size(mfc_value_get(header, "parameters"), &parameters);
	check(net.parameters == parameters, "the network has %zu parameters", parameters);
	for (size_t i = 0; names && i < net.tensors && i < names->size; i++)
		same += strcmp(net.tensor[i].name, mfc_value_as_string(&names->items[i])) == 0;
	check(names && names->size == net.tensors && same == net.tensors, "its %zu tensors have the reference's names, in its order", net.tensors);
}

static void check_denoiser(const struct mfc_value *record, const char *id, double s)
{
	struct mfc_error err;
	struct mfc_workplace *work;
	size_t count;
	float *y = floats(record, "y", &count), *D = malloc(count * sizeof *D);
	double *golden = numbers(record, "D", &count), error = 0, norm = 0, worst = 0;
	int bad = mfc_workplace_create(&work, &net, false, &err) || mfc_denoiser_apply(work, &weights, &denoiser, count / 3, y, s, 0, NULL, D, &err);
	for (size_t i = 0; i < count; i++) {
		double e = fabs(D[i] - golden[i]);
		error += e * e;
		norm += golden[i] * golden[i];
		worst = fmax(worst, e);
	}
	norm = sqrt(norm);
	check(!bad && sqrt(error) <= TOLERANCE * norm && worst <= TOLERANCE * norm / sqrt((double)count) * 4,
	    PRECISION ", %s: denoised cloud, relative error %.1e, worst coordinate %.1e", id, sqrt(error) / norm, worst);
	mfc_workplace_free(work);
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
	struct mfc_example example = { .n = count / 3, .x0 = x0, .eps = eps, .s = s, .weight = 1 };
	mfc_value_as_real(mfc_value_get(record, "loss"), &golden);
	int bad = mfc_workplace_create(&work, &net, true, &err) || mfc_denoiser_loss(work, &weights, &denoiser, &example, 1, grads, &err);
	check(!bad && fabs(example.loss - golden) <= TOLERANCE * golden, PRECISION ", %s: loss %.6f, relative error %.1e", id, example.loss,
	    fabs(example.loss / golden - 1));
	const char *where = "";
	for (size_t i = 0; i < net.tensors; i++) {
		const struct mfc_tensor *t = &net.tensor[i];
		double square = 0, product = 0;
		for (size_t j = t->offset; j < t->offset + t->count; j++) {
			square += (double)grads[j] * (double)grads[j];
			product += (double)grads[j] * hashed((UINT64_C(1) << 32) + j);
		}
		/* A random direction's share of a norm is about 1/√3 of it. */
		double error = fmax(fabs(sqrt(square) - norm[i]), fabs(product - dot[i])) / norm[i];
		if (!(error <= worst)) {
			worst = error;
			where = t->name;
		}
	}
	check(!bad && worst <= GRADIENT_TOLERANCE, PRECISION ", %s: gradients of all tensors, worst relative error %.1e (%s)", id, worst, where);
	mfc_workplace_free(work);
	free(grads);
	free(x0);
	free(eps);
	free(norm);
	free(dot);
}

int main(int argc, char **argv)
{
	struct mfc_error err;
	struct mfc_reader *reader;
	struct mfc_value record = mfc_value_nil();
	struct mfc_score_config config = MFC_SCORE_DEFAULTS;
	const char *path = argc > 1 ? argv[1] : "fixtures/golden/network.mfc";
	FILE *in = fopen(path, "rb");
	mfc_linalg_single_thread();
	if (!check(in != NULL, "%s can be opened", path) || mfc_score_create(&net, &config, &err))
		return done();
	params = malloc(net.parameters * sizeof *params);
	hashed_parameters(&net, params);
	if (mfc_weights_create(&weights, &net, params, &err))
		return 1;
	if (mfc_reader_open(&reader, in, path, MFC_MAX_RECORD, &err))
		return 1;
	int event, records = 0;
	while ((event = mfc_reader_next_value(reader, &record, &err)) > 0) {
		double s = NAN;
		const char *id = mfc_value_as_string(mfc_value_get(&record, "id"));
		if (event == MFC_HEADER) {
			check_layout(mfc_reader_header(reader));
			continue;
		}
		mfc_value_as_real(mfc_value_get(&record, "s"), &s);
		check_denoiser(&record, id, s);
		check_gradient(&record, id, s);
		records++;
	}
	check(event == 0 && records == 3, "%d golden records", records);
	mfc_value_clear(&record);
	mfc_reader_close(reader);
	fclose(in);
	mfc_weights_free(&weights);
	free(params);
	mfc_score_clear(&net);
	return done();
}
