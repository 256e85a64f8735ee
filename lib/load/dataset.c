#include "load/dataset.h"

#include "file.h"
#include "load/archive.h"
#include "load/layout.h"
#include "load/text.h"
#include "stream/stream.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A line of a split list: a model and its split. */
struct entry { char model[96], split[8]; };

struct walk {
	const struct mfc_selection *selection;
	const struct mfc_dataset_visitor *visitor;
	size_t max_record;
	struct entry *entry;      /* sorted by model */
	size_t entries, capacity;
	size_t number;            /* wanted shapes so far */
	bool full;                /* the limit is reached */
};

void mfc_shape_clear(struct mfc_shape *shape)
{
	free(shape->id);
	free(shape->label);
	free(shape->split);
	free(shape->path);
	free(shape->center);
	mfc_mesh_clear(&shape->mesh);
	*shape = (struct mfc_shape){ .scale = NAN };
}

size_t mfc_shape_bytes(const struct mfc_shape *shape)
{
	const struct mfc_mesh *m = &shape->mesh;
	size_t bytes = sizeof *shape + m->vertices * m->dim * sizeof *m->position + m->triangles * 3 * sizeof *m->triangle;
	for (size_t i = 0; i < m->extra.size; i++) {
		struct mfc_array a;
		if (mfc_array_view(&m->extra.items[2 * i + 1], &a))
			bytes += a.count * a.item;
	}
	return bytes;
}

static const char *last_part(const char *id)
{
	const char *slash = strrchr(id, '/');
	return slash ? slash + 1 : id;
}

static int by_model(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->model, ((const struct entry *)b)->model);
}

/* The split that a list gives a model, or "". */
static const char *listed_split(const struct walk *w, const char *id)
{
	struct entry key;
	snprintf(key.model, sizeof key.model, "%s", last_part(id));
	const struct entry *e = w->entries ? bsearch(&key, w->entry, w->entries, sizeof key, by_model) : NULL;
	return e ? e->split : "";
}

static bool matches(const struct mfc_selection *s, const char *id, const char *label)
{
	for (size_t i = 0; i < s->patterns; i++)
		if (fnmatch(s->pattern[i], id, 0) == 0 || fnmatch(s->pattern[i], label, 0) == 0 || fnmatch(s->pattern[i], last_part(id), 0) == 0)
			return true;
	return s->patterns == 0;
}

static bool is_wanted(const struct walk *w, const char *id, const char *label, const char *split)
{
	const struct mfc_selection *s = w->selection;
	return !w->full && matches(s, id, label) && (!s->split || strcmp(split, s->split) == 0);
}

/* Of the wanted shapes their place decides the rest. Call once for each shape. */
static bool select_shape(struct walk *w, const char *id, const char *label, const char *split)
{
	const struct mfc_selection *s = w->selection;
	if (!is_wanted(w, id, label, split))
		return false;
	size_t number = w->number++;
	w->full = s->limit && w->number == s->limit;
	return s->shards == 0 || number % s->shards == s->shard;
}

static bool is_list(const char *path)
{
	return strcmp(last_part(path), "all.csv") == 0;
}

static bool wants_list(void *context, const char *path)
{
	(void)context;
	return is_list(path);
}

/* id,synsetId,subSynsetId,modelId,split */
static int read_list(void *context, const struct mfc_member *member, struct mfc_error *err)
{
	struct walk *w = context;
	struct mfc_text t = mfc_text_begin(member->data, member->size);
	if (!is_list(member->path))
		return 0;
	while (mfc_text_line(&t)) {
		const char *field[5], *p = t.line;
		size_t length[5], count = 0;
		while (count < 5) {
			const char *comma = memchr(p, ',', (size_t)(t.stop - p)), *end = comma ? comma : t.stop;
			field[count] = p;
			length[count++] = (size_t)(end - p);
			if (!comma)
				break;
			p = comma + 1;
		}
		if (count < 5 || length[3] >= sizeof w->entry->model || length[4] >= sizeof w->entry->split)
			return mfc_error_set(err, "%s: line %zu: not id,synsetId,subSynsetId,modelId,split", member->name, t.number);
		if (w->entries == w->capacity) {
			w->capacity = w->capacity ? 2 * w->capacity : 1024;
			struct entry *more = realloc(w->entry, w->capacity * sizeof *more);
			if (!more)
				return mfc_error_memory(err);
			w->entry = more;
		}
		struct entry *e = &w->entry[w->entries++];
		snprintf(e->model, sizeof e->model, "%.*s", (int)length[3], field[3]);
		snprintf(e->split, sizeof e->split, "%.*s", (int)length[4], field[4]);
	}
	return 0;
}

static struct mfc_layout layout_with_list(const struct walk *w, const char *path)
{
	struct mfc_layout l = mfc_layout_of(path);
	if (!l.split[0])
		snprintf(l.split, sizeof l.split, "%s", listed_split(w, l.id));
	return l;
}

/* Give the shape to the visitor, and free what it left. */
static int deliver(struct walk *w, struct mfc_shape *shape, struct mfc_error *err)
{
	int status = w->visitor->shape(w->visitor->context, shape, err);
	mfc_shape_clear(shape);
	return status;
}

static int name_shape(struct mfc_shape *shape, const char *id, const char *label, const char *split, const char *path, struct mfc_error *err)
{
	*shape = (struct mfc_shape){ .scale = NAN };
	mfc_mesh_init(&shape->mesh);
	shape->id = strdup(id);
	shape->label = strdup(label ? label : "");
	shape->split = strdup(split ? split : "");
	shape->path = strdup(path);
	return shape->id && shape->label && shape->split && shape->path ? 0 : mfc_error_memory(err);
}

static bool wants_shape(void *context, const char *path)
{
	const struct walk *w = context;
	const char *base = last_part(path);
	bool table_of_contents = strcasecmp(base, "all.csv") == 0 || strcasecmp(base, "manifest.csv") == 0 || strcasecmp(base, "metadata.csv") == 0;
	if (!mfc_mesh_reader_for(path) || table_of_contents)
		return false;
	struct mfc_layout l = layout_with_list(w, path);
	return is_wanted(w, l.id, l.label, l.split);
}

static int visit_member(void *context, const struct mfc_member *member, struct mfc_error *err)
{
	struct walk *w = context;
	struct mfc_layout l = layout_with_list(w, member->path);
	mfc_mesh_reader *read = mfc_mesh_reader_for(member->path);
	struct mfc_shape shape;
	struct mfc_error why;
	if (!read || !select_shape(w, l.id, l.label, l.split))
		return 0;
	if (name_shape(&shape, l.id, l.label, l.split, member->name, err)) {
		mfc_shape_clear(&shape);
		return -1;
	}
	if (!w->selection->names_only && read(&shape.mesh, member->data, member->size, &why)) {
		mfc_shape_clear(&shape);
		mfc_error_prefix(&why, "%s", member->name);
		return w->visitor->broken(w->visitor->context, &why, err);
	}
	return deliver(w, &shape, err);
}

/* A cloud of a stream as a shape: its points become vertices. */
static int visit_cloud(struct walk *w, struct mfc_cloud *cloud, const char *name, struct mfc_error *err)
{
	struct mfc_shape shape;
	const char *known = mfc_value_as_string(mfc_value_get(&cloud->extra, "split"));
	const char *split = known ? known : listed_split(w, cloud->id);
	if (!select_shape(w, cloud->id, cloud->label ? cloud->label : "", split))
		return 0;
	if (cloud->t > 0 || cloud->s > 0)
		return mfc_error_set(err, "%s: cloud \"%s\" is noised: mfc-load takes data", name, cloud->id);
	char path[4096];
	snprintf(path, sizeof path, "%s: %s", name, cloud->id);
	if (name_shape(&shape, cloud->id, cloud->label, split, path, err)) {
		mfc_shape_clear(&shape);
		return -1;
	}
	struct mfc_mesh *m = &shape.mesh;
	m->vertices = cloud->n;
	m->dim = cloud->dim;
	m->position = malloc(cloud->n * cloud->dim * sizeof *m->position);
	if (!m->position) {
		mfc_shape_clear(&shape);
		return mfc_error_memory(err);
	}
	for (size_t i = 0; i < cloud->n * cloud->dim; i++)
		m->position[i] = cloud->x[i];
	mfc_value_clear(&m->extra);
	m->extra = cloud->extra;
	cloud->extra = mfc_value_map();
	mfc_value_drop(&m->extra, "split");
	shape.center = cloud->center;
	cloud->center = NULL;
	shape.scale = cloud->scale;
	return deliver(w, &shape, err);
}

static int visit_reader(struct walk *w, struct mfc_reader *reader, const char *name, struct mfc_error *err)
{
	struct mfc_cloud cloud;
	int event, status = 0;
	mfc_cloud_init(&cloud);
	while (status == 0 && !w->full && (event = mfc_reader_next(reader, &cloud, err)) != MFC_END) {
		if (event < 0)
			status = -1;
		else if (event == MFC_HEADER)
			status = w->visitor->header(w->visitor->context, mfc_reader_header(reader), err);
		else
			status = visit_cloud(w, &cloud, name, err);
	}
	mfc_cloud_clear(&cloud);
	return status;
}

static int visit_stream(struct walk *w, FILE *in, const char *name, const char *head, size_t size, struct mfc_error *err)
{
	struct mfc_reader *reader;
	if (mfc_reader_open(&reader, in, name, w->max_record, err))
		return -1;
	int status = mfc_reader_preload(reader, head, size, err) ? -1 : visit_reader(w, reader, name, err);
	mfc_reader_close(reader);
	return status;
}

/* Standard input is a stream, read as it comes, or an archive, read whole. */
static int visit_standard_input(struct walk *w, struct mfc_error *err)
{
	unsigned char head[16];
	size_t got = 0;
	ssize_t n = 1;
	while (got < sizeof head && (n = read(STDIN_FILENO, head + got, sizeof head - got)) > 0)
		got += (size_t)n;
	if (got == 0)
		return mfc_error_set(err, "standard input: %s", n < 0 ? strerror(errno) : "empty");
	if ((head[0] & 0xf0) == 0x80 || head[0] == 0xde || head[0] == 0xdf)
		return visit_stream(w, stdin, "standard input", (char *)head, got, err);
	char *rest, *data;
	size_t size;
	if (mfc_file_read("-", MFC_MAX_MEMBER, &rest, &size, err))
		return -1;
	data = malloc(got + size + 1);
	int status = data ? 0 : mfc_error_memory(err);
	if (data) {
		memcpy(data, head, got);
		memcpy(data + got, rest, size + 1);
		if (w->selection->split)
			status = mfc_archive_visit_bytes("standard input", data, got + size, wants_list, read_list, w, err);
		if (w->entries)
			qsort(w->entry, w->entries, sizeof *w->entry, by_model);
		if (status == 0)
			status = mfc_archive_visit_bytes("standard input", data, got + size, wants_shape, visit_member, w, err);
	}
	free(rest);
	free(data);
	return status;
}

static bool is_stream(const char *path)
{
	return strcmp(mfc_mesh_extension(path), "mfc") == 0;
}

static int visit_path(struct walk *w, const char *path, struct mfc_error *err)
{
	if (strcmp(path, "-") == 0)
		return visit_standard_input(w, err);
	if (!is_stream(path))
		return mfc_archive_visit(path, wants_shape, visit_member, w, err);
	FILE *in = fopen(path, "rb");
	if (!in)
		return mfc_error_set(err, "%s: %s", path, strerror(errno));
	int status = visit_stream(w, in, path, NULL, 0, err);
	fclose(in);
	return status;
}

int mfc_dataset_visit(const char *const *path, size_t paths, const struct mfc_selection *selection, const struct mfc_dataset_visitor *visitor,
    size_t max_record, struct mfc_error *err)
{
	struct walk w = { .selection = selection, .visitor = visitor, .max_record = max_record };
	int status = 0;
	for (size_t i = 0; status == 0 && (selection->split || selection->names_only) && i < paths; i++)
		if (strcmp(path[i], "-") != 0 && !is_stream(path[i]))
			status = mfc_archive_visit(path[i], wants_list, read_list, &w, err);
	if (w.entries)
		qsort(w.entry, w.entries, sizeof *w.entry, by_model);
	for (size_t i = 0; status == 0 && !w.full && i < paths; i++)
		status = visit_path(&w, path[i], err);
	free(w.entry);
	return status;
}
