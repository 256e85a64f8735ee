/* The bytes of a file that a walk (load/walk.h) found: read later, and by any thread, where that is possible. */
#ifndef MFC_FETCH_H
#define MFC_FETCH_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

/* A file that someone wants: owns all it holds. */
struct mfc_member {
	char *name, *path;
	char *data; size_t size;    /* its bytes once fetched, data[size] being 0 */
	char *file; size_t entry;   /* where they are until then: an entry of an archive, or (SIZE_MAX) the file itself */
};
void mfc_member_clear(struct mfc_member *member);

/* Reads members independently of the walk: one for each thread that reads; quickest in their order. Zeroed at first. */
struct mfc_fetcher { char *file; struct mfc_zip *zip; struct mfc_unpack *archive; size_t next; };
/* The bytes of a member, if they are not there. -1: they cannot be read; -2: nor should anything else be, it is a bomb. Messages begin with the
 * member's name. */
int mfc_fetch(struct mfc_fetcher *fetcher, struct mfc_member *member, struct mfc_error *err);
void mfc_fetcher_clear(struct mfc_fetcher *fetcher);

#endif
