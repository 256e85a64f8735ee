/* Every file of a path one after another: of a folder, an archive, archives within archives, and files that hold many clouds. */
#ifndef MFC_WALK_H
#define MFC_WALK_H

#include "load/fetch.h"
#include "load/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A walk; one thread at a time. */
struct mfc_walk;

/* How: clouds of files of many are named but not read; only folders and zips are gone through, and no archive within another. */
enum mfc_walk_how { MFC_WALK_ALL, MFC_WALK_NAMES = 1, MFC_WALK_SHALLOW = 2 };
/* Begin at a path: an archive or compressed file of any kind libarchive knows, a folder (in sorted order; one within that links lead to in many ways is entered
 * once), an HDF5 file, a single file. */
int mfc_walk_open(struct mfc_walk **walk, const char *path, unsigned how, struct mfc_error *err);
/* Begin at an archive on a descriptor, called `name` in messages, of which `head` was read already. */
int mfc_walk_open_descriptor(struct mfc_walk **walk, int fd, const char *name, const char *head, size_t size, struct mfc_error *err);
void mfc_walk_close(struct mfc_walk *walk);

/* A file that was found. Strings are the walk's until its next call. */
struct mfc_found {
	const char *name;   /* for messages: "a.zip: inner.zip: inner/b.obj" */
	const char *path;   /* within what was given: "inner/b.obj" */
	uint64_t size;      /* as claimed, or MFC_SIZE_UNKNOWN */
};
enum mfc_walk_event { MFC_WALK_END, MFC_WALK_FILE, MFC_WALK_TROUBLE };
/* The next file, which is no archive itself. MFC_WALK_TROUBLE: something was passed over for the reason in err (an archive within that is damaged or
 * encrypted), and the walk goes on. -1: it cannot, as where an archive on disk is truncated, or is a bomb. */
int mfc_walk_next(struct mfc_walk *walk, struct mfc_found *found, struct mfc_error *err);
/* Whether a shallow walk finds the file that next has found, too. */
bool mfc_walk_shallow(const struct mfc_walk *walk);
/* Bytes of the file or descriptor that were gone over so far. */
uint64_t mfc_walk_position(const struct mfc_walk *walk);

/* Take what next found: with its bytes, where only the walk can read them, else with the place for fetch. -1 where they cannot be read, -2: nor can
 * anything after them, or they are a bomb. Messages begin with the name. */
int mfc_walk_take(struct mfc_walk *walk, struct mfc_member *member, struct mfc_error *err);

#endif
