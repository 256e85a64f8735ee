#include "load/walk.h"

#include "file.h"
#include "load/archive.h"
#include "load/hdf5.h"
#include "load/mesh.h"
#include "load/npy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEVELS 72          /* folders in folders and archives in archives */
#define HEAD 512

/* What is open: the last level is what the walk goes through. */
struct level {
	enum { FOLDER, FILE_ALONE, ARCHIVE, CLOUDS, ROWS } kind;
	char *name, *path;          /* for messages; within what was given */
	char *file;                 /* on disk, or NULL */
	struct dirent **entry;      /* FOLDER */
	int entries;
	struct mfc_unpack *archive;
	uint64_t packed, taken;     /* a file's bytes, and of its entries that were taken, unpacked */
	bool single, points;        /* an NPZ of one array, or of one called points: the shape, which is called as the file */
	struct mfc_hdf5 *hdf5;
	char *data;                 /* ROWS: the array of all */
	size_t bytes, rows;
	size_t next;                /* entry or row */
};

struct mfc_walk {
	struct level level[LEVELS];
	size_t levels;
	unsigned how;
	char name[8192], path[4096];   /* of the file found */
	uint64_t size;
	const char *locked;            /* why it cannot be read */
	char *row;                     /* its bytes, of CLOUDS and ROWS */
	size_t row_size;
	void *folders;                 /* that were entered, of struct folder (tsearch) */
	uint64_t gone;                 /* bytes of files that were passed in folders */
};

static void close_level(struct level *l)
{
	for (int i = 0; i < l->entries; i++)
		free(l->entry[i]);
	free(l->entry);
	mfc_unpack_close(l->archive);
	mfc_hdf5_close(l->hdf5);
	free(l->data);
	free(l->name);
	free(l->path);
	free(l->file);
	*l = (struct level){ 0 };
}

static struct level *top(struct mfc_walk *w)
{
	return &w->level[w->levels - 1];
}

static void pop(struct mfc_walk *w)
{
	close_level(top(w));
	w->levels--;
}

/* A new last level; its name, path and file are copied. */
static struct level *push(struct mfc_walk *w, int kind, const char *name, const char *path, const char *file, struct mfc_error *err)
{
	if (w->levels == LEVELS) {
		mfc_error_set(err, "%s: nested deeper than %d", name, LEVELS);
		return NULL;
	}
	struct level *l = &w->level[w->levels];
	*l = (struct level){ .kind = kind, .name = strdup(name), .path = strdup(path), .file = file ? strdup(file) : NULL };
	if (!l->name || !l->path || (file && !l->file)) {
		mfc_error_memory(err);
		close_level(l);
		return NULL;
	}
	w->levels++;
	return l;
}

/* Undo a push that came to nothing. Always returns -1, with the level's name before the message. */
static int refuse(struct mfc_walk *w, struct mfc_error *err)
{
	mfc_error_prefix(err, "%s", top(w)->name);
	pop(w);
	return -1;
}

static bool is_hdf5(const char *path)
{
	const char *extension = mfc_mesh_extension(path);
	return strcasecmp(extension, "h5") == 0 || strcasecmp(extension, "hdf5") == 0;
}

static bool is_npy(const char *path)
{
	return strcasecmp(mfc_mesh_extension(path), "npy") == 0;
}

static bool is_npz(const char *path)
{
	return strcasecmp(mfc_mesh_extension(path), "npz") == 0;
}

static int look_into_npz(struct level *l, struct mfc_error *err)
{
	return is_npz(l->path) ? mfc_unpack_single(l->archive, "points.npy", &l->single, &l->points, err) : 0;
}

static size_t archives(const struct mfc_walk *w)
{
	size_t count = 0;
	for (size_t i = 0; i < w->levels; i++)
		count += w->level[i].kind == ARCHIVE;
	return count;
}

struct folder { dev_t device; ino_t inode; };

static int by_place(const void *a, const void *b)
{
	const struct folder *p = a, *q = b;
	return p->inode != q->inode ? (p->inode > q->inode) - (p->inode < q->inode) : (p->device > q->device) - (p->device < q->device);
}

/* Whether it is the first time; -1 where memory is short. Links may lead to a folder in many ways, and back to one that they are in: once is enough. */
static int first_time(struct mfc_walk *w, const struct stat *st)
{
	struct folder *here = malloc(sizeof *here), **kept;
	if (!here)
		return -1;
	*here = (struct folder){ st->st_dev, st->st_ino };
	kept = tsearch(here, &w->folders, by_place);
	if (kept && *kept == here)
		return 1;
	free(here);
	return kept ? 0 : -1;
}

static int enter_folder(struct mfc_walk *w, const char *name, const char *path, const struct stat *st, struct mfc_error *err)
{
	int first = first_time(w, st);
	if (first <= 0)
		return first ? mfc_error_memory(err) : 0;
	struct level *l = push(w, FOLDER, name, path, name, err);
	if (!l)
		return -1;
	l->entries = scandir(name, &l->entry, NULL, alphasort);
	if (l->entries >= 0)
		return 0;
	l->entries = 0;
	mfc_error_system(err, name);
	pop(w);
	return -1;
}

static int enter_archive_file(struct mfc_walk *w, const char *name, const char *path, struct mfc_error *err)
{
	struct level *l = push(w, ARCHIVE, name, path, name, err);
	if (!l)
		return -1;
	if (mfc_unpack_file(&l->archive, name, err))
		return refuse(w, err);
	struct stat st;
	l->packed = stat(name, &st) == 0 ? (uint64_t)st.st_size : 0;
	return look_into_npz(l, err) ? refuse(w, err) : 0;
}

static int enter_hdf5(struct mfc_walk *w, const char *name, const char *path, const char *file, char *data, size_t size, struct mfc_error *err)
{
	struct level *l = push(w, CLOUDS, name, path, file, err);
	if (!l) {
		free(data);
		return -1;
	}
	l->data = data;
	return mfc_hdf5_open(&l->hdf5, file ? file : path, data, size, w->how & MFC_WALK_NAMES, err) ? refuse(w, err) : 0;
}

/* The array of many clouds, which is taken. */
static int enter_rows(struct mfc_walk *w, const char *name, const char *path, char *data, size_t size, struct mfc_error *err)
{
	size_t rows;
	if (!mfc_npy_many(data, size, &rows)) {
		free(data);
		return mfc_error_set(err, "%s: byte %zu: ends within the numbers", name, size);
	}
	struct level *l = push(w, ROWS, name, path, NULL, err);
	if (!l) {
		free(data);
		return -1;
	}
	l->data = data;
	l->bytes = size;
	l->rows = rows;
	return 0;
}

static long read_head(const char *file, char head[HEAD])
{
	int fd = open(file, O_RDONLY);
	long got = fd < 0 ? -1 : (long)mfc_file_fill(fd, head, HEAD);
	if (fd >= 0)
		close(fd);
	return got;
}

/* Found: what take and the caller need to know of it. */
static int found(struct mfc_walk *w, const char *name, const char *path, uint64_t size, const char *locked)
{
	if (name != w->name)
		snprintf(w->name, sizeof w->name, "%s", name);
	if (path != w->path)
		snprintf(w->path, sizeof w->path, "%s", path);
	w->size = size;
	w->locked = locked;
	return MFC_WALK_FILE;
}

#define ENTERED 100   /* or passed over: look again */

/* A file of a folder, or a path by itself: `looked` says that its first bytes decide, rather than its name. */
static int meet_file(struct mfc_walk *w, const char *name, const char *path, const struct stat *st, bool looked, struct mfc_error *err)
{
	char head[HEAD] = { 0 };
	long got = looked || is_npy(path) ? read_head(name, head) : 0;
	if (got < 0)
		return mfc_error_system(err, name), looked ? -1 : MFC_WALK_TROUBLE;
	/* One that cannot be opened costs only itself, unless it is the path. */
	if ((looked && mfc_archive_bytes(head, (size_t)got)) || mfc_archive_name(path))
		return enter_archive_file(w, name, path, err) ? MFC_WALK_TROUBLE : ENTERED;
	if (w->how & MFC_WALK_SHALLOW)
		return found(w, name, path, (uint64_t)st->st_size, NULL);
	if (looked ? got >= 4 && memcmp(head, "\x89HDF", 4) == 0 : is_hdf5(path))
		return enter_hdf5(w, name, path, name, NULL, 0, err) ? MFC_WALK_TROUBLE : ENTERED;
	if (is_npy(path) && mfc_npy_stacked(head, (size_t)got)) {
		char *data;
		size_t size;
		if (mfc_file_read(name, MFC_MAX_MEMBER, &data, &size, err) || enter_rows(w, name, path, data, size, err))
			return MFC_WALK_TROUBLE;
		return ENTERED;
	}
	return found(w, name, path, (uint64_t)st->st_size, NULL);
}

static int next_in_folder(struct mfc_walk *w, struct mfc_error *err)
{
	struct level *l = top(w);
	if (l->next == (size_t)l->entries)
		return MFC_WALK_END;
	const char *base = l->entry[l->next++]->d_name;
	char name[sizeof w->name], path[sizeof w->path];
	struct stat st;
	if (base[0] == '.')
		return ENTERED;
	if (snprintf(name, sizeof name, "%s/%s", l->name, base) >= (int)sizeof name ||
	    snprintf(path, sizeof path, "%s%s%s", l->path, *l->path ? "/" : "", base) >= (int)sizeof path)
		return mfc_error_set(err, "%s: a path of more than %zu bytes", l->name, sizeof path - 1), MFC_WALK_TROUBLE;
	if (stat(name, &st))
		return mfc_error_system(err, name), MFC_WALK_TROUBLE;
	if (S_ISDIR(st.st_mode))
		return enter_folder(w, name, path, &st, err) ? MFC_WALK_TROUBLE : ENTERED;
	if (!S_ISREG(st.st_mode))
		return ENTERED;
	w->gone += (uint64_t)st.st_size;
	return meet_file(w, name, path, &st, false, err);
}

/* A member's path: as the archive says, behind the outer archive's where one is nested. A compressed single file has no name of its own: it is
 * called as the archive without its last extension. */
static bool member_path(const struct level *l, bool nested, const struct mfc_entry *entry, char *path, size_t size)
{
	/* An NPZ is a collection that its name stands for, or one shape's file. */
	if (!entry->raw && !nested && !is_npz(l->path))
		return snprintf(path, size, "%s", entry->path) < (int)size;
	int stem = (int)strlen(l->path);
	const char *dot = strrchr(l->path, '.');
	if (dot && mfc_archive_name(l->path))
		stem = (int)(dot - l->path);
	if (l->single || l->points)
		return snprintf(path, size, "%.*s.%s", stem, l->path, mfc_mesh_extension(entry->path)) < (int)size;
	return snprintf(path, size, "%.*s%s%s", stem, l->path, entry->raw ? "" : "/", entry->raw ? "" : entry->path) < (int)size;
}

/* Is the last level's archive the path itself, so that where it ends the walk ends? */
static bool is_all(const struct mfc_walk *w)
{
	return archives(w) == 1 && w->level[0].kind != FOLDER;
}

/* What it means that an entry of the last level's archive cannot be read: the end of the walk, of that archive, or of nothing but the entry. */
static int unreadable(struct mfc_walk *w, int status, struct mfc_error *err)
{
	mfc_error_prefix(err, "%s", w->name);
	if (status == -3 || (status == -2 && is_all(w)))
		return -1;
	if (status == -2)
		pop(w);
	return MFC_WALK_TROUBLE;
}

/* An archive within the archive of the last level. */
static int enter_nested(struct mfc_walk *w, const struct mfc_entry *entry, struct mfc_error *err)
{
	struct level *outer = top(w);
	bool large = entry->size != MFC_SIZE_UNKNOWN && entry->size > MFC_NESTED_MEMORY;
	char *data = NULL;
	size_t size;
	if (archives(w) == MFC_ARCHIVE_DEPTH)
		return mfc_error_set(err, "%s: archives nested deeper than %d", w->name, MFC_ARCHIVE_DEPTH);
	int status = entry->locked ? mfc_error_set(err, "%s", entry->locked) : large ? 0 : mfc_unpack_read(outer->archive, &data, &size, err);
	if (status)
		return unreadable(w, status, err);
	struct level *l = push(w, ARCHIVE, w->name, w->path, NULL, err);
	if (!l) {
		free(data);
		return -1;
	}
	if ((large ? mfc_unpack_within(&l->archive, outer->archive, err) : mfc_unpack_bytes(&l->archive, data, size, outer->archive, err)) ||
	    look_into_npz(l, err)) {
		refuse(w, err);
		return MFC_WALK_TROUBLE;
	}
	return ENTERED;
}

/* An entry that holds many clouds, which are looked for in memory. */
static int enter_collection(struct mfc_walk *w, struct mfc_error *err)
{
	char *data;
	size_t size;
	int status = mfc_unpack_read(top(w)->archive, &data, &size, err);
	if (status)
		return unreadable(w, status, err);
	status = is_npy(w->path) ? enter_rows(w, w->name, w->path, data, size, err) : enter_hdf5(w, w->name, w->path, NULL, data, size, err);
	return status ? MFC_WALK_TROUBLE : ENTERED;
}

/* The end of an archive that cannot be read on: of one in a folder or another archive only that one's, unless it is a bomb. */
static int broken_archive(struct mfc_walk *w, int status, struct mfc_error *err)
{
	const struct level *l = top(w);
	mfc_error_prefix(err, "%s", l->name);
	if (l->next == 0 && status == -1) {
		size_t length = strlen(err->message);
		snprintf(err->message + length, sizeof err->message - length, " (not an archive?)");
	}
	if (status == -3 || is_all(w))
		return -1;
	pop(w);
	return MFC_WALK_TROUBLE;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* What macOS adds to archives: files of the same names that hold something else. */
static bool is_litter(const char *path)
{
	return strncmp(path, "__MACOSX/", 9) == 0 || strncmp(last_part(path), "._", 2) == 0;
}

static int next_in_archive(struct mfc_walk *w, struct mfc_error *err)
{
	struct level *l = top(w);
	struct mfc_entry entry;
	char head[HEAD];
	int got = mfc_unpack_next(l->archive, &entry, err);
	if (got < 0)
		return broken_archive(w, got, err);
	if (got == 0)
		return MFC_WALK_END;
	l->next++;
	if (w->how & MFC_WALK_SHALLOW && !mfc_unpack_skips(l->archive))
		return MFC_WALK_END;
	if (!entry.file || is_litter(entry.path) || (l->points && strcmp(entry.path, "points.npy") != 0))
		return ENTERED;
	if (!member_path(l, archives(w) > 1, &entry, w->path, sizeof w->path) ||
	    snprintf(w->name, sizeof w->name, "%s: %s", l->name, entry.raw ? last_part(w->path) : entry.path) >= (int)sizeof w->name)
		return mfc_error_set(err, "%s: a path of more than %zu bytes", l->name, sizeof w->path - 1), MFC_WALK_TROUBLE;
	if (w->how & MFC_WALK_SHALLOW)
		return found(w, w->name, w->path, entry.size, entry.locked);
	if (mfc_archive_name(w->path))
		return enter_nested(w, &entry, err);
	if (!entry.locked && is_hdf5(w->path))
		return enter_collection(w, err);
	if (!entry.locked && is_npy(w->path)) {
		long there = mfc_unpack_peek(l->archive, head, sizeof head);
		if (there > 0 && mfc_npy_stacked(head, (size_t)there))
			return enter_collection(w, err);
	}
	return found(w, w->name, w->path, entry.size, entry.locked);
}

static int next_cloud(struct mfc_walk *w, struct mfc_error *err)
{
	struct level *l = top(w);
	const char *member;
	int got = mfc_hdf5_next(l->hdf5, &member, &w->row, &w->row_size, err);
	if (got < 0) {
		mfc_error_prefix(err, "%s", l->name);
		pop(w);
		return MFC_WALK_TROUBLE;
	}
	if (got == 0)
		return MFC_WALK_END;
	/* Behind the file's own path, so that two files with the same datasets stay apart. */
	snprintf(w->path, sizeof w->path, "%.*s/%s", (int)(strlen(l->path) - strlen(mfc_mesh_extension(l->path)) - 1), l->path, member);
	snprintf(w->name, sizeof w->name, "%s: %s", l->name, member);
	return found(w, w->name, w->path, w->how & MFC_WALK_NAMES ? MFC_SIZE_UNKNOWN : w->row_size, NULL);
}

static int next_row(struct mfc_walk *w, struct mfc_error *err)
{
	struct level *l = top(w);
	if (l->next == l->rows)
		return MFC_WALK_END;
	if (!(w->how & MFC_WALK_NAMES) && mfc_npy_row(l->data, l->bytes, l->next, &w->row, &w->row_size, err)) {
		mfc_error_prefix(err, "%s", l->name);
		pop(w);
		return MFC_WALK_TROUBLE;
	}
	snprintf(w->path, sizeof w->path, "%.*s/%zu.npy", (int)(strlen(l->path) - strlen(".npy")), l->path, l->next);
	snprintf(w->name, sizeof w->name, "%s: cloud %zu", l->name, l->next);
	l->next++;
	return found(w, w->name, w->path, w->row_size, NULL);
}

int mfc_walk_next(struct mfc_walk *w, struct mfc_found *f, struct mfc_error *err)
{
	int event = ENTERED;
	free(w->row);
	w->row = NULL;
	while (event == ENTERED) {
		if (w->levels == 0)
			return MFC_WALK_END;
		switch (top(w)->kind) {
		case FOLDER: event = next_in_folder(w, err); break;
		case ARCHIVE: event = next_in_archive(w, err); break;
		case CLOUDS: event = next_cloud(w, err); break;
		case ROWS: event = next_row(w, err); break;
		case FILE_ALONE: event = top(w)->next++ ? MFC_WALK_END : MFC_WALK_FILE; break;
		}
		if (event == MFC_WALK_END) {
			pop(w);
			event = ENTERED;
		}
	}
	if (event == MFC_WALK_FILE)
		*f = (struct mfc_found){ w->name, w->path, w->size };
	return event;
}

int mfc_walk_open(struct mfc_walk **walk, const char *path, unsigned how, struct mfc_error *err)
{
	struct mfc_walk *w = *walk = calloc(1, sizeof *w);
	struct stat st;
	const char *base = strrchr(path, '/');
	if (!w)
		return mfc_error_memory(err);
	w->how = how;
	base = base && base[1] ? base + 1 : path;
	int status;
	if (stat(path, &st)) {
		status = mfc_error_system(err, path);
	} else if (S_ISDIR(st.st_mode)) {
		bool here = strcmp(base, ".") == 0 || strcmp(base, "..") == 0 || strcmp(base, "/") == 0;
		status = enter_folder(w, path, here ? "" : base, &st, err);
	} else if (!S_ISREG(st.st_mode)) {
		status = mfc_error_set(err, "%s: neither a file nor a folder: what comes through a pipe is read from standard input", path);
	} else {
		status = meet_file(w, path, base, &st, true, err);
		if (status == MFC_WALK_TROUBLE)
			status = -1;
		if (status == MFC_WALK_FILE)
			status = push(w, FILE_ALONE, path, base, path, err) ? 0 : -1;
	}
	if (status >= 0)
		return 0;
	mfc_walk_close(w);
	*walk = NULL;
	return -1;
}

int mfc_walk_open_descriptor(struct mfc_walk **walk, int fd, const char *name, const char *head, size_t size, struct mfc_error *err)
{
	struct mfc_walk *w = *walk = calloc(1, sizeof *w);
	if (!w)
		return mfc_error_memory(err);
	struct level *l = NULL;
	if (!mfc_archive_bytes(head, size))
		mfc_error_set(err, "%s: neither an archive nor an mfc stream", name);
	else if ((l = push(w, ARCHIVE, name, "", NULL, err)) && mfc_unpack_descriptor(&l->archive, fd, head, size, err) == 0)
		return 0;
	if (l)
		mfc_error_prefix(err, "%s", name);
	mfc_walk_close(w);
	*walk = NULL;
	return -1;
}

void mfc_walk_close(struct mfc_walk *w)
{
	if (!w)
		return;
	while (w->levels)
		pop(w);
	tdestroy(w->folders, free);
	free(w->row);
	free(w);
}

bool mfc_walk_shallow(const struct mfc_walk *w)
{
	const struct level *l = &w->level[w->levels - 1];
	return l->kind == FOLDER || l->kind == FILE_ALONE || (l->kind == ARCHIVE && mfc_unpack_skips(l->archive));
}

uint64_t mfc_walk_position(const struct mfc_walk *w)
{
	return w->levels && w->level[0].kind == ARCHIVE ? mfc_unpack_position(w->level[0].archive) : w->gone;
}

int mfc_walk_take(struct mfc_walk *w, struct mfc_member *m, struct mfc_error *err)
{
	struct level *l = top(w);
	*m = (struct mfc_member){ .name = strdup(w->name), .path = strdup(w->path), .entry = SIZE_MAX };
	int status = m->name && m->path ? 0 : mfc_error_memory(err);
	if (status == 0 && w->locked) {
		status = mfc_error_set(err, "%s", w->locked);
	} else if (status == 0 && (l->kind == CLOUDS || l->kind == ROWS)) {
		m->data = w->row;
		m->size = w->row_size;
		w->row = NULL;
	} else if (status == 0 && l->kind == ARCHIVE && !(l->file && mfc_unpack_skips(l->archive))) {
		status = mfc_unpack_read(l->archive, &m->data, &m->size, err);
	} else if (status == 0 && l->kind == ARCHIVE && mfc_is_bomb(l->taken += w->size == MFC_SIZE_UNKNOWN ? 0 : w->size, l->packed)) {
		/* Judged here, by what they claim, and not by what each thread has unpacked. */
		status = mfc_error_set(err, "unpacks to more than %d times its size: a decompression bomb?", MFC_MAX_RATIO) - 2;
	} else if (status == 0) {
		m->file = strdup(l->kind == ARCHIVE ? l->file : w->name);
		m->entry = l->kind == ARCHIVE ? l->next - 1 : SIZE_MAX;
		status = m->file ? 0 : mfc_error_memory(err);
	}
	if (status == 0)
		return 0;
	mfc_member_clear(m);
	if (l->kind == ARCHIVE)
		return unreadable(w, status, err) < 0 ? -2 : -1;
	return mfc_error_prefix(err, "%s", w->name);
}
