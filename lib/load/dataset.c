#include "load/dataset.h"

#include "file.h"
#include "load/archive.h"
#include "load/assimp.h"
#include "load/layout.h"
#include "load/text.h"
#include "stream/stream.h"
#include "waiting.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

struct mfc_dataset {
	const char *const *path;
	size_t paths, at;             /* the path being read is at */
	const struct mfc_selection *selection;
	size_t max_record;
	struct mfc_splits *listed;    /* by lists found in the data set */
	bool guessed;                 /* a split was made up already, so that a list comes too late */
	size_t seen, unlisted;        /* shapes met; of those that no list names, though there is one */
	struct mfc_walk *walk;        /* of the path being read, or */
	struct mfc_reader *reader;    /* its stream */
	FILE *in;
	struct mfc_cloud cloud;
	size_t number;                /* wanted shapes so far */
	bool full;                    /* the limit is reached */
	double gone, total;           /* bytes of the paths before this one, and of all */
};

void mfc_shape_clear(struct mfc_shape *shape)
{
	free(shape->id);
	free(shape->label);
	free(shape->split);
	free(shape->path);
	free(shape->center);
	mfc_mesh_clear(&shape->mesh);
	mfc_member_clear(&shape->member);
	*shape = (struct mfc_shape){ .scale = NAN };
}

size_t mfc_shape_bytes(const struct mfc_shape *shape)
{
	const struct mfc_mesh *m = &shape->mesh;
	return sizeof *shape + m->vertices * m->dim * (m->point ? sizeof *m->point : sizeof *m->position) + m->triangles * 3 * sizeof *m->triangle +
	    mfc_value_bytes(&m->extra);
}

static const char *last_part(const char *id)
{
	const char *slash = strrchr(id, '/');
	return slash ? slash + 1 : id;
}

static bool matches(const struct mfc_selection *s, const char *id, const char *label)
{
	char folder[256];   /* the synset, where the label is its name */
	snprintf(folder, sizeof folder, "%.*s", (int)strcspn(id, "/"), id);
	for (size_t i = 0; i < s->patterns; i++)
		if (fnmatch(s->pattern[i], id, 0) == 0 || fnmatch(s->pattern[i], label, 0) == 0 || fnmatch(s->pattern[i], last_part(id), 0) == 0 ||
		    fnmatch(s->pattern[i], folder, 0) == 0)
			return true;
	return s->patterns == 0;
}

static bool wants_splits(const struct mfc_dataset *d)
{
	return d->selection->split || d->selection->names_only;
}

/* The split of a shape: by the caller's lists, by its path or record, by a list of the data set; where the split matters, and there is no list, made
 * up of its name. What a list does not name is of no split: it would be a guess beside what is official. */
static const char *split_of(struct mfc_dataset *d, const char *id, const char *known)
{
	const struct mfc_selection *s = d->selection;
	const char *split = mfc_splits_of(s->splits, id);
	if (!split && *known)
		split = known;
	if (!split)
		split = mfc_splits_of(d->listed, id);
	if (!split && wants_splits(d) && (s->splits || d->listed)) {
		d->unlisted++;
	} else if (!split && wants_splits(d)) {
		d->guessed = true;
		split = mfc_split_hash(id, s->share);
	}
	return split ? split : "";
}

/* Is it asked for? Of the wanted shapes their place decides the rest. Call once for each shape. */
static bool select_shape(struct mfc_dataset *d, const char *id, const char *label, const char *split)
{
	const struct mfc_selection *s = d->selection;
	d->seen++;
	if (!matches(s, id, label) || (s->split && strcmp(split, s->split) != 0))
		return false;
	size_t number = d->number++;
	d->full = s->limit && d->number == s->limit;
	return s->shards == 0 || number % s->shards == s->shard;
}

static bool is_list(const char *path)
{
	return strcmp(last_part(path), "all.csv") == 0;
}

/* Tables about shapes rather than of points. */
static bool is_table_of_contents(const char *path)
{
	static const char *const known[] = { "all.csv", "manifest.csv", "metadata.csv" };
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcasecmp(last_part(path), known[i]) == 0)
			return true;
	return false;
}

static bool is_shape(const char *path)
{
	/* Text is a table of points where ModelNet40's resampled clouds have it; elsewhere it is anything. */
	if (strcasecmp(mfc_mesh_extension(path), "txt") == 0 && !mfc_layout_numbered(path))
		return false;
	return (mfc_mesh_reader_for(path) || mfc_assimp_knows(mfc_mesh_extension(path))) && !is_table_of_contents(path);
}

/* The list that the walk stands at. */
static int read_list(struct mfc_dataset *d, struct mfc_walk *walk, struct mfc_error *err)
{
	struct mfc_member m;
	struct mfc_fetcher f = { 0 };
	if (mfc_walk_take(walk, &m, err))
		return -1;
	int status = mfc_fetch(&f, &m, err) ? -1 : mfc_splits_add(&d->listed, m.name, NULL, m.data, m.size, err);
	mfc_fetcher_clear(&f);
	mfc_member_clear(&m);
	return status;
}

/* Lists are wanted before the shapes, where a look for them costs little. */
static int look_for_lists(struct mfc_dataset *d, const char *path, struct mfc_error *err)
{
	struct mfc_walk *walk;
	struct mfc_found found;
	struct mfc_error own;
	int event = 0, status = 0;
	if (mfc_walk_open(&walk, path, MFC_WALK_SHALLOW, err))
		return -1;
	/* What cannot be read is told when the shapes are gone through; but a list is not overlooked for want of memory. */
	while (status == 0 && (event = mfc_walk_next(walk, &found, &own)) > 0)
		if (event == MFC_WALK_FILE && is_list(found.path))
			status = read_list(d, walk, &own);
		else if (event == MFC_WALK_TROUBLE && own.scarce)
			status = -1;
	if (status || (event < 0 && own.scarce)) {
		status = -1;
		if (err)
			*err = own;
	}
	mfc_walk_close(walk);
	return status;
}

static int name_shape(struct mfc_shape *shape, const char *id, const char *label, const char *split, const char *path, struct mfc_error *err)
{
	mfc_shape_clear(shape);
	mfc_mesh_init(&shape->mesh);
	shape->id = mfc_text_utf8(id);   /* streams hold nothing else, but archives do */
	shape->label = mfc_text_utf8(label);
	shape->split = strdup(split);
	shape->path = mfc_text_utf8(path);
	return shape->id && shape->label && shape->split && shape->path ? 0 : mfc_error_memory(err);
}

#define AGAIN 100   /* nothing came of this one */

static int next_file(struct mfc_dataset *d, struct mfc_shape *shape, struct mfc_error *err)
{
	struct mfc_found found;
	int event = mfc_walk_next(d->walk, &found, err);
	if (event != MFC_WALK_FILE)
		return event == MFC_WALK_TROUBLE ? MFC_DATASET_TROUBLE : event;
	if (is_list(found.path) && !mfc_walk_shallow(d->walk) && wants_splits(d)) {
		if (d->guessed)
			return mfc_error_set(err, "%s: a list of splits that comes behind shapes: give it by --split-file", found.name);
		return read_list(d, d->walk, err) ? -1 : AGAIN;
	}
	if (!is_shape(found.path)) {
		mfc_error_set(err, "%s", found.name);
		return MFC_DATASET_OTHER;
	}
	struct mfc_layout l = mfc_layout_of(found.path);
	const char *split = split_of(d, l.id, l.split);
	if (!select_shape(d, l.id, l.label, split))
		return AGAIN;
	if (name_shape(shape, l.id, l.label, split, found.name, err))
		return -1;
	shape->size = found.size;
	return MFC_DATASET_SHAPE;
}

/* The points of a cloud become vertices. */
static int take_cloud(struct mfc_shape *shape, struct mfc_cloud *cloud)
{
	struct mfc_mesh *m = &shape->mesh;
	m->vertices = cloud->n;
	m->dim = cloud->dim;
	m->point = cloud->x;
	cloud->x = NULL;
	mfc_value_clear(&m->extra);
	m->extra = cloud->extra;
	cloud->extra = mfc_value_map();
	mfc_value_drop(&m->extra, "split");
	shape->center = cloud->center;
	cloud->center = NULL;
	shape->scale = cloud->scale;
	return MFC_DATASET_SHAPE;
}

static const char *name_of(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

static int next_record(struct mfc_dataset *d, struct mfc_shape *shape, struct mfc_error *err)
{
	struct mfc_cloud *cloud = &d->cloud;
	int event = mfc_reader_next(d->reader, cloud, err);
	if (event == MFC_HEADER)
		return MFC_DATASET_HEADER;
	if (event <= 0)
		return event == MFC_END ? MFC_DATASET_END : -1;
	const char *known = mfc_value_as_string(mfc_value_get(&cloud->extra, "split")), *label = cloud->label ? cloud->label : "";
	const char *split = split_of(d, cloud->id, known ? known : "");
	if (!select_shape(d, cloud->id, label, split))
		return AGAIN;
	if (cloud->t > 0 || cloud->s > 0)
		return mfc_error_set(err, "%s: cloud \"%s\" is noised: mfc-load takes data", name_of(d->path[d->at]), cloud->id);
	char path[4096];
	snprintf(path, sizeof path, "%s: %s", name_of(d->path[d->at]), cloud->id);
	return name_shape(shape, cloud->id, label, split, path, err) ? -1 : take_cloud(shape, cloud);
}

static int open_stream(struct mfc_dataset *d, FILE *in, const char *head, size_t size, struct mfc_error *err)
{
	d->in = in;
	if (mfc_reader_open(&d->reader, in, name_of(d->path[d->at]), d->max_record, err))
		return -1;
	return mfc_reader_preload(d->reader, head, size, err);
}

/* Standard input is a stream or an archive, by its first bytes; both are read as they come. */
static int open_standard_input(struct mfc_dataset *d, struct mfc_error *err)
{
	char head[512];
	mfc_waiting_enter(MFC_WAITS_INPUT);
	ssize_t got = mfc_file_fill(STDIN_FILENO, head, sizeof head);
	mfc_waiting_leave(MFC_WAITS_INPUT);
	if (got < 0)
		return mfc_error_system(err, "standard input");
	if (got == 0)
		return mfc_error_set(err, "standard input: empty");
	unsigned char first = (unsigned char)head[0];
	if ((first & 0xf0) == 0x80 || first == 0xde || first == 0xdf)
		return open_stream(d, stdin, head, (size_t)got, err);
	return mfc_walk_open_descriptor(&d->walk, STDIN_FILENO, "standard input", head, (size_t)got, err);
}

static bool is_stream(const char *path)
{
	return strcmp(mfc_mesh_extension(path), "mfc") == 0;
}

static int open_path(struct mfc_dataset *d, const char *path, struct mfc_error *err)
{
	if (strcmp(path, "-") == 0)
		return open_standard_input(d, err);
	if (!is_stream(path))
		return mfc_walk_open(&d->walk, path, d->selection->names_only ? MFC_WALK_NAMES : MFC_WALK_ALL, err);
	FILE *in = fopen(path, "rb");
	return in ? open_stream(d, in, NULL, 0, err) : mfc_error_system(err, path);
}

static void close_path(struct mfc_dataset *d)
{
	struct stat st;
	mfc_walk_close(d->walk);
	mfc_reader_close(d->reader);
	if (d->in && d->in != stdin)
		fclose(d->in);
	d->walk = NULL;
	d->reader = NULL;
	d->in = NULL;
	if (d->at < d->paths && stat(d->path[d->at], &st) == 0)
		d->gone += (double)st.st_size;
}

int mfc_dataset_next(struct mfc_dataset *d, struct mfc_shape *shape, struct mfc_error *err)
{
	for (int event = AGAIN;;) {
		if (d->full || d->at == d->paths)
			return MFC_DATASET_END;
		if (!d->walk && !d->reader && open_path(d, d->path[d->at], err))
			return -1;
		event = d->walk ? next_file(d, shape, err) : next_record(d, shape, err);
		if (event != AGAIN && event != MFC_DATASET_END)
			return event;
		if (event == MFC_DATASET_END) {
			close_path(d);
			d->at++;
		}
	}
}

const struct mfc_value *mfc_dataset_header(const struct mfc_dataset *d)
{
	return mfc_reader_header(d->reader);
}

int mfc_dataset_take(struct mfc_dataset *d, struct mfc_shape *shape, struct mfc_error *err)
{
	return d->walk ? mfc_walk_take(d->walk, &shape->member, err) : 0;
}

int mfc_shape_decode(struct mfc_shape *shape, struct mfc_fetcher *fetcher, struct mfc_error *err)
{
	struct mfc_member *m = &shape->member;
	if (!m->path)
		return 0;   /* a cloud of a stream */
	int status = mfc_fetch(fetcher, m, err);
	if (status)
		return status;
	mfc_mesh_reader *read = mfc_mesh_reader_for(m->path);
	status = read ? read(&shape->mesh, m->data, m->size, err)
	              : mfc_assimp_read(&shape->mesh, m->data, m->size, mfc_mesh_extension(m->path), err);
	if (status)
		mfc_error_prefix(err, "%s", m->name);
	mfc_member_clear(m);   /* before points are drawn: it may be large */
	return status ? -1 : 0;
}

size_t mfc_dataset_seen(const struct mfc_dataset *d, size_t *unlisted)
{
	*unlisted = d->unlisted;
	return d->seen;
}

void mfc_dataset_progress(const struct mfc_dataset *d, double *done, double *total)
{
	*done = d->gone + (d->walk ? (double)mfc_walk_position(d->walk) : d->in && d->in != stdin ? (double)ftell(d->in) : 0);
	*total = d->total;
}

/* Bytes of all paths, where all are files. */
static double size_of_all(const char *const *path, size_t paths)
{
	double total = 0;
	struct stat st;
	for (size_t i = 0; i < paths; i++) {
		if (stat(path[i], &st) || !S_ISREG(st.st_mode))
			return 0;
		total += (double)st.st_size;
	}
	return total;
}

int mfc_dataset_open(struct mfc_dataset **dataset, const char *const *path, size_t paths, const struct mfc_selection *selection, size_t max_record,
    struct mfc_error *err)
{
	struct mfc_dataset *d = *dataset = calloc(1, sizeof *d);
	int status = 0;
	if (!d)
		return mfc_error_memory(err);
	*d = (struct mfc_dataset){ .path = path, .paths = paths, .selection = selection, .max_record = max_record, .total = size_of_all(path, paths) };
	mfc_cloud_init(&d->cloud);
	for (size_t i = 0; status == 0 && wants_splits(d) && i < paths; i++)
		if (strcmp(path[i], "-") != 0 && !is_stream(path[i]))
			status = look_for_lists(d, path[i], err);
	if (status) {
		mfc_dataset_close(d);
		*dataset = NULL;
	}
	return status;
}

void mfc_dataset_close(struct mfc_dataset *d)
{
	if (!d)
		return;
	close_path(d);
	mfc_cloud_clear(&d->cloud);
	mfc_splits_free(d->listed);
	free(d);
}
