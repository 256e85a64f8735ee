#include "load/archive.h"

#include "file.h"
#include "load/mesh.h"
#include "waiting.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK ((size_t)32 << 10)   /* so much may be taken for packed before it is */
#define PEEK 512

struct mfc_unpack {
	struct archive *in;
	struct archive_entry *entry;
	char *data;                 /* of an archive in memory, or what was read of a descriptor before */
	size_t size;
	int fd;                     /* of a descriptor */
	struct mfc_unpack *outer;   /* the archive that this one is within, or NULL */
	char *block;                /* what the callbacks read into */
	char *path;                 /* of a file */
	bool directory;             /* a zip's, at its end */
	char peeked[PEEK];
	size_t ahead;               /* bytes in peeked */
	uint64_t unpacked, farthest;   /* what came out of it and of the archives within; the last packed byte that was read */
	size_t members;
};

bool mfc_archive_name(const char *name)
{
	static const char *const known[] = { "zip", "jar", "sh3f", "npz", "tar", "tgz", "txz", "tbz2", "tzst", "gz", "xz", "bz2", "zst", "lz4", "lzma", "7z",
		"cpio", "rar", "deb", "ar", "rpm", "iso", "lha", "cab" };
	const char *extension = mfc_mesh_extension(name);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcasecmp(extension, known[i]) == 0)
			return true;
	return false;
}

bool mfc_archive_bytes(const char *p, size_t size)
{
	static const struct { size_t at, length; const char *magic; } known[] = {
		{ 0, 4, "PK\3\4" }, { 0, 4, "PK\5\6" }, { 0, 2, "\x1f\x8b" }, { 0, 6, "\xfd" "7zXZ\0" }, { 0, 3, "BZh" }, { 0, 4, "(\xb5/\xfd" },
		{ 0, 4, "\x04\x22\x4d\x18" }, { 0, 6, "7z\xbc\xaf\x27\x1c" }, { 257, 5, "ustar" }, { 0, 6, "070701" }, { 0, 4, "Rar!" },
		{ 0, 4, "LZIP" }, { 0, 8, "!<arch>\n" }, { 0, 4, "\xed\xab\xee\xdb" }, { 0, 4, "MSCF" }
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (size >= known[i].at + known[i].length && memcmp(p + known[i].at, known[i].magic, known[i].length) == 0)
			return true;
	return false;
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

static int fail(const struct mfc_unpack *u, const char *otherwise, struct mfc_error *err)
{
	/* EILSEQ and EINVAL are its own, the format's fault and the caller's; and memory may lack for a length that the archive lied about. */
	int number = archive_errno(u->in);
	if (number > 0 && number != EILSEQ && number != EINVAL && number != ENOMEM) {
		errno = number;
		return mfc_error_system(err, NULL);
	}
	const char *why = archive_error_string(u->in);
	return mfc_error_set(err, "%s", why ? why : otherwise);
}

static struct archive *reader(void)
{
	/* Not all: mtree names files of the host to be read, and some filters run programs. Raw is a compressed file that is no archive. */
	static int (*const filters[])(struct archive *) = { archive_read_support_filter_gzip, archive_read_support_filter_bzip2,
		archive_read_support_filter_xz, archive_read_support_filter_lzma, archive_read_support_filter_zstd, archive_read_support_filter_lz4,
		archive_read_support_filter_lzip, archive_read_support_filter_compress, archive_read_support_filter_rpm };
	static int (*const formats[])(struct archive *) = { archive_read_support_format_zip, archive_read_support_format_tar,
		archive_read_support_format_7zip, archive_read_support_format_cpio, archive_read_support_format_ar, archive_read_support_format_rar,
		archive_read_support_format_rar5, archive_read_support_format_lha, archive_read_support_format_cab, archive_read_support_format_iso9660,
		archive_read_support_format_empty, archive_read_support_format_raw };
	struct archive *in = archive_read_new();
	bool ok = in != NULL;
	for (size_t i = 0; ok && i < sizeof filters / sizeof *filters; i++)
		ok = filters[i](in) >= ARCHIVE_WARN;
	for (size_t i = 0; ok && i < sizeof formats / sizeof *formats; i++)
		ok = formats[i](in) >= ARCHIVE_WARN;
	if (!ok)
		archive_read_free(in);
	return ok ? in : NULL;
}

static int make(struct mfc_unpack **archive, struct mfc_error *err)
{
	struct mfc_unpack *u = *archive = calloc(1, sizeof *u);
	if (u && (u->in = reader())) {
		u->fd = -1;
		return 0;
	}
	free(u);
	*archive = NULL;
	return mfc_error_memory(err);
}

#define STARVED (ARCHIVE_FATAL - 1)   /* there was no memory of ours */

/* What opening came to. */
static int opened(struct mfc_unpack **archive, int status, struct mfc_error *err)
{
	/* Without memory to look at the first bytes libarchive takes them for an empty archive, and says so nowhere but here. */
	if (status == ARCHIVE_OK && archive_errno((*archive)->in) != ENOMEM)
		return 0;
	if (status == STARVED)
		mfc_error_memory(err);
	else
		fail(*archive, "cut short, or no archive", err);
	mfc_unpack_close(*archive);
	*archive = NULL;
	return -1;
}

#define TAIL ((size_t)66 << 10)   /* the end of a zip's directory is within it */

/* Does what is perhaps a zip end in a directory? Without one, as where it was truncated, libarchive reads it from front to back. */
static int look_for_directory(struct mfc_unpack *u)
{
	size_t length = u->size < TAIL ? u->size : TAIL;
	if (u->data) {
		u->directory = memmem(u->data + u->size - length, length, "PK\5\6", 4) != NULL;
		return ARCHIVE_OK;
	}
	char *tail = malloc(TAIL);
	if (!tail)
		return STARVED;
	int fd = open(u->path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && lseek(fd, -(off_t)TAIL, SEEK_END) < 0)
		lseek(fd, 0, SEEK_SET);
	ssize_t got = fd < 0 ? -1 : mfc_file_fill(fd, tail, TAIL);
	if (got < 0)
		archive_set_error(u->in, errno, "%s", strerror(errno));
	u->directory = got > 0 && memmem(tail, (size_t)got, "PK\5\6", 4) != NULL;
	free(tail);
	if (fd >= 0)
		close(fd);
	return got < 0 ? ARCHIVE_FATAL : ARCHIVE_OK;
}

/* An archive in a file or in memory, from its beginning. */
static int start(struct mfc_unpack *u)
{
	int status = u->directory ? ARCHIVE_OK : look_for_directory(u);
	if (status != ARCHIVE_OK)
		return status;
	return u->path ? archive_read_open_filename(u->in, u->path, BLOCK) : archive_read_open_memory(u->in, u->data, u->size);
}

int mfc_unpack_file(struct mfc_unpack **archive, const char *path, struct mfc_error *err)
{
	if (make(archive, err))
		return -1;
	(*archive)->path = strdup(path);
	return opened(archive, (*archive)->path ? start(*archive) : STARVED, err);
}

int mfc_unpack_bytes(struct mfc_unpack **archive, char *data, size_t size, struct mfc_unpack *outer, struct mfc_error *err)
{
	if (make(archive, err)) {
		free(data);
		return -1;
	}
	(*archive)->data = data;
	(*archive)->size = size;
	(*archive)->outer = outer;
	return opened(archive, start(*archive), err);
}

/* The bytes that were read before, then the descriptor's. */
static la_ssize_t read_descriptor(struct archive *a, void *context, const void **bytes)
{
	struct mfc_unpack *u = context;
	ssize_t got;
	*bytes = u->block;
	if (u->size) {
		got = (ssize_t)u->size;
		memcpy(u->block, u->data, u->size);
		u->size = 0;
		return got;
	}
	mfc_waiting_enter(MFC_WAITS_INPUT);
	do   /* what a pipe has, without waiting for more */
		got = read(u->fd, u->block, BLOCK);
	while (got < 0 && errno == EINTR);
	mfc_waiting_leave(MFC_WAITS_INPUT);
	if (got < 0)
		archive_set_error(a, errno, "%s", strerror(errno));
	return got;
}

static const char bomb[] = "unpacks to more than %d times its size: a decompression bomb?";

/* So many bytes came out of an archive, and of those that it is within: may they all have held so much? */
static bool charge(struct mfc_unpack *u, size_t bytes)
{
	bool fair = true;
	for (; u; u = u->outer) {
		uint64_t position = mfc_unpack_position(u);
		u->farthest = position > u->farthest ? position : u->farthest;
		u->unpacked += bytes;
		fair = fair && !mfc_is_bomb(u->unpacked, u->farthest + BLOCK);
	}
	return fair;
}

static la_ssize_t read_outer(struct archive *a, void *context, const void **bytes)
{
	struct mfc_unpack *u = context;
	*bytes = u->block;
	la_ssize_t got = archive_read_data(u->outer->in, u->block, BLOCK);
	if (got < 0)
		archive_set_error(a, archive_errno(u->outer->in), "%s", archive_error_string(u->outer->in) ? archive_error_string(u->outer->in) : "damaged");
	if (got > 0 && !charge(u->outer, (size_t)got)) {
		archive_set_error(a, -1, bomb, MFC_MAX_RATIO);
		return -1;
	}
	return got;
}

int mfc_unpack_descriptor(struct mfc_unpack **archive, int fd, const char *head, size_t size, struct mfc_error *err)
{
	struct mfc_unpack *u;
	if (make(archive, err))
		return -1;
	u = *archive;
	u->fd = fd;
	u->size = size;
	u->data = malloc(size + 1);
	u->block = malloc(BLOCK);
	if (!u->data || !u->block || size > BLOCK)
		return opened(archive, STARVED, err);
	memcpy(u->data, head, size);
	return opened(archive, archive_read_open(u->in, u, NULL, read_descriptor, NULL), err);
}

int mfc_unpack_within(struct mfc_unpack **archive, struct mfc_unpack *outer, struct mfc_error *err)
{
	if (make(archive, err))
		return -1;
	(*archive)->outer = outer;
	(*archive)->block = malloc(BLOCK);
	return opened(archive, (*archive)->block ? archive_read_open((*archive)->in, *archive, NULL, read_outer, NULL) : STARVED, err);
}

void mfc_unpack_close(struct mfc_unpack *u)
{
	if (!u)
		return;
	archive_read_free(u->in);
	free(u->data);
	free(u->block);
	free(u->path);
	free(u);
}

static bool has_directory(const struct mfc_unpack *u)
{
	return u->directory && (archive_format(u->in) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP;
}

/* Whether the way to the next entry leads through what this one unpacks to. */
static bool unpacks_to_pass(const struct mfc_unpack *u)
{
	int format = archive_format(u->in) & ARCHIVE_FORMAT_BASE_MASK;
	return archive_filter_count(u->in) > 1 || format == ARCHIVE_FORMAT_7ZIP || format == ARCHIVE_FORMAT_CAB;
}

/* Pass over the rest of the entry. What is damaged in it shows at the next header. */
static int pass_over(struct mfc_unpack *u, struct mfc_error *err)
{
	const void *block;
	size_t size;
	la_int64_t offset;
	while (u->entry && unpacks_to_pass(u) && archive_read_data_block(u->in, &block, &size, &offset) == ARCHIVE_OK)
		if (!charge(u, size))
			return mfc_error_set(err, bomb, MFC_MAX_RATIO);
	return 0;
}

static int count_member(struct mfc_unpack *u, struct mfc_error *err)
{
	while (u->outer)
		u = u->outer;
	return ++u->members > MFC_MAX_MEMBERS ? mfc_error_set(err, "more than %zu members", MFC_MAX_MEMBERS) : 0;
}

int mfc_unpack_next(struct mfc_unpack *u, struct mfc_entry *entry, struct mfc_error *err)
{
	if (pass_over(u, err) || count_member(u, err))
		return -3;
	locale_t before = use_utf8();
	int got = archive_read_next_header(u->in, &u->entry);
	uselocale(before);
	u->ahead = 0;
	if (got == ARCHIVE_EOF)
		return 0;
	if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
		return fail(u, "damaged archive", err);
	locale_t was = use_utf8();
	const char *path = archive_entry_pathname(u->entry);
	if (!path)
		path = archive_entry_pathname_utf8(u->entry);
	uselocale(was);
	*entry = (struct mfc_entry){ .path = path ? path : "", .raw = archive_format(u->in) == ARCHIVE_FORMAT_RAW, .size = MFC_SIZE_UNKNOWN };
	while (strncmp(entry->path, "./", 2) == 0)
		entry->path += 2;
	/* ar(1) leaves the kind of a file out. */
	entry->file = entry->raw || archive_entry_filetype(u->entry) == AE_IFREG || archive_entry_filetype(u->entry) == 0;
	if (archive_entry_size_is_set(u->entry) && archive_entry_size(u->entry) >= 0)
		entry->size = (uint64_t)archive_entry_size(u->entry);
	if (archive_entry_is_encrypted(u->entry))
		entry->locked = "encrypted";
	else if (archive_entry_hardlink(u->entry) && entry->size == 0)
		entry->locked = "only a link to another member";
	return 1;
}

int mfc_unpack_single(struct mfc_unpack *u, const char *name, bool *single, bool *holds, struct mfc_error *err)
{
	struct mfc_entry entry = { .path = "" };
	size_t count = 0;
	int got;
	*single = *holds = false;
	if (!u->directory)
		return 0;
	while ((got = mfc_unpack_next(u, &entry, err)) == 1) {
		*holds = *holds || strcmp(entry.path, name) == 0;
		count++;
	}
	if (got < 0)
		return -1;
	*single = count == 1;
	struct archive *in = reader();
	if (!in)
		return mfc_error_memory(err);
	archive_read_free(u->in);
	u->in = in;
	u->entry = NULL;
	u->members = 0;
	int status = start(u);
	return status == ARCHIVE_OK ? 0 : status == STARVED ? mfc_error_memory(err) : fail(u, "cannot be read again", err);
}

/* Is a member of so many bytes, of which `more` have just come, more than what is packed can honestly hold? */
static int check_ratio(struct mfc_unpack *u, uint64_t start, size_t size, size_t more, struct mfc_error *err)
{
	uint64_t position = mfc_unpack_position(u), packed = position > start ? position - start : 0;
	return charge(u, more) && !mfc_is_bomb(size, packed + BLOCK) ? 0 : mfc_error_set(err, bomb, MFC_MAX_RATIO);
}

static int unpack(struct mfc_unpack *u, char **data, size_t *size, size_t capacity, struct mfc_error *err)
{
	uint64_t start = mfc_unpack_position(u);
	for (;;) {
		size_t room = capacity - 1 - *size;
		la_ssize_t got = archive_read_data(u->in, *data + *size, room < (1u << 22) ? room : 1u << 22);
		if (got <= 0) {
			(*data)[*size] = 0;
			if (got == 0)
				return 0;
			fail(u, "damaged", err);
			if (got != ARCHIVE_FATAL || has_directory(u))   /* which leads on to the others */
				return -1;
			return mfc_error_prefix(err, "the archive is cut short or damaged here") - 1;
		}
		*size += (size_t)got;
		if (*size > MFC_MAX_MEMBER)
			return mfc_error_set(err, "more than %zu bytes", MFC_MAX_MEMBER);
		if (check_ratio(u, start, *size, (size_t)got, err))
			return -3;
		if (capacity - 1 == *size) {
			char *more = realloc(*data, 2 * capacity);
			if (!more)
				return mfc_error_memory(err);
			*data = more;
			capacity *= 2;
		}
	}
}

int mfc_unpack_read(struct mfc_unpack *u, char **data, size_t *size, struct mfc_error *err)
{
	/* A claimed size is believed as far as it costs little; beyond, room grows as bytes come. */
	uint64_t claimed = archive_entry_size_is_set(u->entry) ? (uint64_t)archive_entry_size(u->entry) : 0;
	size_t capacity = PEEK + 2 + (claimed < (256u << 10) ? (size_t)claimed : 256u << 10);
	*size = u->ahead;
	*data = malloc(capacity);
	if (!*data)
		return mfc_error_memory(err);
	memcpy(*data, u->peeked, u->ahead);
	locale_t before = use_utf8();
	int status = unpack(u, data, size, capacity, err);
	uselocale(before);
	u->ahead = 0;
	if (status) {
		free(*data);
		*data = NULL;
	}
	return status;
}

long mfc_unpack_peek(struct mfc_unpack *u, char *head, size_t size)
{
	while (u->ahead < PEEK) {
		la_ssize_t got = archive_read_data(u->in, u->peeked + u->ahead, PEEK - u->ahead);
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		u->ahead += (size_t)got;
		charge(u, (size_t)got);   /* and judged when more of it comes */
	}
	size = size < u->ahead ? size : u->ahead;
	memcpy(head, u->peeked, size);
	return (long)size;
}

bool mfc_unpack_skips(const struct mfc_unpack *u)
{
	return u->path && has_directory(u);
}

uint64_t mfc_unpack_position(const struct mfc_unpack *u)
{
	la_int64_t position = archive_filter_bytes(u->in, -1);
	return position > 0 ? (uint64_t)position : 0;
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

static la_ssize_t write_stream(struct archive *a, void *out, const void *data, size_t size)
{
	if (fwrite(data, 1, size, out) == size)
		return (la_ssize_t)size;
	archive_set_error(a, errno, "%s", strerror(errno));
	return -1;
}

static int refuse(const struct mfc_archive *a, const char *name, struct mfc_error *err)
{
	if (archive_errno(a->out) == ENOMEM)
		return mfc_error_memory(err);
	const char *why = archive_error_string(a->out);
	return mfc_error_set(err, "%s%s%s", name, *name ? ": " : "", why ? why : "cannot be written");
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
	bool ok = writable[kind].zip ? archive_write_set_format_zip(a->out) == ARCHIVE_OK &&
	        archive_write_set_options(a->out, writable[kind].store ? "zip:compression=store" : "zip:compression=deflate") == ARCHIVE_OK
	                             : archive_write_set_format_pax_restricted(a->out) == ARCHIVE_OK;
	if (ok && writable[kind].gzip)   /* the same bytes every time */
		ok = archive_write_add_filter_gzip(a->out) == ARCHIVE_OK &&
		    archive_write_set_filter_option(a->out, "gzip", "timestamp", NULL) == ARCHIVE_OK;
	if (ok && writable[kind].xz)
		ok = archive_write_add_filter_xz(a->out) == ARCHIVE_OK;
	ok = ok && archive_write_set_bytes_in_last_block(a->out, 1) == ARCHIVE_OK;
	if (ok && archive_write_open(a->out, out, NULL, write_stream, NULL) == ARCHIVE_OK)
		return 0;
	refuse(a, name, err);
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
	return ok ? 0 : refuse(a, path, err);
}

int mfc_archive_finish(struct mfc_archive *a, struct mfc_error *err)
{
	int bad = archive_write_close(a->out) != ARCHIVE_OK;
	if (bad)
		refuse(a, "", err);
	archive_write_free(a->out);
	free(a);
	return bad ? -1 : 0;
}
