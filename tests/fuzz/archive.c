/* The walk through an archive in memory: every member's bytes are there and end in a 0. */
#include "fuzz.h"
#include "load/archive.h"

static bool all(void *context, const char *path)
{
	(void)context;
	REQUIRE(path);
	return true;
}

static int touch(void *context, const struct mfc_member *member, struct mfc_error *err)
{
	(void)err;
	for (size_t i = 0; i < member->size; i++)
		*(unsigned *)context += (unsigned char)member->data[i];
	REQUIRE(member->name && member->path && member->data[member->size] == 0);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mfc_error err = { "" };
	unsigned sum = 0;
	char *copy = exact_copy(data, size);
	if (mfc_archive_visit_bytes("input", copy, size, all, touch, &sum, &err))
		require_message(&err);
	free(copy);
	return 0;
}
