/* Work in a process of its own: a library that breaks on a file made to break it ends that process, and what is lost is the file. */
#ifndef MFC_APART_H
#define MFC_APART_H

#include "error.h"

#include <stddef.h>

#define MFC_APART_SECONDS 600   /* of processor, between two writes */

struct mfc_apart;

#define MFC_APART_FILE 4        /* a descriptor */

/* Start `work` in a child process, a copy of this one, with no file open but standard error and, where it is not -1, `file` as MFC_APART_FILE. It
 * ends when work returns, when nobody is there to read what it writes, or after MFC_APART_SECONDS of processor without a write. `library` is whom
 * to blame in messages, and is kept. Descriptors 0 to 2 are to be open, to whatever. */
int mfc_apart_begin(struct mfc_apart **apart, const char *library, int file, void (*work)(void *context), void *context, struct mfc_error *err);

/* The next `size` bytes that the child writes; -1 where it ended before, which the message blames on the library. They are to be checked as a
 * stranger's are: a library that a file commands may have written them. */
int mfc_apart_read(struct mfc_apart *apart, void *data, size_t size, struct mfc_error *err);

/* End the child and free. NULL is allowed. */
void mfc_apart_end(struct mfc_apart *apart);

/* For work: */
void mfc_apart_write(const void *data, size_t size);
/* From now on the child gets at most `bytes` more memory than it holds, whatever a file claims; malloc then fails. A lower limit of the user's
 * stays. Does nothing where there is no child, or no /proc that tells what it holds. */
void mfc_apart_allow(size_t bytes);

#endif
