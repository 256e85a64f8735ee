/* A whole data set in a file: an NPZ, or another zip, its shapes found, taken, decoded and sampled. */
#include "mesh.h"
#include "load/dataset.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static char folder[] = "/tmp/mfc-fuzz.XXXXXX", path[64];

static void forget(void)
{
	unlink(path);
	rmdir(folder);
}

/* A name for a descriptor, with the extension that decides. */
static void name_input(int fd)
{
	char descriptor[64];
	snprintf(descriptor, sizeof descriptor, "/proc/self/fd/%d", fd);
	REQUIRE(fd >= 0 && mkdtemp(folder));
	snprintf(path, sizeof path, "%s/input.npz", folder);
	REQUIRE(symlink(descriptor, path) == 0 && atexit(forget) == 0);
}

static void decode(struct mfc_dataset *set, struct mfc_shape *shape, struct mfc_fetcher *fetcher)
{
	struct mfc_error err = { .message = "" };
	REQUIRE(shape->id && shape->label && shape->split && shape->path);
	if (mfc_dataset_take(set, shape, &err) || mfc_shape_decode(shape, fetcher, &err)) {
		require_message(&err);
		return;
	}
	require_sound(&shape->mesh);
	sample(&shape->mesh, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	const char *const paths[] = { path };
	const struct mfc_selection all = { .share = { 1, 0, 0 } };
	struct mfc_error err = { .message = "" };
	struct mfc_dataset *set;
	struct mfc_shape shape = { 0 };
	struct mfc_fetcher fetcher = { 0 };
	int event;
	if (fd < 0)
		name_input(fd = memfd_create("input", MFD_CLOEXEC));
	REQUIRE(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	if (mfc_dataset_open(&set, paths, 1, &all, 65536, &err)) {
		require_message(&err);
		return 0;
	}
	while ((event = mfc_dataset_next(set, &shape, &err)) > 0) {
		if (event == MFC_DATASET_SHAPE)
			decode(set, &shape, &fetcher);
		else
			require_message(&err);
	}
	if (event < 0)
		require_message(&err);
	mfc_shape_clear(&shape);
	mfc_fetcher_clear(&fetcher);
	mfc_dataset_close(set);
	return 0;
}
