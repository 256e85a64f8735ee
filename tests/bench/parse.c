/* Usage: parse FILE ... -- how fast each kind of file is read, by its extension: MB/s on one core, the best of five rounds over its files,
 * which are in memory. */
#include "file.h"
#include "load/mesh.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define ROUNDS 5

struct file { const char *name; char *data; size_t size; };

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool same_kind(const char *a, const char *b)
{
	return strcasecmp(mfc_mesh_extension(a), mfc_mesh_extension(b)) == 0;
}

static void measure(const struct file *file, int files, int first)
{
	double best = INFINITY, bytes = 0;
	size_t vertices = 0, triangles = 0, broken = 0;
	for (int round = 0; round < ROUNDS; round++) {
		double seconds = 0;
		vertices = triangles = broken = 0;
		bytes = 0;
		for (int i = first; i < files; i++) {
			if (!same_kind(file[i].name, file[first].name))
				continue;
			struct mfc_mesh mesh;
			struct mfc_error err;
			mfc_mesh_init(&mesh);
			double start = now();
			broken += mfc_mesh_reader_for(file[i].name)(&mesh, file[i].data, file[i].size, &err) != 0;
			seconds += now() - start;
			bytes += (double)file[i].size;
			vertices += mesh.vertices;
			triangles += mesh.triangles;
			mfc_mesh_clear(&mesh);
		}
		best = fmin(best, seconds);
	}
	printf("%s\t%.1f MB\t%.0f MB/s\t%zu vertices\t%zu triangles\t%zu broken\n", mfc_mesh_extension(file[first].name), bytes / 1e6,
	    bytes / 1e6 / best, vertices, triangles, broken);
}

int main(int argc, char **argv)
{
	struct file *file = calloc((size_t)argc, sizeof *file);
	int files = 0;
	for (int i = 1; i < argc; i++) {
		struct mfc_error err;
		file[files].name = argv[i];
		if (!mfc_mesh_reader_for(argv[i]) || mfc_file_read(argv[i], (size_t)1 << 30, &file[files].data, &file[files].size, &err))
			fprintf(stderr, "parse: %s: cannot be read\n", argv[i]);
		else
			files++;
	}
	for (int i = 0; i < files; i++) {
		bool seen = false;
		for (int j = 0; j < i; j++)
			seen |= same_kind(file[i].name, file[j].name);
		if (!seen)
			measure(file, files, i);
	}
	for (int i = 0; i < files; i++)
		free(file[i].data);
	free(file);
	return 0;
}
