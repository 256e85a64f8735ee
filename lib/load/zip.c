#include "load/zip.h"

#include "deflate.h"
#include "load/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* APPNOTE.TXT, PKWARE: 4.3.7 local header, 4.3.12 central directory, 4.3.14 to 4.3.16 its end, 4.5.3 zip64 extra field. */
#define LOCAL 30
#define CENTRAL 46
#define END 22
#define TAIL ((size_t)66 << 10)
#define MAX_DIRECTORY ((size_t)1 << 30)
#define MAX_EXPANSION 1032   /* of deflate: no stream of it says more */

struct entry {
	uint64_t offset, packed, unpacked;
	size_t name;                  /* where it begins in the directory */
	uint32_t checksum;
	uint16_t length, method, flags;
};

struct mfc_zip {
	int fd;
	uint64_t size;                /* of the file */
	unsigned char *directory;
	struct entry *entry;          /* sorted by offset */
	size_t entries;
	struct mfc_inflater *inflate;
};

static uint64_t little(const unsigned char *p, int bytes)
{
	uint64_t n = 0;
	while (bytes-- > 0)
		n = n << 8 | p[bytes];
	return n;
}

static bool read_at(const struct mfc_zip *z, void *to, size_t size, uint64_t offset)
{
	if (offset > z->size || size > z->size - offset)
		return false;
	for (size_t got = 0; got < size;) {
		ssize_t n = pread(z->fd, (char *)to + got, size - got, (off_t)(offset + got));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	return true;
}

/* Where the directory is: offset, size, and how many entries it should have. */
static bool find_directory(const struct mfc_zip *z, uint64_t *offset, uint64_t *size, uint64_t *count)
{
	size_t length = z->size < TAIL ? (size_t)z->size : TAIL, at = length;
	unsigned char *tail = malloc(TAIL), record[56];
	bool found = false;
	if (tail && length >= END && read_at(z, tail, length, z->size - length))
		for (at = length - END + 1; !found && at-- > 0;)
			found = memcmp(tail + at, "PK\5\6", 4) == 0;
	if (found) {
		const unsigned char *end = tail + at;
		*count = little(end + 10, 2);
		*size = little(end + 12, 4);
		*offset = little(end + 16, 4);
		/* Numbers too large for their places are in the zip64 end, which a locator before this one points to. */
		if (at >= 20 && memcmp(end - 20, "PK\6\7", 4) == 0 && read_at(z, record, sizeof record, little(end - 12, 8)) &&
		    memcmp(record, "PK\6\6", 4) == 0) {
			*count = little(record + 32, 8);
			*size = little(record + 40, 8);
			*offset = little(record + 48, 8);
		}
	}
	free(tail);
	return found;
}

/* What of an entry did not fit into its header, in the order in which it stands there. */
static void take_zip64(struct entry *e, const unsigned char *extra, size_t length)
{
	while (length >= 4) {
		size_t size = (size_t)little(extra + 2, 2);
		if (size > length - 4)
			return;
		const unsigned char *p = extra + 4, *stop = p + size;
		uint64_t *field[] = { &e->unpacked, &e->packed, &e->offset };
		for (int i = 0; little(extra, 2) == 1 && i < 3; i++)
			if (*field[i] == UINT32_MAX && stop - p >= 8) {
				*field[i] = little(p, 8);
				p += 8;
			}
		extra += 4 + size;
		length -= 4 + size;
	}
}

static int by_offset(const void *a, const void *b)
{
	const struct entry *p = a, *q = b;
	return (p->offset > q->offset) - (p->offset < q->offset);
}

static bool read_directory(struct mfc_zip *z)
{
	uint64_t offset, size, count;
	if (!find_directory(z, &offset, &size, &count) || offset > z->size || size > z->size - offset || size > MAX_DIRECTORY || count > size / CENTRAL)
		return false;
	z->directory = malloc((size_t)size + 1);
	z->entry = malloc(((size_t)count + 1) * sizeof *z->entry);
	if (!z->directory || !z->entry || !read_at(z, z->directory, (size_t)size, offset))
		return false;
	size_t at = 0;
	while (z->entries < count) {
		const unsigned char *p = z->directory + at;
		if (size - at < CENTRAL || memcmp(p, "PK\1\2", 4) != 0)
			return false;
		struct entry *e = &z->entry[z->entries++];
		*e = (struct entry){ .flags = (uint16_t)little(p + 8, 2), .method = (uint16_t)little(p + 10, 2), .checksum = (uint32_t)little(p + 16, 4),
			.packed = little(p + 20, 4), .unpacked = little(p + 24, 4), .length = (uint16_t)little(p + 28, 2), .offset = little(p + 42, 4) };
		size_t extra = (size_t)little(p + 30, 2), whole = CENTRAL + e->length + extra + (size_t)little(p + 32, 2);
		if (whole > size - at)
			return false;
		e->name = at + CENTRAL;
		take_zip64(e, p + CENTRAL + e->length, extra);
		at += whole;
	}
	qsort(z->entry, z->entries, sizeof *z->entry, by_offset);
	return true;
}

int mfc_zip_open(struct mfc_zip **zip, const char *path, struct mfc_error *err)
{
	struct stat st;
	struct mfc_zip *z = *zip = calloc(1, sizeof *z);
	if (!z)
		return mfc_error_memory(err);
	z->fd = open(path, O_RDONLY | O_CLOEXEC);
	z->inflate = mfc_inflater_new();
	if (z->fd >= 0 && z->inflate && fstat(z->fd, &st) == 0 && S_ISREG(st.st_mode)) {
		z->size = (uint64_t)st.st_size;
		if (read_directory(z))
			return 0;
	}
	mfc_zip_close(z);
	*zip = NULL;
	return mfc_error_set(err, "%s: no directory of a zip", path);
}

void mfc_zip_close(struct mfc_zip *z)
{
	if (!z)
		return;
	if (z->fd >= 0)
		close(z->fd);
	mfc_inflater_free(z->inflate);
	free(z->directory);
	free(z->entry);
	free(z);
}

static bool is_called(const struct mfc_zip *z, const struct entry *e, const char *name)
{
	const char *own = (const char *)z->directory + e->name;
	size_t length = e->length;
	while (length >= 2 && memcmp(own, "./", 2) == 0) {
		own += 2;
		length -= 2;
	}
	return strlen(name) == length && memcmp(own, name, length) == 0;
}

/* From the packed bytes at `offset`; to has room for the unpacked ones. */
static int unpack(struct mfc_zip *z, const struct entry *e, uint64_t offset, char *to, struct mfc_error *err)
{
	size_t size = (size_t)e->unpacked, packed = (size_t)e->packed;
	if (e->method == 0 && !read_at(z, to, size, offset))
		return mfc_error_set(err, "cannot be read");
	if (e->method == 8) {
		char *from = malloc(packed + 1);
		if (!from)
			return mfc_error_memory(err);
		bool there = read_at(z, from, packed, offset);
		int bad = there ? mfc_inflate(z->inflate, from, packed, to, size) : 1;
		free(from);
		if (bad)
			return mfc_error_set(err, "%s", !there ? "cannot be read" : bad == 1 ? "damaged deflate data" :
			    "unpacks to another size than its directory says");
	}
	if (mfc_crc32(0, to, size) != e->checksum)
		return mfc_error_set(err, "damaged: its checksum is another");
	return 0;
}

int mfc_zip_read(struct mfc_zip *z, size_t number, const char *name, char **data, size_t *size, struct mfc_error *err)
{
	unsigned char local[LOCAL];
	const struct entry *e = number < z->entries ? &z->entry[number] : NULL;
	/* Bit 0: encrypted; 5: patch data; 6: strong encryption; 13: masked headers. */
	if (!e || !is_called(z, e, name) || (e->method != 0 && e->method != 8) || e->flags & 0x2061 || e->unpacked > MFC_MAX_MEMBER ||
	    e->packed > z->size || (e->method == 0 && e->packed != e->unpacked))
		return 1;
	if (mfc_is_bomb(e->unpacked, e->packed))
		return mfc_error_set(err, "unpacks to more than %d times its size: a decompression bomb?", MFC_MAX_RATIO) - 2;
	if (e->method == 8 && e->unpacked / MAX_EXPANSION > e->packed)
		return mfc_error_set(err, "claims more than deflate can hold");
	if (!read_at(z, local, LOCAL, e->offset) || memcmp(local, "PK\3\4", 4) != 0)
		return 1;
	*size = (size_t)e->unpacked;
	*data = malloc(*size + 1);
	if (!*data)
		return mfc_error_memory(err);
	(*data)[*size] = 0;
	if (unpack(z, e, e->offset + LOCAL + little(local + 26, 2) + little(local + 28, 2), *data, err) == 0)
		return 0;
	free(*data);
	*data = NULL;
	return -1;
}
