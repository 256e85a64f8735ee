#include "array.h"

#include <string.h>

/* The bytes of one number of a dtype such as "<f4", or 0. */
static size_t item_size(const char *dtype)
{
	if (strlen(dtype) != 3 || !strchr("<>|", dtype[0]) || !strchr("fiub", dtype[1]) || !strchr("1248", dtype[2]))
		return 0;
	size_t item = (size_t)(dtype[2] - '0');
	if ((dtype[1] == 'f' && item < 2) || (dtype[1] == 'b' && item != 1) || (dtype[0] == '|' && item != 1))
		return 0;
	return item;
}

int mfc_array_check(const struct mfc_value *v, struct mfc_array *out, struct mfc_error *err)
{
	const struct mfc_value *shape = mfc_value_get(v, "shape"), *data = mfc_value_get(v, "data");
	const char *dtype = mfc_value_as_string(mfc_value_get(v, "dtype"));
	if (!shape || shape->type != MFC_LIST || !dtype || !data || data->type != MFC_BIN)
		return mfc_error_set(err, "not an array (a map of shape, dtype and data)");
	*out = (struct mfc_array){ .dims = shape->size, .data = data->bytes, .count = 1 };
	if (shape->size < 1 || shape->size > MFC_ARRAY_DIMS)
		return mfc_error_set(err, "an array of %zu dimensions (1 to %d are allowed)", shape->size, MFC_ARRAY_DIMS);
	if ((out->item = item_size(dtype)) == 0)
		return mfc_error_set(err, "dtype \"%.20s\" is not one of numpy's plain types", dtype);
	memcpy(out->dtype, dtype, 4);
	size_t bytes = out->item;
	for (size_t i = 0; i < shape->size; i++) {
		if (!mfc_value_as_size(&shape->items[i], &out->shape[i]))
			return mfc_error_set(err, "a shape that is no list of natural numbers");
		if (__builtin_mul_overflow(out->count, out->shape[i], &out->count) || __builtin_mul_overflow(bytes, out->shape[i], &bytes))
			return mfc_error_set(err, "a shape whose product overflows");
	}
	if (bytes != data->size)
		return mfc_error_set(err, "shape and dtype need %zu bytes, data has %zu", bytes, data->size);
	return 0;
}

bool mfc_array_view(const struct mfc_value *v, struct mfc_array *out)
{
	return mfc_array_check(v, out, NULL) == 0;
}

/* One number as a double; p points at its bytes. */
static double number(const struct mfc_array *a, const char *p)
{
	unsigned char b[8];
	bool swap = a->dtype[0] == '>';
	for (size_t i = 0; i < a->item; i++)
		b[i] = (unsigned char)p[swap ? a->item - 1 - i : i];
	uint64_t bits = 0;
	for (size_t i = a->item; i-- > 0;)
		bits = bits << 8 | b[i];
	float f;
	double d;
	uint32_t low = (uint32_t)bits;
	switch (a->dtype[1]) {
	case 'f':
		if (a->item == 4)
			return memcpy(&f, &low, 4), f;
		return memcpy(&d, &bits, 8), d;
	case 'i':
		/* sign extension */
		return a->item == 8 ? (double)(int64_t)bits : (double)((int64_t)(bits << (64 - 8 * a->item)) >> (64 - 8 * a->item));
	default:
		return (double)bits;
	}
}

static int readable(const struct mfc_array *a, struct mfc_error *err)
{
	if (a->dtype[1] == 'f' && a->item == 2)
		return mfc_error_set(err, "dtype %s cannot be read here", a->dtype);
	return 0;
}

int mfc_array_floats(const struct mfc_array *a, size_t first, size_t count, float *out, struct mfc_error *err)
{
	if (readable(a, err))
		return -1;
	const char *p = a->data + first * a->item;
	if (count && memcmp(a->dtype, "<f4", 3) == 0 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
		memcpy(out, p, count * sizeof *out);
	else
		for (size_t i = 0; i < count; i++)
			out[i] = (float)number(a, p + i * a->item);
	return 0;
}

int mfc_array_doubles(const struct mfc_array *a, size_t first, size_t count, double *out, struct mfc_error *err)
{
	if (readable(a, err))
		return -1;
	const char *p = a->data + first * a->item;
	if (memcmp(a->dtype, "<f4", 3) == 0 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
		for (size_t i = 0; i < count; i++) {
			float f;
			memcpy(&f, p + 4 * i, 4);   /* may be unaligned */
			out[i] = f;
		}
	else
		for (size_t i = 0; i < count; i++)
			out[i] = number(a, p + i * a->item);
	return 0;
}

int mfc_array_make(struct mfc_value *out, const char *dtype, size_t dims, const size_t *shape, const void *data, struct mfc_error *err)
{
	struct mfc_value list = mfc_value_list();
	size_t bytes = item_size(dtype);
	*out = mfc_value_map();
	for (size_t i = 0; i < dims; i++) {
		bytes *= shape[i];
		if (mfc_value_push(&list, mfc_value_uint(shape[i]), err))
			return mfc_value_clear(&list), -1;
	}
	if (mfc_value_put(out, "shape", list, err) || mfc_value_put(out, "dtype", mfc_value_str(dtype), err) ||
	    mfc_value_put(out, "data", mfc_value_bin(data, bytes), err)) {
		mfc_value_clear(out);
		return -1;
	}
	return 0;
}
