/* Items that come one after another, are worked on by several threads at once, and leave in the order in which they came. Each thread
 * reads an item, works on it and writes what is ready: reading, working and writing overlap without a thread for each. */
#ifndef MFC_ORDERED_H
#define MFC_ORDERED_H

#include <stddef.h>

struct mfc_ordered;   /* a run, as its read sees it */

/* Items have `size` bytes and are zeroed before read; `thread` is 0 … threads - 1. read and write are each called by one thread at a time, in the
 * order of the items, but at the same time as the other and as work. */
struct mfc_ordered_steps {
	size_t size;
	int (*read)(void *context, struct mfc_ordered *run, void *item);    /* 1: an item, 0: there are no more, -1: failed */
	void (*work)(void *context, size_t thread, void *item);             /* what fails is for write to see in the item */
	int (*write)(void *context, void *item);                            /* 0, or -1: failed; clears the item */
	void (*clear)(void *context, void *item);                           /* an item that will not be written, after a failure */
	void *context;
	size_t budget;   /* of mfc_ordered_reserve, 0: 64 MiB */
};

/* Run until read says that there are no more, or until a step fails. All items before the one that failed were written. Returns 0 or -1. */
int mfc_ordered_run(const struct mfc_ordered_steps *steps, size_t threads);

/* For read: wait until the items that were read and not yet written hold so little that `bytes` more stay within the budget, or
 * until there are none, and count the bytes as the new item's. */
void mfc_ordered_reserve(struct mfc_ordered *run, size_t bytes);
/* For read: wait until all items before this one were written. */
void mfc_ordered_drain(struct mfc_ordered *run);

#endif
