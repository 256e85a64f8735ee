/* Lists of the parts of a data set: tables (all.csv), and lists of one part, text or JSON. Each input is read as both, after the other's. */
#include "fuzz.h"
#include "load/split.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = exact_copy(data, size);
	for (int first = 0; first < 2; first++) {
		struct mfc_error err = { .message = "" };
		struct mfc_splits *splits = NULL;
		int bad = mfc_splits_add(&splits, "input", first ? "train" : NULL, copy, size, &err);
		if (!bad)
			bad = mfc_splits_add(&splits, "again", first ? NULL : "test", copy, size, &err);
		if (bad) {
			require_message(&err);
		} else {
			const char *part = mfc_splits_of(splits, "02691156/a1");
			REQUIRE(!part || mfc_split_name(part) == part);
		}
		mfc_splits_free(splits);
	}
	free(copy);
	return 0;
}
