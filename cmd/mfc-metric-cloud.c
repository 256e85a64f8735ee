/* What clouds bring with them: normals, labels, numbers of points. */
#include "mfc-metric.h"

#include "array.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* To unit length; false where it has none. */
static bool unit(size_t dim, float *v)
{
	double square = 0;
	for (size_t k = 0; k < dim; k++)
		square += (double)v[k] * (double)v[k];
	for (size_t k = 0; k < dim; k++)
		v[k] = (float)((double)v[k] / sqrt(square));
	return square > 0 && isfinite(square);
}

float *metric_normals(const struct mfc_cloud *cloud, const char *name)
{
	struct mfc_error err;
	struct mfc_array a;
	const struct mfc_value *v = mfc_value_get(&cloud->extra, "normal");
	if (!v)
		cli_die("%s: cloud %s: no normals (the array \"normal\", as mfc-load --normals makes it)", name, cloud->id);
	if (mfc_array_check(v, &a, &err))
		cli_die("%s: cloud %s: normal: %s", name, cloud->id, err.message);
	if (a.dims != 2 || a.shape[0] != cloud->n || a.shape[1] != cloud->dim)
		cli_die("%s: cloud %s: normal: not %zu coordinates for each of %zu particles", name, cloud->id, cloud->dim, cloud->n);
	float *normals = malloc(a.count * sizeof *normals);
	if (!normals)
		cli_die("out of memory");
	if (mfc_array_floats(&a, 0, a.count, normals, &err))
		cli_die("%s: cloud %s: normal: %s", name, cloud->id, err.message);
	for (size_t i = 0; i < cloud->n; i++)
		if (!unit(cloud->dim, normals + i * cloud->dim))
			cli_die("%s: cloud %s: the normal of particle %zu has no direction", name, cloud->id, i);
	return normals;
}

bool metric_bears(const struct mfc_cloud *cloud, const char *label)
{
	return !label || (cloud->label && strcmp(cloud->label, label) == 0);
}

void metric_points(const struct metric *m, const char *label, char text[48])
{
	const struct metric_set *sets[] = { &m->reference, &m->generated };
	size_t least = SIZE_MAX, most = 0;
	for (size_t s = 0; s < 2; s++)
		for (size_t i = 0; i < sets[s]->count; i++) {
			size_t n = sets[s]->cloud[i].n;
			if (!metric_bears(&sets[s]->cloud[i], label))
				continue;
			least = n < least ? n : least;
			most = n > most ? n : most;
		}
	snprintf(text, 48, least == most ? "%zu" : "%zu-%zu", least, most);
}
