/* Points as numbers on lines: XYZ, PTS, CSV. The first three columns are the position (all of them where there are fewer); others are kept
 * as the array "columns". */
#include "load/mesh.h"
#include "array.h"
#include "load/text.h"

#include <math.h>
#include <stdlib.h>

#define MAX_COLUMNS 256

/* The numbers of a line, separated by blanks, commas or semicolons; -1 where something else stands. */
static int numbers(const struct mfc_text *t, double *out)
{
	int count = 0;
	const char *p = mfc_text_blank(t, t->line);
	while (p < t->stop && *p != '#') {
		if (*p == '/' && p + 1 < t->stop && p[1] == '/')
			break;
		if (count == MAX_COLUMNS || !mfc_text_real(t, &p, &out[count]))
			return -1;
		count++;
		const char *q = p = mfc_text_blank(t, p);
		if (p < t->stop && (*p == ',' || *p == ';'))
			p = mfc_text_blank(t, p + 1);
		if (p == q && p < t->stop && p[-1] != ' ' && p[-1] != '\t' && *p != '#' && *p != '/')
			return -1;   /* "1.0x" */
	}
	return count;
}

/* The numbers beyond the position, as they come. */
struct columns { float *kept; size_t extra, room; };   /* (vertices, extra) */

static int keep_columns(struct columns *c, const struct mfc_mesh *mesh, const double *row, struct mfc_error *err)
{
	size_t n = mesh->vertices;
	if (n >= c->room) {
		size_t room = c->room ? 2 * c->room : 64;
		float *more = realloc(c->kept, room * c->extra * sizeof *more);
		if (!more)
			return mfc_error_memory(err);
		c->kept = more;
		c->room = room;
	}
	for (size_t i = 0; i < c->extra; i++)
		c->kept[n * c->extra + i] = (float)row[mesh->dim + i];
	return 0;
}

static int read_rows(struct mfc_mesh *mesh, struct mfc_text *t, struct columns *c, struct mfc_error *err)
{
	double row[MAX_COLUMNS];
	int columns = 0;
	bool first = true;
	while (mfc_text_line(t)) {
		int count = numbers(t, row);
		if (count == 0)
			continue;
		/* A first line of names (CSV) or of the count alone (PTS) is no point. */
		if (first && count < 0) {
			first = false;
			continue;
		}
		if (count == 1 && first) {
			struct mfc_text ahead = *t;
			double other[MAX_COLUMNS];
			first = false;
			if (mfc_text_line(&ahead) && numbers(&ahead, other) > 1)
				continue;
		}
		first = false;
		if (count < 0)
			return mfc_error_set(err, "line %zu: not numbers", t->number);
		if (columns == 0) {
			columns = count;
			mesh->dim = count < 3 ? (size_t)count : 3;
			c->extra = (size_t)count - mesh->dim;
		}
		if (count != columns)
			return mfc_error_set(err, "line %zu: %d numbers where the lines before have %d", t->number, count, columns);
		for (size_t i = 0; i < mesh->dim; i++)
			if (!isfinite(row[i]))
				return mfc_error_set(err, "line %zu: a coordinate that is not finite", t->number);
		if ((c->extra && keep_columns(c, mesh, row, err)) || mfc_mesh_add_vertex(mesh, row, err))
			return -1;
	}
	return 0;
}

int mfc_table_read(struct mfc_mesh *mesh, const char *data, size_t size, struct mfc_error *err)
{
	struct mfc_text t = mfc_text_begin(data, size);
	struct columns c = { .kept = NULL };
	int status = read_rows(mesh, &t, &c, err);
	if (status == 0 && c.extra && mesh->vertices) {
		struct mfc_value v;
		size_t shape[2] = { mesh->vertices, c.extra };
		status = mfc_array_make(&v, "<f4", 2, shape, c.kept, err) || mfc_value_put(&mesh->extra, "columns", v, err) ? -1 : 0;
	}
	free(c.kept);
	return status ? -1 : mfc_mesh_check(mesh, err);
}
