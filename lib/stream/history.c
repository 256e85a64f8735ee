#include "stream/history.h"

#include "rng.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ARGUMENTS 1000   /* that are recorded as they are: a shell makes thousands of *.obj, and a list has 4096 items */

int mfc_history_append(struct mfc_value *header, const char *name, const char *version, int argc, char *const argv[],
    const uint64_t *seed, struct mfc_error *err)
{
	struct mfc_value *history = mfc_value_get(header, "history");
	if (!history || history->type != MFC_LIST) {
		if (mfc_value_put(header, "history", mfc_value_list(), err))
			return -1;
		history = mfc_value_get(header, "history");
	}
	struct mfc_value entry = mfc_value_map(), list = mfc_value_list();
	char rest[80];
	uint64_t hash = 0;
	for (int i = ARGUMENTS; i < argc; i++)
		hash = mfc_rng_mix(hash, mfc_rng_hash(argv[i], strlen(argv[i])));
	snprintf(rest, sizeof rest, "and %d more, %016" PRIx64, argc - ARGUMENTS, hash);
	for (int i = 0; i < argc && i <= ARGUMENTS; i++)
		if (mfc_value_push(&list, mfc_value_str(i == ARGUMENTS ? rest : argv[i]), err))
			return mfc_value_clear(&list), -1;
	if (mfc_value_put(&entry, "name", mfc_value_str(name), err) || mfc_value_put(&entry, "version", mfc_value_str(version), err) ||
	    mfc_value_put(&entry, "argv", list, err) || (seed && mfc_value_put(&entry, "seed", mfc_value_uint(*seed), err)))
		return mfc_value_clear(&entry), -1;
	return mfc_value_push(history, entry, err);
}

size_t mfc_history_count(const struct mfc_value *header, const char *name)
{
	const struct mfc_value *history = mfc_value_get(header, "history");
	size_t count = 0;
	for (size_t i = 0; history && history->type == MFC_LIST && i < history->size; i++) {
		const char *s = mfc_value_as_string(mfc_value_get(&history->items[i], "name"));
		count += s && strcmp(s, name) == 0;
	}
	return count;
}
