#include "load/archive.h"

#include "file.h"
#include "load/mesh.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

struct walk {
	mfc_member_filter *wanted;
	mfc_member_visitor *visit;
	void *context;
	struct mfc_error *err;
};

static int visit_bytes(const struct walk *w, const char *name, const char *path, const char *data, size_t size, int depth);

/* By the name: is it worth opening as an archive within an archive? */
static bool archive_name(const char *name)
{
	static const char *const known[] = { "zip", "jar", "npz", "tar", "tgz", "txz", "tbz2", "gz", "xz", "bz2", "zst", "7z", "cpio", "rar" };
	const char *extension = mfc_mesh_extension(name);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcasecmp(extension, known[i]) == 0)
			return true;
	return false;
}

/* By the first bytes, for what comes without a name. */
static bool archive_bytes(const char *p, size_t size)
{
	static const struct { size_t at, length; const char *magic; } known[] = {
		{ 0, 4, "PK\3\4" }, { 0, 4, "PK\5\6" }, { 0, 2, "\x1f\x8b" }, { 0, 6, "\xfd" "7zXZ\0" }, { 0, 3, "BZh" }, { 0, 4, "(\xb5/\xfd" },
		{ 0, 6, "7z\xbc\xaf\x27\x1c" }, { 257, 5, "ustar" }, { 0, 6, "070701" }, { 0, 4, "Rar!" }, { 0, 4, "LZIP" }
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (size >= known[i].at + known[i].length && memcmp(p + known[i].at, known[i].magic, known[i].length) == 0)
			return true;
	return false;
}

/* All bytes of the entry, growing as they come. */
static int read_entry(struct archive *a, char **data, size_t *size, struct mfc_error *err)
{
	size_t capacity = 65536;
	la_ssize_t got;
	*size = 0;
	*data = malloc(capacity);
	if (!*data)
		return mfc_error_memory(err);
	while ((got = archive_read_data(a, *data + *size, capacity - 1 - *size)) > 0) {
		*size += (size_t)got;
		if (*size > MFC_MAX_MEMBER)
			return mfc_error_set(err, "more than %zu bytes", MFC_MAX_MEMBER);
		if (capacity - 1 == *size) {
			char *more = realloc(*data, 2 * capacity);
			if (!more)
				return mfc_error_memory(err);
			*data = more;
			capacity *= 2;
		}
	}
	(*data)[*size] = 0;
	return got < 0 ? mfc_error_set(err, "%s", archive_error_string(a) ? archive_error_string(a) : "damaged") : 0;
}

/* A member's path: as the archive says, behind the outer archive's where one is nested. A compressed single file has no name of its own: it is
 * called as the archive without its last extension. */
static void member_path(const char *outer, int depth, struct archive *a, struct archive_entry *entry, char *path, size_t size)
{
	const char *inside = archive_entry_pathname(entry);
	bool raw = archive_format(a) == ARCHIVE_FORMAT_RAW || !inside;
	while (!raw && strncmp(inside, "./", 2) == 0)
		inside += 2;
	/* An NPZ is one shape's file, or a collection that its name stands for. */
	if (!raw && depth == 1 && strcasecmp(mfc_mesh_extension(outer), "npz") != 0) {
		snprintf(path, size, "%s", inside);
		return;
	}
	int stem = (int)strlen(outer);
	const char *dot = strrchr(outer, '.');
	if (dot && archive_name(outer))
		stem = (int)(dot - outer);
	snprintf(path, size, "%.*s%s%s", stem, outer, raw ? "" : "/", raw ? "" : inside);
}

static int visit_entries(const struct walk *w, const char *name, const char *outer, struct archive *a, int depth)
{
	struct archive_entry *entry;
	size_t count = 0;
	int got;
	while ((got = archive_read_next_header(a, &entry)) == ARCHIVE_OK || got == ARCHIVE_WARN) {
		char path[4096], full[8192], *data = NULL;
		size_t size;
		count++;
		if (archive_entry_filetype(entry) != AE_IFREG && archive_format(a) != ARCHIVE_FORMAT_RAW)
			continue;
		member_path(outer, depth, a, entry, path, sizeof path);
		if (!w->wanted(w->context, path) && !archive_name(path))
			continue;
		snprintf(full, sizeof full, "%s: %s", name, path);
		int status = read_entry(a, &data, &size, w->err);
		if (status)
			mfc_error_prefix(w->err, "%s", full);
		else
			status = visit_bytes(w, full, path, data, size, depth + 1);
		free(data);
		if (status)
			return status;
	}
	if (got == ARCHIVE_EOF)
		return 0;
	const char *why = archive_error_string(a);
	return mfc_error_set(w->err, "%s: %s%s", name, why ? why : "damaged archive", count ? "" : " (not an archive?)");
}

static struct archive *reader(void)
{
	struct archive *a = archive_read_new();
	if (a) {
		archive_read_support_filter_all(a);
		archive_read_support_format_all(a);
		archive_read_support_format_raw(a);   /* a compressed file that is no archive */
	}
	return a;
}

static int visit_archive_bytes(const struct walk *w, const char *name, const char *path, const char *data, size_t size, int depth)
{
	if (depth > MFC_ARCHIVE_DEPTH)
		return mfc_error_set(w->err, "%s: archives nested deeper than %d", name, MFC_ARCHIVE_DEPTH);
	struct archive *a = reader();
	if (!a)
		return mfc_error_memory(w->err);
	int status;
	if (archive_read_open_memory(a, data, size) != ARCHIVE_OK)
		status = mfc_error_set(w->err, "%s: %s", name, archive_error_string(a));
	else
		status = visit_entries(w, name, path, a, depth);
	archive_read_free(a);
	return status;
}

static int visit_bytes(const struct walk *w, const char *name, const char *path, const char *data, size_t size, int depth)
{
	if (archive_bytes(data, size))
		return visit_archive_bytes(w, name, path, data, size, depth);
	struct mfc_member member = { name, path, data, size };
	return w->wanted(w->context, path) ? w->visit(w->context, &member, w->err) : 0;
}

static int visit_file(const struct walk *w, const char *name, const char *path)
{
	struct archive *a;
	char magic[512] = { 0 }, *data;
	size_t size;
	FILE *f = fopen(name, "rb");
	if (!f)
		return mfc_error_set(w->err, "%s: %s", name, strerror(errno));
	size_t got = fread(magic, 1, sizeof magic, f);
	fclose(f);
	if (!archive_bytes(magic, got)) {
		if (mfc_file_read(name, MFC_MAX_MEMBER, &data, &size, w->err))
			return -1;
		struct mfc_member member = { name, path, data, size };
		int status = w->wanted(w->context, path) ? w->visit(w->context, &member, w->err) : 0;
		free(data);
		return status;
	}
	/* Archives on disk are read by libarchive itself: a zip's directory is at its end, and large ones need not fit in memory. */
	if (!(a = reader()))
		return mfc_error_memory(w->err);
	int status;
	if (archive_read_open_filename(a, name, 1 << 20) != ARCHIVE_OK)
		status = mfc_error_set(w->err, "%s: %s", name, archive_error_string(a));
	else
		status = visit_entries(w, name, path, a, 1);
	archive_read_free(a);
	return status;
}

static int visit_folder(const struct walk *w, const char *name, const char *path);

static int visit_path(const struct walk *w, const char *name, const char *path)
{
	struct stat st;
	if (stat(name, &st))
		return mfc_error_set(w->err, "%s: %s", name, strerror(errno));
	return S_ISDIR(st.st_mode) ? visit_folder(w, name, path) : visit_file(w, name, path);
}

static int visit_folder(const struct walk *w, const char *name, const char *path)
{
	struct dirent **entry;
	int count = scandir(name, &entry, NULL, alphasort), status = 0;
	if (count < 0)
		return mfc_error_set(w->err, "%s: %s", name, strerror(errno));
	for (int i = 0; i < count; i++) {
		char *full, *inside;
		struct stat st;
		if (status == 0 && entry[i]->d_name[0] != '.') {
			if (asprintf(&full, "%s/%s", name, entry[i]->d_name) < 0 ||
			    asprintf(&inside, "%s%s%s", path, *path ? "/" : "", entry[i]->d_name) < 0) {
				status = mfc_error_memory(w->err);
			} else {
				/* Files that are of no interest are not even opened. */
				bool folder = stat(full, &st) == 0 && S_ISDIR(st.st_mode);
				if (folder || w->wanted(w->context, inside) || archive_name(inside))
					status = visit_path(w, full, inside);
				free(full);
				free(inside);
			}
		}
		free(entry[i]);
	}
	free(entry);
	return status;
}

static locale_t utf8_locale;

static void make_utf8(void)
{
	utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* Names are UTF-8 whatever the user's locale. libarchive converts them by the thread's, and in C gives no name at all beyond ASCII. */
static locale_t use_utf8(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, make_utf8);
	return uselocale(utf8_locale ? utf8_locale : LC_GLOBAL_LOCALE);
}

int mfc_archive_visit(const char *path, mfc_member_filter *wanted, mfc_member_visitor *visit, void *context, struct mfc_error *err)
{
	struct walk w = { wanted, visit, context, err };
	const char *base = strrchr(path, '/');
	base = base && base[1] ? base + 1 : path;
	bool here = strcmp(base, ".") == 0 || strcmp(base, "..") == 0 || strcmp(base, "/") == 0;
	locale_t before = use_utf8();
	int status = visit_path(&w, path, here ? "" : base);
	uselocale(before);
	return status;
}

int mfc_archive_visit_bytes(const char *name, const char *data, size_t size, mfc_member_filter *wanted, mfc_member_visitor *visit, void *context,
    struct mfc_error *err)
{
	struct walk w = { wanted, visit, context, err };
	if (!archive_bytes(data, size))
		return mfc_error_set(err, "%s: neither an archive nor an mfc stream", name);
	locale_t before = use_utf8();
	int status = visit_archive_bytes(&w, name, "", data, size, 1);
	uselocale(before);
	return status;
}

struct mfc_archive {
	struct archive *out;
	int64_t time;
};

static const struct { const char *extension; bool zip, store, gzip, xz; } writable[] = {
	{ ".zip", true, false, false, false }, { ".npz", true, true, false, false }, { ".tar", false, false, false, false },
	{ ".tar.gz", false, false, true, false }, { ".tgz", false, false, true, false }, { ".tar.xz", false, false, false, true },
	{ ".txz", false, false, false, true }
};
#define WRITABLE (sizeof writable / sizeof *writable)

static size_t writable_kind(const char *name)
{
	size_t length = strlen(name), i = 0;
	for (; i < WRITABLE; i++) {
		size_t e = strlen(writable[i].extension);
		if (length > e && strcasecmp(name + length - e, writable[i].extension) == 0)
			break;
	}
	return i;
}

bool mfc_archive_writable(const char *name)
{
	return writable_kind(name) < WRITABLE;
}

int mfc_archive_create(struct mfc_archive **archive, FILE *out, const char *name, int64_t time, struct mfc_error *err)
{
	size_t kind = writable_kind(name);
	if (kind == WRITABLE)
		return mfc_error_set(err, "%s: not the name of a zip, npz or tar archive", name);
	struct mfc_archive *a = *archive = calloc(1, sizeof *a);
	if (!a || !(a->out = archive_write_new())) {
		free(a);
		return mfc_error_memory(err);
	}
	a->time = time;
	if (writable[kind].zip) {
		archive_write_set_format_zip(a->out);
		archive_write_set_options(a->out, writable[kind].store ? "zip:compression=store" : "zip:compression=deflate");
	} else {
		archive_write_set_format_pax_restricted(a->out);
	}
	if (writable[kind].gzip) {
		archive_write_add_filter_gzip(a->out);
		archive_write_set_filter_option(a->out, "gzip", "timestamp", NULL);   /* the same bytes every time */
	}
	if (writable[kind].xz)
		archive_write_add_filter_xz(a->out);
	archive_write_set_bytes_in_last_block(a->out, 1);
	if (archive_write_open_FILE(a->out, out) == ARCHIVE_OK)
		return 0;
	mfc_error_set(err, "%s: %s", name, archive_error_string(a->out));
	archive_write_free(a->out);
	free(a);
	return -1;
}

int mfc_archive_add(struct mfc_archive *a, const char *path, const char *data, size_t size, struct mfc_error *err)
{
	struct archive_entry *entry = archive_entry_new();
	if (!entry)
		return mfc_error_memory(err);
	locale_t before = use_utf8();
	archive_entry_set_pathname(entry, path);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, (la_int64_t)size);
	archive_entry_set_mtime(entry, a->time, 0);
	bool ok = archive_write_header(a->out, entry) == ARCHIVE_OK && archive_write_data(a->out, data, size) == (la_ssize_t)size;
	archive_entry_free(entry);
	uselocale(before);
	return ok ? 0 : mfc_error_set(err, "%s: %s", path, archive_error_string(a->out));
}

int mfc_archive_finish(struct mfc_archive *a, struct mfc_error *err)
{
	int bad = archive_write_close(a->out) != ARCHIVE_OK;
	if (bad)
		mfc_error_set(err, "%s", archive_error_string(a->out));
	archive_write_free(a->out);
	free(a);
	return bad ? -1 : 0;
}
