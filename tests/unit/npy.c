/* NumPy files of many clouds, and the files that are made of one. */
#include "check.h"
#include "load/mesh.h"
#include "load/npy.h"

#include <stdlib.h>
#include <string.h>

/* A file of this dtype, order and shape; the copy ends with its bytes and a 0. */
static char *file_of(const char *descr, bool fortran, const char *shape, const void *numbers, size_t bytes, size_t *size)
{
	char head[160];
	int n = snprintf(head, sizeof head, "{'descr': %s, 'fortran_order': %s, 'shape': %s, }\n", descr, fortran ? "True" : "False", shape);
	char *file = malloc(10 + (size_t)n + bytes + 1);
	memcpy(file, "\x93NUMPY\1\0", 8);
	file[8] = (char)n;
	file[9] = 0;
	memcpy(file + 10, head, (size_t)n);
	memcpy(file + 10 + n, numbers, bytes);
	*size = 10 + (size_t)n + bytes;
	file[*size] = 0;
	return file;
}

static void one(const char *what, const char *descr, const char *shape, const void *numbers, size_t bytes, const double *want, size_t count)
{
	size_t size;
	char *file = file_of(descr, false, shape, numbers, bytes, &size);
	struct mfc_mesh mesh;
	struct mfc_error err = { 0 };
	mfc_mesh_init(&mesh);
	int status = mfc_npy_read(&mesh, file, size, &err);
	check(status == 0 && mesh.vertices * mesh.dim == count && memcmp(mesh.position, want, count * sizeof *want) == 0, "%s %s", what, err.message);
	mfc_mesh_clear(&mesh);
	free(file);
}

static void refused(const char *what, const char *descr, const char *shape, const void *numbers, size_t bytes, const char *message)
{
	size_t size;
	char *file = file_of(descr, false, shape, numbers, bytes, &size);
	struct mfc_mesh mesh;
	struct mfc_error err = { 0 };
	mfc_mesh_init(&mesh);
	int status = mfc_npy_read(&mesh, file, size, &err);
	check(status == -1 && strstr(err.message, message), "%s: \"%s\"", what, err.message);
	mfc_mesh_clear(&mesh);
	free(file);
}

static void types(void)
{
	const float f[] = { 1, -2.5f, 1e-3f, 4 };
	const double want[] = { 1, -2.5, (double)1e-3f, 4 }, halves[] = { 1, -2.5, 1.0 / 16777216, 65504 }, big[] = { 1, -2 };
	one("little-endian floats", "'<f4'", "(2, 2)", f, sizeof f, want, 4);
	one("halves, the smallest and the largest", "'<f2'", "(2, 2)", "\x00\x3c\x00\xc1\x01\x00\xff\x7b", 8, halves, 4);
	one("big-endian halves", "'>f2'", "(2, 2)", "\x3c\x00\xc1\x00\x00\x01\x7b\xff", 8, halves, 4);
	one("big-endian doubles", "'>f8'", "(1, 2)", "\x3f\xf0\0\0\0\0\0\0\xc0\0\0\0\0\0\0\0", 16, big, 2);
	one("a half of -0", "'<f2'", "(1,)", "\x00\x80", 2, &(double){ -0.0 }, 1);
	refused("infinity as a half", "'<f2'", "(1,)", "\x00\x7c", 2, "not finite");
}

static void many(void)
{
	float x[24];
	size_t size, count = 0, bytes = 0;
	char *row = NULL;
	struct mfc_mesh mesh;
	struct mfc_error err = { 0 };
	for (int i = 0; i < 24; i++)
		x[i] = (float)i;
	char *file = file_of("'<f4'", false, "(2, 4, 3)", x, sizeof x, &size);
	check(mfc_npy_many(file, size, &count) && count == 2, "(2, 4, 3) is two clouds");
	mfc_mesh_init(&mesh);
	check(mfc_npy_row(file, size, 1, &row, &bytes, &err) == 0 && row[bytes] == 0 && !mfc_npy_many(row, bytes, &count) &&
	    mfc_npy_read(&mesh, row, bytes, &err) == 0, "one of them is a file of its own %s", err.message);
	check(mesh.vertices == 4 && mesh.dim == 3 && mesh.position[0] == 12 && mesh.position[11] == 23, "with its numbers");
	mfc_mesh_clear(&mesh);
	free(row);
	check(mfc_npy_row(file, size, 2, &row, &bytes, &err) == -1, "there is no third: \"%s\"", err.message);
	check(!mfc_npy_many(file, size - 1, &count), "a cut file is none of many");
	check(mfc_npy_read(&mesh, file, size, &err) == -1 && strstr(err.message, "an array of 3 dimensions"), "nor is it one cloud: \"%s\"", err.message);
	mfc_mesh_clear(&mesh);
	free(file);
}

static void not_many(const char *what, const char *descr, bool fortran, const char *shape)
{
	static const char zeros[4096];
	size_t size, count;
	char *file = file_of(descr, fortran, shape, zeros, sizeof zeros, &size);
	check(!mfc_npy_many(file, size, &count), "%s is not many clouds", what);
	free(file);
}

int main(void)
{
	types();
	many();
	not_many("(N, d)", "'<f4'", false, "(8, 3)");
	not_many("Fortran order", "'<f4'", true, "(2, 8, 3)");
	not_many("a volume", "'<f4'", false, "(2, 8, 17)");
	not_many("an array without clouds", "'<f4'", false, "(0, 8, 3)");
	not_many("a shape beyond the bytes", "'<f4'", false, "(1000000000000, 8, 3)");
	not_many("a shape whose product overflows", "'<f8'", false, "(4294967296, 4294967296, 3)");
	not_many("four dimensions", "'<f4'", false, "(2, 2, 2, 2)");
	not_many("objects", "'|O'", false, "(2, 2, 2)");
	refused("objects", "'|O'", "(2,)", "0123456789abcdef", 16, "dtype '|O' cannot be read here: Python objects");
	refused("columns", "[('x', '<f4'), ('y', '<f4')]", "(2,)", "0123456789abcdef", 16, "a structured dtype");
	refused("complex numbers", "'<c8'", "(2,)", "0123456789abcdef", 16, "dtype '<c8' cannot be read");
	return done();
}
