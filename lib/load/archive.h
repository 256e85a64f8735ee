/* Files one after another, out of archives, folders or by themselves, and into archives. The only user of libarchive. */
#ifndef MFC_ARCHIVE_H
#define MFC_ARCHIVE_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define MFC_MAX_MEMBER ((size_t)1 << 30)   /* bytes of one file, unpacked */
#define MFC_ARCHIVE_DEPTH 3                /* archives within archives */

/* One file: its name within what was opened ("a.zip/b/c.obj" for messages, "b/c.obj" as path), and its bytes, data[size] being 0. Everything
 * is valid during the call only. Returns 0 to go on, anything else to stop. */
struct mfc_member { const char *name, *path; const char *data; size_t size; };
typedef int mfc_member_visitor(void *context, const struct mfc_member *member, struct mfc_error *err);

/* Which files are wanted, asked before they are unpacked; archives within are opened anyway. */
typedef bool mfc_member_filter(void *context, const char *path);

/* Visit every wanted regular file of `path`: an archive or compressed file of any kind libarchive knows, a folder (in sorted order) or a single
 * file. Returns what the visitor returned when it stopped, 0 at the end, or -1: a truncated or damaged
 * archive is an error after the members before it were visited. */
int mfc_archive_visit(const char *path, mfc_member_filter *wanted, mfc_member_visitor *visit, void *context, struct mfc_error *err);
/* The same of an archive in memory, called `name` in messages. */
int mfc_archive_visit_bytes(const char *name, const char *data, size_t size, mfc_member_filter *wanted, mfc_member_visitor *visit, void *context,
    struct mfc_error *err);

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
