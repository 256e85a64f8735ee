/* Provenance: the "history" list of a header, one entry per filter that the stream went through. */
#ifndef MFC_HISTORY_H
#define MFC_HISTORY_H

#include "value.h"

/* Append {name, version, argv, seed} to header["history"]. seed NULL: the filter draws nothing, no key. Of more than 1000 arguments those beyond are
 * one: how many, and a hash. */
int mfc_history_append(struct mfc_value *header, const char *name, const char *version, int argc, char *const argv[],
    const uint64_t *seed, struct mfc_error *err);
/* How many entries bear this name: mixed into the seed, so that a stage that is repeated draws anew. */
size_t mfc_history_count(const struct mfc_value *header, const char *name);

#endif
