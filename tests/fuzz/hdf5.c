/* HDF5 files in memory: their clouds, as NumPy files that can be read. libhdf5 itself is not built with the sanitizers, but its memory is theirs. It runs
 * here in this process, which it brings down: tests/fuzz/run tells its faults from ours. */
#include "mesh.h"
#include "load/hdf5-file.h"

#define CLOUDS 16

#ifdef MFC_HDF5
#include <hdf5.h>

/* Its largest structures are kept for the next file: else half of the time goes into their pages. */
__attribute__((constructor)) static void keep_memory(void)
{
	H5set_free_list_limits(16 << 20, 4 << 20, 4 << 20, 1 << 18, 16 << 20, 1 << 20);
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mfc_error err = { .message = "" };
	struct mfc_hdf5_file *file;
	const char *member;
	char *copy = exact_copy(data, size), *npy = NULL;
	size_t bytes;
	if (mfc_hdf5_file_open(&file, "ply_data_train0.h5", -1, copy, size, &err)) {
		require_message(&err);
		free(copy);
		return 0;
	}
	for (int i = 0, got = 1; i < CLOUDS && got; i++) {
		got = mfc_hdf5_file_next(file, &member, &npy, &bytes, &err);
		REQUIRE(got >= 0 || (!npy && err.message[0]));
		if (got > 0) {
			REQUIRE(*member && npy[bytes] == 0);
			fuzz_mesh(mfc_npy_read, (const uint8_t *)npy, bytes);
			free(npy);
			npy = NULL;
		}
	}
	mfc_hdf5_file_close(file);
	free(copy);
	return 0;
}
