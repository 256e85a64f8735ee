/* Archives, read entry by entry and written. The only user of libarchive. */
#ifndef MFC_ARCHIVE_H
#define MFC_ARCHIVE_H

#include "error.h"
#include "load/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>


/* An archive being read, of any kind libarchive knows; one thread at a time. */
struct mfc_unpack;

/* Whether a name is worth opening as an archive (by its extension), and whether the first bytes of a file are an archive's. */
bool mfc_archive_name(const char *name);
bool mfc_archive_bytes(const char *head, size_t size);

/* From a file, which need not fit in memory. */
int mfc_unpack_file(struct mfc_unpack **archive, const char *path, struct mfc_error *err);
/* From bytes, which it takes and frees, also on failure. Those of a member of another archive count as what that one holds: `outer`, else NULL. */
int mfc_unpack_bytes(struct mfc_unpack **archive, char *data, size_t size, struct mfc_unpack *outer, struct mfc_error *err);
/* From an open descriptor of which `head` was read already (copied); not closed. */
int mfc_unpack_descriptor(struct mfc_unpack **archive, int fd, const char *head, size_t size, struct mfc_error *err);
/* From the current entry of another archive, which must not be moved on meanwhile; without a way back, so for what is too large for memory. */
int mfc_unpack_within(struct mfc_unpack **archive, struct mfc_unpack *outer, struct mfc_error *err);
void mfc_unpack_close(struct mfc_unpack *archive);

struct mfc_entry {
	const char *path;       /* as the archive says, without "./"; "" where it has none (a compressed single file); until the next call */
	bool raw;               /* a compressed file that is no archive */
	bool file;              /* a regular file */
	uint64_t size;          /* unpacked, as claimed, or MFC_SIZE_UNKNOWN */
	const char *locked;     /* why it cannot be read ("encrypted"), or NULL */
};
/* The next entry: 1, 0 at the end, -1 where the archive is truncated or damaged, -3 where it is a bomb: it unpacks to too much, or to too many. */
int mfc_unpack_next(struct mfc_unpack *archive, struct mfc_entry *entry, struct mfc_error *err);
/* The whole current entry: *data, the caller's, with data[*size] == 0. -1: it cannot be read; -2: nor can what comes
 * after it; -3: it is a bomb. */
int mfc_unpack_read(struct mfc_unpack *archive, char **data, size_t *size, struct mfc_error *err);
/* At most `size` first bytes of the current entry; what was looked at is given again by read. Returns how many, or -1. */
long mfc_unpack_peek(struct mfc_unpack *archive, char *head, size_t size);
/* Whether entries can be passed over without unpacking them: zip with its directory, on a disk. Known once next was called. */
bool mfc_unpack_skips(const struct mfc_unpack *archive);
/* *single: whether a zip holds one entry only; *holds: whether one is called `name`. At its beginning, and leaves it there; false where there is no
 * way back. 0, or -1 where it cannot be read. */
int mfc_unpack_single(struct mfc_unpack *archive, const char *name, bool *single, bool *holds, struct mfc_error *err);
/* Where in the packed bytes it is. */
uint64_t mfc_unpack_position(const struct mfc_unpack *archive);

/* An archive being written to a stream: its format follows the name: zip, npz (zip without compression), tar, tar.gz or tgz, tar.xz or
 * txz. */
struct mfc_archive;
/* Whether a name is one of those. */
bool mfc_archive_writable(const char *name);
/* time: the modification time of every member, in seconds since 1970. `out` stays open and the caller's. */
int mfc_archive_create(struct mfc_archive **archive, FILE *out, const char *name, int64_t time, struct mfc_error *err);
int mfc_archive_add(struct mfc_archive *archive, const char *path, const char *data, size_t size, struct mfc_error *err);
/* Write what ends an archive, and free it. */
int mfc_archive_finish(struct mfc_archive *archive, struct mfc_error *err);

#endif
