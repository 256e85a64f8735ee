/* An array as a point set, and one of many clouds as each of these. */
#include "mesh.h"
#include "load/npy.h"

static void rows(const char *data, size_t size)
{
	struct mfc_error err = { .message = "" };
	size_t count = 0, bytes;
	char *npy;
	bool many = mfc_npy_many(data, size, &count);
	REQUIRE(!many || (count > 0 && mfc_npy_stacked(data, size)));
	REQUIRE(mfc_npy_row(data, size, count, &npy, &bytes, &err) == -1);
	require_message(&err);
	for (size_t i = 0; i < count && i < 4; i++) {
		REQUIRE(mfc_npy_row(data, size, i, &npy, &bytes, &err) == 0 && npy[bytes] == 0 && !mfc_npy_many(npy, bytes, &count));
		fuzz_mesh(mfc_npy_read, (const uint8_t *)npy, bytes);
		free(npy);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = exact_copy(data, size);
	rows(copy, size);
	free(copy);
	return fuzz_mesh(mfc_npy_read, data, size);
}
