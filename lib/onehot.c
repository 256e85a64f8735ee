#include "onehot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool has(const struct mfc_onehot *h, double value)
{
	for (size_t k = 0; k < h->count; k++)
		if (h->value[k] == value)
			return true;
	return false;
}

static int add(struct mfc_onehot *h, double value, struct mfc_error *err)
{
	if (h->count == MFC_ONEHOT_MAX)
		return mfc_error_set(err, "more than %d kinds", MFC_ONEHOT_MAX);
	if (!isfinite(value) || (double)(float)value != value || has(h, value))
		return mfc_error_set(err, "%g is no number that names a kind, or does twice", value);
	h->value[h->count++] = value;
	return 0;
}

static int check(const struct mfc_onehot *h, struct mfc_error *err)
{
	if (h->column < 1 || h->count < 1 || !(h->scale > 0) || !isfinite(h->scale))
		return mfc_error_set(err, "a column from 1 on, at least one kind and a scale above 0 are needed");
	return 0;
}

int mfc_onehot_parse(struct mfc_onehot *h, const char *text, struct mfc_error *err)
{
	char *end;
	*h = (struct mfc_onehot){ .scale = 1 };
	unsigned long column = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != ':' || column > UINT32_MAX)
		return mfc_error_set(err, "\"%s\" is not COLUMN:VALUE,...[:SCALE]", text);
	h->column = column;
	do {
		const char *p = end + 1;
		double value = strtod(p, &end);
		if (end == p)
			return mfc_error_set(err, "\"%s\" is not COLUMN:VALUE,...[:SCALE]", text);
		if (add(h, value, err))
			return -1;
	} while (*end == ',');
	if (*end == ':') {
		const char *p = end + 1;
		h->scale = strtod(p, &end);
		if (end == p)
			h->scale = NAN;
	}
	return *end ? mfc_error_set(err, "\"%s\" is not COLUMN:VALUE,...[:SCALE]", text) : check(h, err);
}

int mfc_onehot_from_value(struct mfc_onehot *h, const struct mfc_value *v, struct mfc_error *err)
{
	const struct mfc_value *values = mfc_value_get(v, "values");
	*h = (struct mfc_onehot){ .scale = NAN };
	if (!v)
		return 0;
	if (!mfc_value_as_size(mfc_value_get(v, "column"), &h->column) || !mfc_value_as_real(mfc_value_get(v, "scale"), &h->scale) || !values ||
	    values->type != MFC_LIST)
		return mfc_error_set(err, "the header's one_hot lacks one of column, values, scale");
	for (size_t k = 0; k < values->size; k++) {
		double value = NAN;
		mfc_value_as_real(&values->items[k], &value);
		if (add(h, value, err))
			return mfc_error_prefix(err, "the header's one_hot");
	}
	return check(h, err) ? mfc_error_prefix(err, "the header's one_hot") : 0;
}

int mfc_onehot_to_value(const struct mfc_onehot *h, struct mfc_value *v, struct mfc_error *err)
{
	struct mfc_value values = mfc_value_list();
	int status = 0;
	*v = mfc_value_map();
	for (size_t k = 0; status == 0 && k < h->count; k++)
		status = mfc_value_push(&values, mfc_value_real(h->value[k]), err);
	if (status || mfc_value_put(v, "column", mfc_value_uint(h->column), err)) {
		mfc_value_clear(&values);
		status = -1;
	}
	if (status || mfc_value_put(v, "values", values, err) || mfc_value_put(v, "scale", mfc_value_real(h->scale), err)) {
		mfc_value_clear(v);
		status = -1;
	}
	return status;
}

bool mfc_onehot_same(const struct mfc_onehot *a, const struct mfc_onehot *b)
{
	return a->column == b->column && a->count == b->count && a->scale == b->scale && memcmp(a->value, b->value, a->count * sizeof *a->value) == 0;
}

/* The numbers of all particles, (N); *drops: they are a column of x. The caller frees them; NULL on an error. */
static float *numbers(const struct mfc_onehot *h, const struct mfc_cloud *c, bool *drops, struct mfc_error *err)
{
	struct mfc_array a = { 0 };
	*drops = h->column <= c->dim;
	if (!*drops && (!mfc_array_view(mfc_value_get(&c->extra, "columns"), &a) || a.dims != 2 || a.shape[0] != c->n || h->column - c->dim > a.shape[1])) {
		mfc_error_set(err, "has no column %zu for the kinds", h->column);
		return NULL;
	}
	float *number = malloc(c->n * sizeof *number);
	if (!number)
		mfc_error_memory(err);
	for (size_t i = 0; number && i < c->n; i++) {
		if (*drops) {
			number[i] = c->x[i * c->dim + h->column - 1];
		} else if (mfc_array_floats(&a, i * a.shape[1] + h->column - c->dim - 1, 1, &number[i], err)) {
			free(number);
			return NULL;
		}
	}
	return number;
}

/* Another array of coordinates, of `dim`. */
static void replace(struct mfc_cloud *c, float *x, size_t dim)
{
	free(c->x);
	c->x = x;
	c->dim = dim;
}

int mfc_onehot_encode(const struct mfc_onehot *h, struct mfc_cloud *c, struct mfc_error *err)
{
	bool drops;
	float *number = numbers(h, c, &drops, err);
	size_t rest = c->dim - (number && drops), dim = rest + h->count;
	float *x = number ? calloc(c->n, dim * sizeof *x) : NULL;
	if (!x) {
		free(number);
		return number ? mfc_error_memory(err) : -1;
	}
	for (size_t i = 0; i < c->n; i++) {
		float *to = x + i * dim;
		const float *from = c->x + i * c->dim;
		size_t k = 0;
		for (size_t j = 0; j < c->dim; j++)
			if (!drops || j != h->column - 1)
				*to++ = from[j];
		while (k < h->count && h->value[k] != (double)number[i])
			k++;
		if (k == h->count) {
			mfc_error_set(err, "particle %zu: %g is none of the kinds of column %zu", i + 1, (double)number[i], h->column);
			free(number);
			free(x);
			return -1;
		}
		to[k] = (float)h->scale;
	}
	free(number);
	replace(c, x, dim);
	return 0;
}

int mfc_onehot_decode(const struct mfc_onehot *h, struct mfc_cloud *c, struct mfc_error *err)
{
	if (c->dim < h->count)
		return mfc_error_set(err, "%zu coordinates, where the header tells of %zu kinds", c->dim, h->count);
	size_t rest = c->dim - h->count, column = h->column - 1 < rest ? h->column - 1 : rest;
	float *x = malloc(c->n * (rest + 1) * sizeof *x);
	if (!x)
		return mfc_error_memory(err);
	for (size_t i = 0; i < c->n; i++) {
		float *to = x + i * (rest + 1);
		const float *from = c->x + i * c->dim;
		size_t most = 0;
		for (size_t k = 1; k < h->count; k++)
			if (from[rest + k] > from[rest + most])
				most = k;
		memcpy(to, from, column * sizeof *to);
		to[column] = (float)h->value[most];
		memcpy(to + column + 1, from + column, (rest - column) * sizeof *to);
	}
	replace(c, x, rest + 1);
	return 0;
}
