/* ARRAY: shape against data, every dtype, unaligned bodies. */
#include "check.h"
#include "array.h"

#include <string.h>

static struct mfc_value make(const char *dtype, size_t dims, const double *shape, const void *data, size_t bytes)
{
	struct mfc_error err;
	struct mfc_value v = mfc_value_map(), list = mfc_value_list();
	for (size_t i = 0; i < dims; i++)
		mfc_value_push(&list, shape[i] == (double)(uint64_t)shape[i] && shape[i] >= 0 ? mfc_value_uint((uint64_t)shape[i]) : mfc_value_real(shape[i]), &err);
	mfc_value_put(&v, "shape", list, &err);
	mfc_value_put(&v, "dtype", mfc_value_str(dtype), &err);
	mfc_value_put(&v, "data", mfc_value_bin(data, bytes), &err);
	return v;
}

static void refuse(const char *dtype, size_t dims, const double *shape, size_t bytes, const char *why)
{
	static char zeros[4096];
	struct mfc_error err = { 0 };
	struct mfc_array a;
	struct mfc_value v = make(dtype, dims, shape, zeros, bytes);
	check(mfc_array_check(&v, &a, &err) == -1 && strstr(err.message, why) && !mfc_array_view(&v, &a), "refused: %s", err.message);
	mfc_value_clear(&v);
}

/* The bytes of three numbers as dtype says are read as 1, 2, 100 (or what the type makes of them). */
static void reads(const char *dtype, const void *bytes, size_t size, double a, double b, double c)
{
	struct mfc_error err = { 0 };
	struct mfc_array array;
	double d[3] = { 0 }, shape[1] = { 3 };
	float f[3] = { 0 };
	struct mfc_value v = make(dtype, 1, shape, bytes, size);
	int ok = mfc_array_check(&v, &array, &err) == 0 && mfc_array_doubles(&array, 0, 3, d, &err) == 0 && mfc_array_floats(&array, 0, 3, f, &err) == 0;
	check(ok && d[0] == a && d[1] == b && d[2] == c, "%s: %g %g %g %s", dtype, d[0], d[1], d[2], err.message);
	check(ok && f[0] == (float)a && f[1] == (float)b && f[2] == (float)c, "%s as floats", dtype);
	check(ok && mfc_array_floats(&array, 1, 2, f, &err) == 0 && f[0] == (float)b && f[1] == (float)c, "%s from the second on", dtype);
	mfc_value_clear(&v);
}

int main(void)
{
	struct mfc_error err;
	const float f4[] = { 1, -2, 100.5f };
	const double f8[] = { 1, -2, 0.1 };
	const int16_t i2[] = { 1, -2, -32768 };
	const int64_t i8[] = { 1, -2, -(1ll << 40) };
	const uint32_t u4[] = { 1, 2, UINT32_MAX };
	reads("<f4", f4, sizeof f4, 1, -2, 100.5);
	reads("<f8", f8, sizeof f8, 1, -2, 0.1);
	reads("<i2", i2, sizeof i2, 1, -2, -32768);
	reads("<i8", i8, sizeof i8, 1, -2, -(double)(1ll << 40));
	reads("<u4", u4, sizeof u4, 1, 2, UINT32_MAX);
	reads("|u1", "\1\2\377", 3, 1, 2, 255);
	reads("|i1", "\1\376\200", 3, 1, -2, -128);
	reads("|b1", "\1\0\1", 3, 1, 0, 1);
	reads(">f4", "\x3f\x80\0\0\xc0\0\0\0\x42\xc9\0\0", 12, 1, -2, 100.5);
	reads(">i4", "\0\0\0\1\377\377\377\376\0\1\0\0", 12, 1, -2, 65536);
	reads(">u2", "\0\1\0\2\1\0", 6, 1, 2, 256);

	refuse("<f4", 2, (double[]){ 3, 3 }, 35, "36 bytes");
	refuse("<f4", 2, (double[]){ 3, 3 }, 37, "36 bytes");
	refuse("<f4", 0, NULL, 4, "0 dimensions");
	refuse("<f4", 9, (double[]){ 1, 1, 1, 1, 1, 1, 1, 1, 1 }, 4, "9 dimensions");
	refuse("<f4", 2, (double[]){ 4294967296.0, 4294967296.0 }, 0, "overflow");
	refuse("<f8", 2, (double[]){ 4611686018427387904.0, 1 }, 0, "overflow");
	refuse("<f4", 1, (double[]){ -1 }, 0, "natural");
	refuse("<f4", 1, (double[]){ 0.5 }, 2, "natural");
	const char *bad[] = { "f4", "<f3", "<f16", "|O8", "<f1", "|f4", "=f4", "<b4", "<c8", "", "<U1", "<f4\n" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refuse(bad[i], 1, (double[]){ 1 }, 4, "dtype");

	/* what is no ARRAY at all */
	struct mfc_value v = mfc_value_uint(3);
	struct mfc_array a;
	check(!mfc_array_view(&v, &a) && !mfc_array_view(NULL, &a), "a number is no array");
	v = mfc_value_map();
	check(!mfc_array_view(&v, &a), "nor an empty map");

	/* making one, and reading it with an odd offset */
	size_t shape[2] = { 2, 3 };
	const float x[6] = { 1, 2, 3, 4, 5, 6 };
	check(mfc_array_make(&v, "<f4", 2, shape, x, &err) == 0 && mfc_array_view(&v, &a) && a.count == 6 && a.shape[0] == 2 && a.shape[1] == 3, "made");
	check(v.size == 3 && strcmp(v.items[0].bytes, "shape") == 0 && strcmp(v.items[2].bytes, "dtype") == 0 && strcmp(v.items[4].bytes, "data") == 0,
	    "its keys are shape, dtype, data");
	char odd[sizeof x + 1];
	memcpy(odd + 1, x, sizeof x);
	a.data = odd + 1;
	float out[6];
	check(mfc_array_floats(&a, 0, 6, out, &err) == 0 && memcmp(out, x, sizeof x) == 0, "a body at an odd address is read");
	mfc_value_clear(&v);
	shape[0] = 0;
	check(mfc_array_make(&v, "<f4", 2, shape, x, &err) == 0 && mfc_array_view(&v, &a) && a.count == 0, "an array of nothing is one");
	mfc_value_clear(&v);
	double none[1] = { 1 };
	v = make("<f2", 1, none, "ab", 2);
	check(mfc_array_view(&v, &a) && mfc_array_floats(&a, 0, 1, out, &err) == -1, "half floats are arrays that cannot be read: %s", err.message);
	mfc_value_clear(&v);
	return done();
}
