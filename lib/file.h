/* Files that appear whole or not at all. */
#ifndef MFC_FILE_H
#define MFC_FILE_H

#include "error.h"
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct mfc_file {
	FILE *stream;     /* write here; it knows the address of this struct, which stays where it is */
	int fd;           /* its descriptor: the stream itself has none to show */
	int error;        /* errno of the first write that failed, after which nothing is written; or 0 */
	char *path;       /* the final name; NULL for standard output */
	char *temporary;  /* where the bytes are until then; NULL when they are in place */
	bool keeps;       /* discard leaves them there */
};

/* Open PATH for writing ("-" or NULL: standard output; a path that is no regular file, such as /dev/full or a fifo, is
 * written directly, as is what links to standard output, like /dev/stdout). Bytes go to a temporary beside it, with the mode of the file that is there or
 * that the umask gives; a link there stays one. */
int mfc_file_create(struct mfc_file *file, const char *path, struct mfc_error *err);
/* The same, going on from what an earlier run left in PATH.part: its bytes stay there until commit, whatever becomes of this process. The stream
 * reads and writes, from the beginning. A second process that wants it is refused. */
int mfc_file_continue(struct mfc_file *file, const char *path, struct mfc_error *err);
/* A file without a name, to write and to read again, beside PATH or, where that is standard output, among the temporary files ($TMPDIR, /var/tmp).
 * fclose removes it. NULL where it cannot be made. */
FILE *mfc_file_spool(const char *path, struct mfc_error *err);
/* Flush, fsync, rename into place and fsync the folder, so that after a loss of power there is either the old file or the new one, whole; for
 * standard output, and what is no regular file, flush. It stays open, and what is written from then on is there as it is flushed, whatever becomes
 * of the process. A failure is an error that names the file, and says why the first write that failed did. */
int mfc_file_publish(struct mfc_file *file, struct mfc_error *err);
/* The same, and close. The file is closed either way. */
int mfc_file_commit(struct mfc_file *file, struct mfc_error *err);
/* Close, and remove what was written and is not in place. Harmless on a zeroed or committed file. */
void mfc_file_discard(struct mfc_file *file);

/* Read until `size` bytes are there or the input ends, however they come: how many there are, or -1 with errno set. */
ssize_t mfc_file_fill(int fd, void *to, size_t size);
/* Read all of PATH ("-": standard input), at most `limit` bytes, growing as bytes arrive.
 * The caller frees *data, which ends in a 0 that *size does not count. */
int mfc_file_read(const char *path, size_t limit, char **data, size_t *size, struct mfc_error *err);

#endif
