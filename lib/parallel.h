/* Work shared out among threads. */
#ifndef MFC_PARALLEL_H
#define MFC_PARALLEL_H

#include <stddef.h>

/* Call work(context, thread) for thread = 0 … threads-1 at once and wait for all; thread 0 is the caller. Where a thread cannot be
 * started its share is done by the caller, so that all shares are done. */
void mfc_parallel(size_t threads, void (*work)(void *context, size_t thread), void *context);

/* Share `thread` of [0, count): [*from, *to). */
void mfc_parallel_share(size_t count, size_t threads, size_t thread, size_t *from, size_t *to);

#endif
