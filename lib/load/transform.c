#include "load/transform.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = { [MFC_NORMALIZE_NONE] = "none", [MFC_NORMALIZE_SPHERE] = "cloud-sphere", [MFC_NORMALIZE_BOX] = "cloud-box",
	[MFC_NORMALIZE_STD] = "cloud-std", [MFC_NORMALIZE_SET] = "set-std" };

bool mfc_normalize_named(const char *name, enum mfc_normalize *how)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0) {
			*how = (enum mfc_normalize)i;
			return true;
		}
	return false;
}

const char *mfc_normalize_name(enum mfc_normalize how)
{
	return names[how];
}

int mfc_transform_apply(struct mfc_cloud *cloud, const double *center, double scale, struct mfc_error *err)
{
	if (!(scale > 0) || !isfinite(scale))
		return mfc_error_set(err, "a cloud without extent cannot be scaled");
	if (!cloud->center && !(cloud->center = calloc(cloud->dim, sizeof *cloud->center)))
		return mfc_error_memory(err);
	double before = isnan(cloud->scale) ? 1 : cloud->scale;
	for (size_t j = 0; j < cloud->dim; j++)
		cloud->center[j] += center[j] * before;
	cloud->scale = before * scale;
	for (size_t i = 0; i < cloud->n; i++)
		for (size_t j = 0; j < cloud->dim; j++)
			cloud->x[i * cloud->dim + j] = (float)((cloud->x[i * cloud->dim + j] - center[j]) / scale);
	return mfc_cloud_check(cloud, err);   /* a set is not to be lost to one shape whose extent is beyond what streams hold */
}

static void mean(const struct mfc_cloud *c, double *center)
{
	for (size_t j = 0; j < c->dim; j++) {
		center[j] = 0;
		for (size_t i = 0; i < c->n; i++)
			center[j] += c->x[i * c->dim + j];
		center[j] /= (double)c->n;
	}
}

static void middle(const struct mfc_cloud *c, double *center, double *half)
{
	*half = 0;
	for (size_t j = 0; j < c->dim; j++) {
		double low = INFINITY, high = -INFINITY;
		for (size_t i = 0; i < c->n; i++) {
			low = fmin(low, c->x[i * c->dim + j]);
			high = fmax(high, c->x[i * c->dim + j]);
		}
		center[j] = 0.5 * (low + high);
		*half = fmax(*half, 0.5 * (high - low));
	}
}

int mfc_transform_normalize(struct mfc_cloud *c, enum mfc_normalize how, struct mfc_error *err)
{
	if (how == MFC_NORMALIZE_NONE)
		return 0;
	double *center = malloc(c->dim * sizeof *center), scale = 1, farthest = 0, square = 0;
	if (!center)
		return mfc_error_memory(err);
	if (how == MFC_NORMALIZE_BOX)
		middle(c, center, &scale);
	else
		mean(c, center);
	for (size_t i = 0; i < c->n; i++) {
		double r = 0;
		for (size_t j = 0; j < c->dim; j++)
			r += pow(c->x[i * c->dim + j] - center[j], 2);
		farthest = fmax(farthest, r);
		square += r;
	}
	if (how == MFC_NORMALIZE_SPHERE)
		scale = sqrt(farthest);
	if (how == MFC_NORMALIZE_STD)
		scale = sqrt(square / (double)(c->n * c->dim));
	int status = mfc_transform_apply(c, center, scale, err);
	free(center);
	return status;
}

int mfc_transform_center(struct mfc_cloud *c, size_t dims, struct mfc_error *err)
{
	double *center = malloc(c->dim * sizeof *center);
	if (!center)
		return mfc_error_memory(err);
	mean(c, center);
	for (size_t j = dims; j < c->dim; j++)
		center[j] = 0;
	int status = mfc_transform_apply(c, center, 1, err);
	free(center);
	return status;
}

int mfc_statistics_add(struct mfc_statistics *s, const struct mfc_cloud *cloud, struct mfc_error *err)
{
	if (!s->sum) {
		s->dim = cloud->dim;
		s->sum = calloc(s->dim, sizeof *s->sum);
		s->square = calloc(s->dim, sizeof *s->square);
		if (!s->sum || !s->square)
			return mfc_error_memory(err);
	}
	for (size_t i = 0; i < cloud->n; i++)
		for (size_t j = 0; j < s->dim; j++) {
			double x = cloud->x[i * s->dim + j];
			s->sum[j] += x;
			s->square[j] += x * x;
		}
	s->count += (double)cloud->n;
	return 0;
}

int mfc_statistics_finish(struct mfc_statistics *s, double *center, double *scale, struct mfc_error *err)
{
	double variance = 0;
	for (size_t j = 0; j < s->dim; j++) {
		center[j] = s->sum[j] / s->count;
		variance += s->square[j] / s->count - center[j] * center[j];
	}
	*scale = sqrt(variance / (double)s->dim);
	free(s->sum);
	free(s->square);
	*s = (struct mfc_statistics){ 0 };
	return *scale > 0 ? 0 : mfc_error_set(err, "the set has no extent to normalise by");
}

static int axis_of(char c)
{
	return c >= 'x' && c <= 'z' ? c - 'x' : -1;
}

int mfc_augment_parse(struct mfc_augment *a, const char *text, struct mfc_error *err)
{
	*a = (struct mfc_augment){ 0 };
	for (const char *p = text;;) {
		char *end = (char *)p;
		if (strncmp(p, "mirror:", 7) == 0 && axis_of(p[7]) >= 0) {
			a->mirror[axis_of(p[7])] = true;
			end = (char *)p + 8;
		} else if (strncmp(p, "scale:", 6) == 0) {
			a->scale = strtod(p + 6, &end);
			end = end == p + 6 || !(a->scale >= 0 && a->scale < 1) ? (char *)p : end;
		} else if (strncmp(p, "rotate:", 7) == 0 && axis_of(p[7]) >= 0 && p[8] == ':') {
			double degrees = strtod(p + 9, &end);
			a->rotate[axis_of(p[7])] = degrees * M_PI / 180;
			end = end == p + 9 || !(fabs(degrees) <= 360) ? (char *)p : end;
		}
		if (end == p || (*end && *end != ','))
			return mfc_error_set(err, "\"%s\" is none of mirror:AXIS, scale:SHARE, rotate:AXIS:DEGREES", p);
		if (!*end)
			return 0;
		p = end + 1;
	}
}

/* The random linear map (3, 3), without the scale. */
static void draw_map(const struct mfc_augment *a, struct mfc_rng *rng, double m[3][3])
{
	memset(m, 0, 9 * sizeof m[0][0]);
	for (int j = 0; j < 3; j++)
		m[j][j] = a->mirror[j] && mfc_rng_uniform(rng) < 0.5 ? -1 : 1;
	for (int j = 0; j < 3; j++) {
		if (a->rotate[j] == 0)
			continue;
		double angle = (2 * mfc_rng_uniform(rng) - 1) * a->rotate[j], c = cos(angle), s = sin(angle);
		int p = (j + 1) % 3, q = (j + 2) % 3;
		for (int k = 0; k < 3; k++) {
			double u = m[p][k], v = m[q][k];
			m[p][k] = c * u - s * v;
			m[q][k] = s * u + c * v;
		}
	}
}

/* Coordinates beyond the third are only scaled. */
static void apply_map(double m[3][3], double scale, size_t n, size_t dim, float *x)
{
	size_t turned = dim < 3 ? dim : 3;
	for (size_t i = 0; i < n; i++, x += dim) {
		double y[3] = { 0 };
		for (size_t j = 0; j < turned; j++)
			for (size_t k = 0; k < turned; k++)
				y[j] += m[j][k] * x[k];
		for (size_t j = 0; j < dim; j++)
			x[j] = (float)(scale * (j < turned ? y[j] : x[j]));
	}
}

int mfc_augment_apply(const struct mfc_augment *a, struct mfc_cloud *cloud, struct mfc_rng *rng, struct mfc_error *err)
{
	double m[3][3], scale = 1 + (2 * mfc_rng_uniform(rng) - 1) * a->scale;
	bool turns = a->rotate[0] != 0 || a->rotate[1] != 0 || a->rotate[2] != 0;
	for (size_t j = 0; j < 3; j++)
		if (a->mirror[j] && j >= cloud->dim)
			return mfc_error_set(err, "a cloud of %zu coordinates has no axis %c to mirror", cloud->dim, "xyz"[j]);
	if (turns && cloud->dim < 3)
		return mfc_error_set(err, "only clouds of 3 coordinates or more are rotated, this has %zu", cloud->dim);
	draw_map(a, rng, m);
	apply_map(m, scale, cloud->n, cloud->dim, cloud->x);
	struct mfc_array normal;
	const struct mfc_value *v = mfc_value_get(&cloud->extra, "normal");
	if (cloud->dim == 3 && v && mfc_array_view(v, &normal) && normal.dims == 2 && normal.shape[0] == cloud->n && normal.shape[1] == 3) {
		float *x = malloc(normal.count * sizeof *x);
		struct mfc_value made;
		if (!x)
			return mfc_error_memory(err);
		int status = mfc_array_floats(&normal, 0, normal.count, x, err);
		apply_map(m, 1, cloud->n, 3, x);
		status = status || mfc_array_make(&made, "<f4", 2, normal.shape, x, err) || mfc_value_put(&cloud->extra, "normal", made, err);
		free(x);
		return status ? -1 : 0;
	}
	return 0;
}
