/* Usage: load-assimp ARCHIVE POINTS THREADS [CLOUDS] -- what mfc-load does with the OBJ members of a zip, by libarchive and assimp: inflate each
 * in memory, read it there, draw POINTS from its surface by area. Prints how many were read and how many were not, and on stderr the names of
 * those; with CLOUDS each cloud is written to that file, as the member's name, a newline and the coordinates (float, POINTS x 3). Every thread
 * goes through the directory of the archive by itself and takes the members that none has taken. */
#include <archive.h>
#include <archive_entry.h>
#include <assimp/cimport.h>
#include <assimp/postprocess.h>
#include <assimp/scene.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_THREADS 64

struct job {
	const char *path;
	size_t points;
	FILE *clouds;   /* or NULL */
	atomic_size_t next, read, unread;
};

struct text { char *data; size_t size, space; };

struct surface { struct aiVector3D (*corner)[3]; double *area; size_t triangles, space; };   /* area: of this and all before it */

static void *bigger(void *old, size_t size)
{
	void *p = realloc(old, size);
	if (!p) {
		fputs("load-assimp: no memory\n", stderr);
		exit(1);
	}
	return p;
}

static void die(struct archive *a, const char *path)
{
	fprintf(stderr, "load-assimp: %s: %s\n", path, archive_error_string(a));
	exit(1);
}

static void inflate(struct archive *a, const char *path, struct text *text)
{
	text->size = 0;
	for (;;) {
		if (text->size == text->space) {
			text->space = text->space ? 2 * text->space : 1 << 20;
			text->data = bigger(text->data, text->space);
		}
		la_ssize_t n = archive_read_data(a, text->data + text->size, text->space - text->size);
		if (n < 0)
			die(a, path);
		if (n == 0)
			return;
		text->size += (size_t)n;
	}
}

static double area(const struct aiVector3D *p)
{
	double a[3] = { (double)p[1].x - p[0].x, (double)p[1].y - p[0].y, (double)p[1].z - p[0].z };
	double b[3] = { (double)p[2].x - p[0].x, (double)p[2].y - p[0].y, (double)p[2].z - p[0].z };
	double x = a[1] * b[2] - a[2] * b[1], y = a[2] * b[0] - a[0] * b[2], z = a[0] * b[1] - a[1] * b[0];
	return sqrt(x * x + y * y + z * z) / 2;
}

static void add_mesh(struct surface *s, const struct aiMesh *mesh)
{
	if (s->triangles + mesh->mNumFaces > s->space) {
		s->space = 2 * (s->triangles + mesh->mNumFaces);
		s->corner = bigger(s->corner, s->space * sizeof *s->corner);
		s->area = bigger(s->area, s->space * sizeof *s->area);
	}
	for (unsigned i = 0; i < mesh->mNumFaces; i++) {
		const struct aiFace *face = &mesh->mFaces[i];
		if (face->mNumIndices != 3)   /* a point or a line */
			continue;
		struct aiVector3D *corner = s->corner[s->triangles];
		for (int k = 0; k < 3; k++)
			corner[k] = mesh->mVertices[face->mIndices[k]];
		s->area[s->triangles] = area(corner) + (s->triangles ? s->area[s->triangles - 1] : 0);
		s->triangles++;
	}
}

/* In [0, 1) (Steele, Lea and Flood 2014: SplitMix). */
static double uniform(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

static void sample(const struct surface *s, uint64_t seed, size_t points, float (*x)[3])
{
	for (size_t i = 0; i < points; i++) {
		double target = uniform(&seed) * s->area[s->triangles - 1], r = sqrt(uniform(&seed)), t = uniform(&seed);
		size_t low = 0, high = s->triangles - 1;
		while (low < high) {
			size_t middle = (low + high) / 2;
			if (s->area[middle] > target)
				high = middle;
			else
				low = middle + 1;
		}
		const struct aiVector3D *p = s->corner[low];
		double w[3] = { 1 - r, r * (1 - t), r * t };
		x[i][0] = (float)(w[0] * p[0].x + w[1] * p[1].x + w[2] * p[2].x);
		x[i][1] = (float)(w[0] * p[0].y + w[1] * p[1].y + w[2] * p[2].y);
		x[i][2] = (float)(w[0] * p[0].z + w[1] * p[1].z + w[2] * p[2].z);
	}
}

static bool draw(const struct text *text, size_t number, struct surface *s, size_t points, float (*x)[3])
{
	const unsigned how = aiProcess_Triangulate | aiProcess_PreTransformVertices;
	const struct aiScene *scene = aiImportFileFromMemory(text->data, (unsigned)text->size, how, "obj");
	if (!scene)
		return false;
	s->triangles = 0;
	for (unsigned i = 0; i < scene->mNumMeshes; i++)
		add_mesh(s, scene->mMeshes[i]);
	aiReleaseImport(scene);
	if (s->triangles == 0 || !(s->area[s->triangles - 1] > 0))
		return false;
	sample(s, number, points, x);
	return true;
}

static void write_cloud(struct job *j, const char *name, float (*x)[3])
{
	flockfile(j->clouds);
	fprintf(j->clouds, "%s\n", name);
	fwrite(x, sizeof *x, j->points, j->clouds);
	funlockfile(j->clouds);
}

static bool is_obj(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry), *dot = name ? strrchr(name, '.') : NULL;
	return dot && strcasecmp(dot, ".obj") == 0;
}

static void *work(void *context)
{
	struct job *j = context;
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	struct text text = { 0 };
	struct surface surface = { 0 };
	float (*x)[3] = bigger(NULL, j->points * sizeof *x);
	archive_read_support_format_zip(a);
	if (archive_read_open_filename(a, j->path, 1 << 16))
		die(a, j->path);
	size_t mine = atomic_fetch_add(&j->next, 1);
	int rc;
	for (size_t number = 0; (rc = archive_read_next_header(a, &entry)) == ARCHIVE_OK;) {
		if (!is_obj(entry) || number++ != mine)
			continue;
		inflate(a, j->path, &text);
		if (draw(&text, mine, &surface, j->points, x)) {
			atomic_fetch_add(&j->read, 1);
			if (j->clouds)
				write_cloud(j, archive_entry_pathname(entry), x);
		} else {
			atomic_fetch_add(&j->unread, 1);
			fprintf(stderr, "load-assimp: %s: not read\n", archive_entry_pathname(entry));
		}
		mine = atomic_fetch_add(&j->next, 1);
	}
	if (rc != ARCHIVE_EOF)
		die(a, j->path);
	archive_read_free(a);
	free(text.data);
	free(surface.corner);
	free(surface.area);
	free(x);
	return NULL;
}

int main(int argc, char **argv)
{
	int threads = argc < 4 ? 0 : atoi(argv[3]);
	static struct job j;
	pthread_t thread[MAX_THREADS];
	if (argc < 4 || argc > 5 || atoi(argv[2]) < 1 || threads < 1 || threads > MAX_THREADS) {
		fputs("usage: load-assimp ARCHIVE POINTS THREADS [CLOUDS]\n", stderr);
		return 2;
	}
	j.path = argv[1];
	j.points = (size_t)atoi(argv[2]);
	j.clouds = argc > 4 ? fopen(argv[4], "wb") : NULL;
	if (argc > 4 && !j.clouds) {
		perror(argv[4]);
		return 1;
	}
	for (int i = 1; i < threads; i++)
		if (pthread_create(&thread[i], NULL, work, &j)) {
			fputs("load-assimp: no thread\n", stderr);
			return 1;
		}
	work(&j);
	for (int i = 1; i < threads; i++)
		pthread_join(thread[i], NULL);
	if (j.clouds && fclose(j.clouds)) {
		perror(argv[4]);
		return 1;
	}
	printf("%zu read, %zu not\n", j.read, j.unread);
	return 0;
}
