/* The walk through an archive that comes on a descriptor: every file's bytes are there and end in a 0, those of archives within as well. */
#include "fuzz.h"
#include "load/walk.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* The input as a file, made once and written anew. */
static int as_file(const uint8_t *data, size_t size)
{
	static int fd = -1;
	if (fd < 0)
		fd = memfd_create("input", MFD_CLOEXEC);
	REQUIRE(fd >= 0 && ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mfc_error err = { 0 };
	struct mfc_walk *walk;
	struct mfc_found found;
	struct mfc_member member;
	char head[512];
	int fd = as_file(data, size), event;
	size_t ahead = size < sizeof head ? size : sizeof head;
	memcpy(head, data, ahead);
	REQUIRE(lseek(fd, (off_t)ahead, SEEK_SET) == (off_t)ahead);
	if (mfc_walk_open_descriptor(&walk, fd, "input", head, ahead, &err)) {
		require_message(&err);
		return 0;
	}
	while ((event = mfc_walk_next(walk, &found, &err)) > 0) {
		if (event == MFC_WALK_TROUBLE || mfc_walk_take(walk, &member, &err)) {
			require_message(&err);
			continue;
		}
		unsigned sum = 0;
		for (size_t i = 0; i < member.size; i++)
			sum += (unsigned char)member.data[i];
		REQUIRE(member.name && member.path && member.data[member.size] == 0 && sum + 1 > 0);
		mfc_member_clear(&member);
	}
	if (event < 0)
		require_message(&err);
	mfc_walk_close(walk);
	return 0;
}
