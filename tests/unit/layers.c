/* Transposition, linear layers, and the transposed copy of the parameters. With whole numbers sums are exact. */
#include "check.h"
#include "kernels.h"
#include "linalg.h"
#include "net/layers.h"
#include "net/weights.h"

#include <stdlib.h>
#include <string.h>

/* Arrays of fenced(). */
enum { FROM, TO, W, WT, BIAS, DY, DX, DW, DB };

#define UNTOUCHED 1234

static void check_transpose(void)
{
	static const size_t sizes[] = { 0, 1, 2, 15, 16, 17, 31, 32, 33, 64, 100 };
	enum { SIZES = sizeof sizes / sizeof *sizes };
	size_t wrong = 0, cases = 0;
	for (size_t i = 0; i < SIZES; i++)
		for (size_t j = 0; j < SIZES; j++, cases++) {
			size_t m = sizes[i], n = sizes[j], from_stride = n + cases % 3, to_stride = m + cases % 4;
			fence_behind = cases % 2;
			size_t from_count = m ? (m - 1) * from_stride + n : 0, to_count = n ? (n - 1) * to_stride + m : 0;
			real *from = normals(FROM, from_count), *to = fenced(TO, to_count);
			for (size_t k = 0; k < to_count; k++)
				to[k] = UNTOUCHED;
			mfc_transpose(m, n, from, from_stride, to, to_stride);
			for (size_t k = 0; k < to_count; k++)
				wrong += to[k] != (k % to_stride < m ? from[k % to_stride * from_stride + k / to_stride] : UNTOUCHED);
		}
	check(wrong == 0, "%zu transpositions, and nothing outside them", cases);
}

static real *whole_numbers(int which, size_t count)
{
	real *x = normals(which, count);
	for (size_t i = 0; i < count; i++)
		x[i] = round(3 * x[i]);
	return x;
}

/* All of a layer's passes: x (rows, in), w (out, in). */
static bool layer(size_t rows, size_t in, size_t out, bool add)
{
	const real *x = whole_numbers(FROM, rows * in), *w = whole_numbers(W, out * in), *b = whole_numbers(BIAS, out), *dy = whole_numbers(DY, rows * out);
	real *wt = fenced(WT, in * out), *y = fenced(TO, rows * out), *dx = fenced(DX, rows * in), *dw = fenced(DW, out * in), *db = fenced(DB, out);
	bool right = true;
	mfc_transpose(out, in, w, in, wt, out);
	for (size_t i = 0; i < rows * out; i++)
		y[i] = add ? 5 : NAN;
	for (size_t i = 0; i < rows * in; i++)
		dx[i] = add ? 6 : NAN;
	for (size_t i = 0; i < out * in; i++)
		dw[i] = 7;
	for (size_t i = 0; i < out; i++)
		db[i] = 8;
	mfc_linear_forward(rows, in, out, x, wt, b, add, y);
	mfc_linear_backward(rows, in, out, w, dy, add, dx);
	mfc_linear_gradient(rows, in, out, x, dy, dw, db);
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < out; j++) {
			real want = b[j] + (add ? 5 : 0);
			for (size_t k = 0; k < in; k++)
				want += x[i * in + k] * w[j * in + k];
			right = right && y[i * out + j] == want;
		}
	for (size_t i = 0; i < rows; i++)
		for (size_t k = 0; k < in; k++) {
			real want = add ? 6 : 0;
			for (size_t j = 0; j < out; j++)
				want += dy[i * out + j] * w[j * in + k];
			right = right && dx[i * in + k] == want;
		}
	for (size_t j = 0; j < out; j++) {
		real bias = 8;
		for (size_t i = 0; i < rows; i++)
			bias += dy[i * out + j];
		right = right && db[j] == bias;
		for (size_t k = 0; k < in; k++) {
			real want = 7;
			for (size_t i = 0; i < rows; i++)
				want += dy[i * out + j] * x[i * in + k];
			right = right && dw[j * in + k] == want;
		}
	}
	return right;
}

static void check_linear(void)
{
	static const size_t rows[] = { 0, 1, 2, 16, 100, 257 }, width[] = { 1, 3, 16, 33, 64, 128 };
	size_t wrong = 0, cases = 0;
	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < 6; j++)
			for (size_t k = 0; k < 6; k++, cases++) {
				fence_behind = cases % 2;
				wrong += !layer(rows[i], width[j], width[k], cases % 3);
			}
	check(wrong == 0, "%zu linear layers, forward, backward and the gradient of the parameters", cases);
}

/* Every matrix transposed in its place, after creation and after an update in shares. */
static void check_weights(const char *name, const struct mfc_score_config *config)
{
	struct mfc_error err;
	struct mfc_score net;
	struct mfc_weights weights;
	if (!check(mfc_score_create(&net, config, &err) == 0, "%s", name))
		return;
	real *params = malloc(net.parameters * sizeof *params);
	for (size_t shares = 0; shares < 5; shares++) {
		size_t wrong = 0, compared = 0;
		for (size_t i = 0; i < net.parameters; i++)
			params[i] = (real)(i % 65521 + shares);
		if (shares == 0 && !check(mfc_weights_create(&weights, &net, params, &err) == 0, "%s: weights", name))
			break;
		for (size_t share = shares; share-- > 0;)
			mfc_weights_update(&weights, &net, share, shares);
		for (size_t t = 0; t < net.tensors; t++) {
			const struct mfc_tensor *of = &net.tensor[t];
			for (size_t i = 0; of->dims == 2 && of->fan_in && i < of->count; i++, compared++) {
				size_t row = i / of->shape[1], column = i % of->shape[1];
				wrong += weights.transposed[of->offset + column * of->shape[0] + row] != params[of->offset + i];
			}
		}
		check(wrong == 0 && compared > 0 && weights.params == params, "%s: %zu numbers transposed, %s%.0zu", name, compared,
		    shares ? "updated by shares of " : "as made", shares);
		if (shares == 4)
			mfc_weights_free(&weights);
	}
	free(params);
	mfc_score_clear(&net);
}

int main(void)
{
	struct mfc_score_config usual = MFC_SCORE_DEFAULTS, odd = { .dim = 2, .width = 6, .latents = 3, .latent_width = 9, .embed = 7, .heads = 3,
		.blocks = 2, .frequencies = 5, .labels = 5 };
	mfc_linalg_single_thread();
	check_transpose();
	check_linear();
	check_weights("the usual network", &usual);
	check_weights("an odd one", &odd);
	return done();
}
