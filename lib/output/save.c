#include "output/save.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct { const char *name; enum mfc_format format; } formats[] = {
	{ "ply", MFC_PLY }, { "npy", MFC_NPY }, { "xyz", MFC_XYZ }, { "obj", MFC_OBJ }, { "csv", MFC_CSV }
};

bool mfc_format_named(const char *name, enum mfc_format *format)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (strcmp(name, formats[i].name) == 0) {
			*format = formats[i].format;
			return true;
		}
	return false;
}

const char *mfc_format_extension(enum mfc_format format)
{
	format = format == MFC_PLY_ASCII ? MFC_PLY : format;
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (formats[i].format == format)
			return formats[i].name;
	return "";
}

/* A per-particle array of three numbers under one of two spellings. */
static bool attribute(const struct mfc_cloud *c, const char *key, const char *other, char kind, struct mfc_array *a)
{
	const struct mfc_value *v = mfc_value_get(&c->extra, key);
	return mfc_array_view(v ? v : mfc_value_get(&c->extra, other), a) && a->dims == 2 && a->shape[0] == c->n && a->shape[1] == 3 &&
	    a->dtype[1] == kind;
}

static int write_ply(FILE *f, const struct mfc_cloud *c, bool ascii, struct mfc_error *err)
{
	struct mfc_array normal, color, parents;
	bool normals = attribute(c, "normal", "normals", 'f', &normal), colors = attribute(c, "color", "colour", 'u', &color) && color.item == 1;
	size_t branchings = mfc_array_view(mfc_value_get(&c->extra, "parents"), &parents) && parents.dims == 2 && parents.shape[0] == c->n &&
	    strcmp(parents.dtype, "<i4") == 0 ? parents.shape[1] : 0;
	fprintf(f, "ply\nformat %s 1.0\nelement vertex %zu\nproperty float x\nproperty float y\nproperty float z\n",
	    ascii ? "ascii" : "binary_little_endian", c->n);
	if (normals)
		fputs("property float nx\nproperty float ny\nproperty float nz\n", f);
	if (colors)
		fputs("property uchar red\nproperty uchar green\nproperty uchar blue\n", f);
	for (size_t j = 0; j < branchings; j++)
		fprintf(f, "property int parent_%zu\n", j);
	fputs("end_header\n", f);
	for (size_t i = 0; i < c->n; i++) {
		float v[6] = { 0 };
		size_t count = normals ? 6 : 3;
		memcpy(v, c->x + i * c->dim, c->dim * sizeof *v);
		if (normals && mfc_array_floats(&normal, 3 * i, 3, v + 3, err))
			return -1;
		if (!ascii)
			fwrite(v, sizeof *v, count, f);   /* little-endian machines only, see array.h */
		for (size_t j = 0; ascii && j < count; j++)
			fprintf(f, "%s%.9g", j ? " " : "", v[j]);
		for (size_t j = 0; colors && j < 3; j++)
			if (ascii)
				fprintf(f, " %u", (unsigned char)color.data[3 * i + j]);
			else
				fputc((unsigned char)color.data[3 * i + j], f);
		for (size_t j = 0; j < branchings; j++) {
			int32_t parent;
			memcpy(&parent, parents.data + (i * branchings + j) * sizeof parent, sizeof parent);
			if (ascii)
				fprintf(f, " %d", parent);
			else
				fwrite(&parent, sizeof parent, 1, f);
		}
		if (ascii)
			fputc('\n', f);
	}
	return 0;
}

static void write_npy(FILE *f, const struct mfc_cloud *c)
{
	char header[MFC_NPY_HEADER];
	size_t shape[2] = { c->n, c->dim };
	fwrite(header, 1, mfc_npy_header(header, "<f4", 2, shape), f);
	fwrite(c->x, sizeof *c->x, c->n * c->dim, f);
}

/* A line a particle; fill: zeros up to three coordinates. */
static void write_lines(FILE *f, const struct mfc_cloud *c, const char *before, const char *between, bool fill)
{
	for (size_t i = 0; i < c->n; i++) {
		fputs(before, f);
		for (size_t j = 0; j < c->dim || (fill && j < 3); j++)
			fprintf(f, "%s%.9g", j ? between : "", j < c->dim ? c->x[i * c->dim + j] : 0.0f);
		fputc('\n', f);
	}
}

static void write_csv(FILE *f, const struct mfc_cloud *c)
{
	for (size_t j = 0; j < c->dim; j++)
		if (c->dim <= 3)
			fprintf(f, "%s%c", j ? "," : "", "xyz"[j]);
		else
			fprintf(f, "%sx%zu", j ? "," : "", j);
	fputc('\n', f);
	write_lines(f, c, "", ",", false);
}

int mfc_save(const struct mfc_cloud *cloud, enum mfc_format format, char **data, size_t *size, struct mfc_error *err)
{
	bool three = format == MFC_PLY || format == MFC_PLY_ASCII || format == MFC_OBJ;
	if (three && cloud->dim > 3)
		return mfc_error_set(err, "%zu coordinates do not fit %s: use npy, xyz or csv", cloud->dim, mfc_format_extension(format));
	FILE *f = open_memstream(data, size);
	if (!f)
		return mfc_error_memory(err);
	int status = 0;
	switch (format) {
	case MFC_PLY: status = write_ply(f, cloud, false, err); break;
	case MFC_PLY_ASCII: status = write_ply(f, cloud, true, err); break;
	case MFC_NPY: write_npy(f, cloud); break;
	case MFC_XYZ: write_lines(f, cloud, "", " ", false); break;
	case MFC_OBJ: write_lines(f, cloud, "v ", " ", true); break;
	case MFC_CSV: write_csv(f, cloud); break;
	}
	bool bad = ferror(f);
	bad = fclose(f) || !*data || bad;   /* glibc's fclose says nothing of it when it finds no memory for the data */
	if (bad && status == 0)
		status = mfc_error_memory(err);
	if (status) {
		free(*data);
		*data = NULL;
	}
	return status;
}

int mfc_denormalize(struct mfc_cloud *cloud, struct mfc_error *err)
{
	double scale = isnan(cloud->scale) ? 1 : cloud->scale;
	for (size_t i = 0; i < cloud->n * cloud->dim; i++)
		cloud->x[i] = (float)(cloud->x[i] * scale + (cloud->center ? cloud->center[i % cloud->dim] : 0));
	free(cloud->center);
	cloud->center = NULL;
	cloud->scale = NAN;
	return mfc_cloud_check(cloud, err);
}

char *mfc_save_name(const char *id)
{
	char *name = malloc(2 * strlen(id) + 2), *to = name;
	if (!name)
		return NULL;
	for (bool start = true; *id; id++) {
		unsigned char c = (unsigned char)*id;
		if (c == '/') {
			if (!start)
				*to++ = '/';
			start = true;
			continue;
		}
		*to++ = c < 32 || c == 127 || c == '\\' || (start && c == '.') ? '_' : (char)c;
		start = false;
	}
	while (to > name && to[-1] == '/')
		to--;
	if (to == name)
		*to++ = '_';
	*to = 0;
	return name;
}
