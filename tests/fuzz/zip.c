/* The quick way into zips: every entry by its number, called as the directory calls it or otherwise. */
#include "fuzz.h"
#include "load/zip.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "a.obj", "b.obj", "c/d.obj", "" };
	static int fd = -1;
	struct mfc_error err = { 0 };
	struct mfc_zip *zip;
	char path[64], *bytes;
	size_t count;
	if (fd < 0)
		fd = memfd_create("input", MFD_CLOEXEC);
	REQUIRE(fd >= 0 && ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (mfc_zip_open(&zip, path, &err)) {
		require_message(&err);
		return 0;
	}
	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < sizeof names / sizeof *names; j++) {
			err.message[0] = 0;
			int status = mfc_zip_read(zip, i, names[j], &bytes, &count, &err);
			REQUIRE(status == 0 || status == 1 || status == -1 || status == -3);
			if (status < 0)
				require_message(&err);
			if (status)
				continue;
			REQUIRE(bytes[count] == 0);
			free(bytes);
		}
	mfc_zip_close(zip);
	return 0;
}
