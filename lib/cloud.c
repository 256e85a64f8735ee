#include "cloud.h"
#include "rng.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void mfc_cloud_init(struct mfc_cloud *cloud)
{
	*cloud = (struct mfc_cloud){ .t = NAN, .s = NAN, .level = -1, .scale = NAN, .extra = mfc_value_map() };
}

void mfc_cloud_clear(struct mfc_cloud *cloud)
{
	free(cloud->id);
	free(cloud->label);
	free(cloud->x);
	free(cloud->eps);
	free(cloud->center);
	mfc_value_clear(&cloud->extra);
	mfc_cloud_init(cloud);
}

/* *failed is set where memory is short; a copy of nothing is NULL. */
static void *duplicate(const void *from, size_t bytes, bool *failed)
{
	void *copy = from ? malloc(bytes + 1) : NULL;
	if (copy)
		memcpy(copy, from, bytes);
	else if (from)
		*failed = true;
	return copy;
}

static int set_string(char **to, const char *s, struct mfc_error *err)
{
	bool failed = false;
	char *copy = duplicate(s, s ? strlen(s) + 1 : 0, &failed);
	if (failed)
		return mfc_error_memory(err);
	free(*to);
	*to = copy;
	return 0;
}

int mfc_cloud_set_id(struct mfc_cloud *cloud, const char *id, struct mfc_error *err)
{
	return set_string(&cloud->id, id, err);
}

int mfc_cloud_set_label(struct mfc_cloud *cloud, const char *label, struct mfc_error *err)
{
	return set_string(&cloud->label, label, err);
}

int mfc_cloud_copy(struct mfc_cloud *to, const struct mfc_cloud *from, struct mfc_error *err)
{
	bool failed = false;
	size_t bytes = from->n * from->dim * sizeof(float);
	*to = *from;
	to->id = duplicate(from->id, from->id ? strlen(from->id) + 1 : 0, &failed);
	to->label = duplicate(from->label, from->label ? strlen(from->label) + 1 : 0, &failed);
	to->x = duplicate(from->x, bytes, &failed);
	to->eps = duplicate(from->eps, bytes, &failed);
	to->center = duplicate(from->center, from->dim * sizeof *from->center, &failed);
	if (mfc_value_copy(&to->extra, &from->extra, err) || failed) {
		mfc_cloud_clear(to);
		return mfc_error_memory(err);
	}
	return 0;
}

int mfc_cloud_resize(struct mfc_cloud *cloud, size_t n, size_t dim, struct mfc_error *err)
{
	size_t numbers;
	if (__builtin_mul_overflow(n, dim, &numbers))
		return mfc_error_set(err, "%zu particles of %zu coordinates are too many", n, dim);
	float *x = calloc(numbers ? numbers : 1, sizeof *x);
	if (!x)
		return mfc_error_memory(err);
	free(cloud->x);
	free(cloud->eps);
	cloud->x = x;
	cloud->eps = NULL;
	cloud->n = n;
	cloud->dim = dim;
	return 0;
}

/* Rows index[0 … count) of an array of rows of `row` bytes. */
static void *gather(const void *from, size_t row, const size_t *index, size_t count)
{
	char *to = malloc(count * row + 1);
	for (size_t i = 0; to && i < count; i++)
		memcpy(to + i * row, (const char *)from + index[i] * row, row);
	return to;
}

/* Whether a value is an array of so many rows, which are the particles'. */
static bool follows(const struct mfc_value *v, size_t n, struct mfc_array *a)
{
	return n > 0 && mfc_array_view(v, a) && a->shape[0] == n;
}

/* Per-particle arrays among the extra keys, rebuilt. */
static int select_extra(struct mfc_value *extra, size_t n, const size_t *index, size_t count, struct mfc_error *err)
{
	for (size_t i = 0; i < extra->size; i++) {
		struct mfc_value *v = &extra->items[2 * i + 1], made;
		struct mfc_array a;
		if (!follows(v, n, &a))
			continue;
		size_t row = a.count / n * a.item;
		char *data = gather(a.data, row, index, count);
		if (!data)
			return mfc_error_memory(err);
		a.shape[0] = count;
		int status = mfc_array_make(&made, a.dtype, a.dims, a.shape, data, err);
		free(data);
		if (status)
			return -1;
		mfc_value_clear(v);
		*v = made;
	}
	return 0;
}

int mfc_cloud_select(struct mfc_cloud *cloud, const size_t *index, size_t count, struct mfc_error *err)
{
	struct mfc_value extra;
	size_t row = cloud->dim * sizeof(float);
	if (mfc_value_copy(&extra, &cloud->extra, err))
		return -1;
	float *x = gather(cloud->x, row, index, count), *eps = cloud->eps ? gather(cloud->eps, row, index, count) : NULL;
	if (!x || (cloud->eps && !eps) || select_extra(&extra, cloud->n, index, count, err)) {
		free(x);
		free(eps);
		mfc_value_clear(&extra);
		return mfc_error_memory(err);
	}
	free(cloud->x);
	free(cloud->eps);
	mfc_value_clear(&cloud->extra);
	cloud->x = x;
	cloud->eps = eps;
	cloud->extra = extra;
	cloud->n = count;
	return 0;
}

size_t mfc_cloud_bytes(const struct mfc_cloud *cloud)
{
	return cloud->n * cloud->dim * sizeof *cloud->x * (cloud->eps ? 2 : 1) + mfc_value_bytes(&cloud->extra);
}

size_t mfc_cloud_row(const struct mfc_cloud *cloud)
{
	size_t bytes = cloud->dim * sizeof *cloud->x * (cloud->eps ? 2 : 1);
	for (size_t i = 0; i < cloud->extra.size; i++) {
		struct mfc_array a;
		if (follows(&cloud->extra.items[2 * i + 1], cloud->n, &a))
			bytes += a.count / cloud->n * a.item;
	}
	return bytes;
}

uint64_t mfc_cloud_key(const char *id, uint64_t k)
{
	return mfc_rng_mix(mfc_rng_hash(id, strlen(id)), k);
}

static int check_finite(const char *name, const float *x, size_t n, size_t dim, struct mfc_error *err)
{
	for (size_t i = 0; i < n * dim; i++)
		if (!isfinite(x[i]))
			return mfc_error_set(err, "%s: particle %zu is not finite", name, i / dim);
	return 0;
}

static int check_center(const struct mfc_cloud *cloud, struct mfc_error *err)
{
	for (size_t j = 0; j < cloud->dim; j++)
		if (!isfinite(cloud->center[j]))
			return mfc_error_set(err, "center: not finite");
	return 0;
}

/* Those of a cloud that are one number: NAN where there is none. */
static const struct { const char *key; double low, high; size_t at; } real[] = {
	{ "t", 0, 1, offsetof(struct mfc_cloud, t) }, { "s", 0, 1e30, offsetof(struct mfc_cloud, s) },
	{ "scale", 1e-30, 1e30, offsetof(struct mfc_cloud, scale) }
};
#define REALS (sizeof real / sizeof *real)

static int check_real(size_t k, double value, struct mfc_error *err)
{
	return value >= real[k].low && value <= real[k].high ? 0
	    : mfc_error_set(err, "%s: not a number from %g to %g", real[k].key, real[k].low, real[k].high);
}

int mfc_cloud_check(const struct mfc_cloud *cloud, struct mfc_error *err)
{
	for (size_t k = 0; k < REALS; k++) {
		double value = *(const double *)((const char *)cloud + real[k].at);
		if (!isnan(value) && check_real(k, value, err))
			return -1;
	}
	return check_finite("x", cloud->x, cloud->n, cloud->dim, err) || (cloud->eps && check_finite("eps", cloud->eps, cloud->n, cloud->dim, err)) ||
	    (cloud->center && check_center(cloud, err)) ? -1 : 0;
}

/* An (N, d) array of finite numbers. */
static int take_matrix(const struct mfc_value *v, const char *name, size_t *n, size_t *dim, float **out, struct mfc_error *err)
{
	struct mfc_array a;
	if (mfc_array_check(v, &a, err))
		return mfc_error_prefix(err, "%s", name);
	if (a.dims != 2 || a.shape[0] < 1 || a.shape[1] < 1)
		return mfc_error_set(err, "%s: the shape must be (N, d) with at least one particle and one coordinate", name);
	if (a.count > SIZE_MAX / sizeof **out || !(*out = malloc(a.count * sizeof **out)))
		return mfc_error_memory(err);
	if (mfc_array_floats(&a, 0, a.count, *out, err))
		return mfc_error_prefix(err, "%s", name);
	*n = a.shape[0];
	*dim = a.shape[1];
	return check_finite(name, *out, *n, *dim, err);
}

static int take_center(struct mfc_cloud *cloud, const struct mfc_value *v, struct mfc_error *err)
{
	struct mfc_array a;
	bool list = v->type == MFC_LIST;
	if (!list && mfc_array_check(v, &a, err))
		return mfc_error_prefix(err, "center");
	if ((list ? v->size : a.count) != cloud->dim)
		return mfc_error_set(err, "center: not of %zu coordinates", cloud->dim);
	cloud->center = malloc(cloud->dim * sizeof *cloud->center);
	if (!cloud->center)
		return mfc_error_memory(err);
	if (!list && mfc_array_doubles(&a, 0, a.count, cloud->center, err))
		return -1;
	for (size_t i = 0; list && i < v->size; i++)
		if (!mfc_value_as_real(&v->items[i], &cloud->center[i]))
			return mfc_error_set(err, "center: not a list of numbers");
	return check_center(cloud, err);
}

static int take_real(const struct mfc_value *record, size_t k, struct mfc_cloud *cloud, struct mfc_error *err)
{
	double *out = (double *)((char *)cloud + real[k].at);
	const struct mfc_value *v = mfc_value_get(record, real[k].key);
	return v ? check_real(k, mfc_value_as_real(v, out) ? *out : NAN, err) : 0;
}

static bool is_known(const struct mfc_value *key)
{
	static const char *const known[] = { "id", "label", "x", "eps", "t", "s", "level", "center", "scale" };
	const char *s = mfc_value_as_string(key);
	for (size_t i = 0; s && i < sizeof known / sizeof *known; i++)
		if (strcmp(s, known[i]) == 0)
			return true;
	return false;
}

/* Move the keys that have no meaning here into extra, in their order. */
static int take_extra(struct mfc_cloud *cloud, struct mfc_value *record, struct mfc_error *err)
{
	for (size_t i = 0; i < record->size; i++) {
		struct mfc_value *key = &record->items[2 * i], *item = key + 1;
		if (is_known(key))
			continue;
		const char *name = mfc_value_as_string(key);
		if (!name)
			return mfc_error_set(err, "a key that is no string");
		struct mfc_value moved = *item;
		*item = mfc_value_nil();
		if (mfc_value_put(&cloud->extra, name, moved, err))
			return -1;
	}
	return 0;
}

static int check_name(const char *name, const char *key, struct mfc_error *err)
{
	size_t length = strlen(name);
	return length > MFC_MAX_NAME ? mfc_error_set(err, "%s: of %zu bytes, more than %d", key, length, MFC_MAX_NAME) : 0;
}

int mfc_cloud_from_record(struct mfc_cloud *cloud, struct mfc_value *record, struct mfc_error *err)
{
	mfc_cloud_clear(cloud);
	const char *id = mfc_value_as_string(mfc_value_get(record, "id"));
	const struct mfc_value *x = mfc_value_get(record, "x"), *eps = mfc_value_get(record, "eps"), *label = mfc_value_get(record, "label"),
	    *level = mfc_value_get(record, "level"), *center = mfc_value_get(record, "center");
	size_t n, dim, number;
	if (!id)
		return mfc_error_set(err, "no id that is a string");
	if (!x)
		return mfc_error_set(err, "no x");
	if (check_name(id, "id", err) || mfc_cloud_set_id(cloud, id, err) || take_matrix(x, "x", &cloud->n, &cloud->dim, &cloud->x, err))
		return -1;
	if (eps) {
		if (take_matrix(eps, "eps", &n, &dim, &cloud->eps, err))
			return -1;
		if (n != cloud->n || dim != cloud->dim)
			return mfc_error_set(err, "eps: another shape than x");
	}
	if (label && !mfc_value_as_string(label))
		return mfc_error_set(err, "label: not a string");
	if (label && (check_name(mfc_value_as_string(label), "label", err) || mfc_cloud_set_label(cloud, mfc_value_as_string(label), err)))
		return -1;
	for (size_t k = 0; k < REALS; k++)
		if (take_real(record, k, cloud, err))
			return -1;
	if (level) {
		if (!mfc_value_as_size(level, &number) || number > 1000)
			return mfc_error_set(err, "level: not a number from 0 to 1000");
		cloud->level = (int)number;
	}
	if (center && take_center(cloud, center, err))
		return -1;
	return take_extra(cloud, record, err);
}

static int put_real(struct mfc_value *record, const char *key, double value, struct mfc_error *err)
{
	return isnan(value) ? 0 : mfc_value_put(record, key, mfc_value_real(value), err);
}

static int put_matrix(struct mfc_value *record, const char *key, const float *x, size_t n, size_t dim, struct mfc_error *err)
{
	struct mfc_value a;
	size_t shape[2] = { n, dim };
	return mfc_array_make(&a, "<f4", 2, shape, x, err) || mfc_value_put(record, key, a, err) ? -1 : 0;
}

#define LONG 1000   /* coordinates: a list of so many is an array */

static int put_center(struct mfc_value *record, const struct mfc_cloud *cloud, struct mfc_error *err)
{
	struct mfc_value v = mfc_value_list();
	if (cloud->dim > LONG)
		return mfc_array_make(&v, "<f8", 1, &cloud->dim, cloud->center, err) || mfc_value_put(record, "center", v, err) ? -1 : 0;
	for (size_t i = 0; i < cloud->dim; i++)
		if (mfc_value_push(&v, mfc_value_real(cloud->center[i]), err))
			return mfc_value_clear(&v), -1;
	return mfc_value_put(record, "center", v, err);
}

int mfc_cloud_to_record(const struct mfc_cloud *cloud, struct mfc_value *record, struct mfc_error *err)
{
	*record = mfc_value_map();
	if (mfc_cloud_check(cloud, err) || mfc_value_put(record, "id", mfc_value_str(cloud->id), err) ||
	    (cloud->label && mfc_value_put(record, "label", mfc_value_str(cloud->label), err)) ||
	    put_matrix(record, "x", cloud->x, cloud->n, cloud->dim, err) ||
	    (cloud->eps && put_matrix(record, "eps", cloud->eps, cloud->n, cloud->dim, err)) || put_real(record, "t", cloud->t, err) ||
	    put_real(record, "s", cloud->s, err) ||
	    (cloud->level >= 0 && mfc_value_put(record, "level", mfc_value_uint((uint64_t)cloud->level), err)))
		return -1;
	if ((cloud->center && put_center(record, cloud, err)) || put_real(record, "scale", cloud->scale, err))
		return -1;
	for (size_t i = 0; i < cloud->extra.size; i++) {
		struct mfc_value copy;
		if (mfc_value_copy(&copy, &cloud->extra.items[2 * i + 1], err) ||
		    mfc_value_put(record, cloud->extra.items[2 * i].bytes, copy, err))
			return -1;
	}
	return 0;
}
