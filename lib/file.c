#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(struct mfc_error *err, const char *path)
{
	return mfc_error_set(err, "%s: %s", path, strerror(errno));
}

int mfc_file_create(struct mfc_file *file, const char *path, struct mfc_error *err)
{
	struct stat st;
	*file = (struct mfc_file){ 0 };
	if (!path || strcmp(path, "-") == 0) {
		file->stream = stdout;
		return 0;
	}
	file->path = strdup(path);
	if (!file->path)
		return mfc_error_memory(err);
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {   /* a device or a fifo */
		file->stream = fopen(path, "wb");
	} else if (asprintf(&file->temporary, "%s.XXXXXX", path) >= 0) {
		int fd = mkstemp(file->temporary);
		if (fd >= 0) {
			mode_t mask = umask(0);
			umask(mask);
			fchmod(fd, 0666 & ~mask);
			file->stream = fdopen(fd, "wb");
		} else {
			free(file->temporary);
			file->temporary = NULL;
		}
	} else {
		file->temporary = NULL;
	}
	if (file->stream)
		return 0;
	fail(err, path);
	mfc_file_discard(file);
	return -1;
}

int mfc_file_continue(struct mfc_file *file, const char *path, struct mfc_error *err)
{
	*file = (struct mfc_file){ .path = strdup(path), .keeps = true };
	if (!file->path || asprintf(&file->temporary, "%s.part", path) < 0) {
		file->temporary = NULL;
		mfc_file_discard(file);
		return mfc_error_memory(err);
	}
	int fd = open(file->temporary, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	struct stat ours, named;
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
		/* Another process may have finished it, and taken its name away, between the two calls. */
		bool same = fstat(fd, &ours) == 0 && stat(file->temporary, &named) == 0 && ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
		if (same && (file->stream = fdopen(fd, "r+b")))
			return 0;
		if (!same)
			errno = EWOULDBLOCK;
	}
	if (fd >= 0 && errno == EWOULDBLOCK)
		mfc_error_set(err, "%s: another process is writing it", file->temporary);
	else
		fail(err, file->temporary);
	if (fd >= 0)
		close(fd);
	mfc_file_discard(file);
	return -1;
}

FILE *mfc_file_spool(const char *path, struct mfc_error *err)
{
	const char *folder = getenv("TMPDIR"), *slash = strrchr(path, '/');
	char *name;
	struct stat st;
	bool beside = strcmp(path, "-") != 0 && (stat(path, &st) || S_ISREG(st.st_mode));
	if (beside ? asprintf(&name, "%.*s.spool.XXXXXX", slash ? (int)(slash - path) + 1 : 0, path) < 0
	           : asprintf(&name, "%s/mfc.spool.XXXXXX", folder && *folder ? folder : "/var/tmp") < 0) {
		mfc_error_memory(err);
		return NULL;
	}
	int fd = mkstemp(name);
	FILE *spool = fd >= 0 ? fdopen(fd, "w+b") : NULL;
	if (fd >= 0)
		unlink(name);
	if (!spool)
		fail(err, name);
	if (!spool && fd >= 0)
		close(fd);
	free(name);
	return spool;
}

/* What was written reaches the disk, where there is one that can be asked: a pipe, a device and some file systems refuse, which is no error. */
static int sync_to_disk(int fd)
{
	return fsync(fd) && errno != EINVAL && errno != ENOTSUP && errno != EROFS ? -1 : 0;
}

/* So does the new name. A folder that may be written and not read cannot be asked. */
static int sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int status = fd < 0 ? 0 : sync_to_disk(fd), saved = errno;
	if (fd >= 0)
		close(fd);
	free(folder);
	errno = saved;
	return status;
}

int mfc_file_publish(struct mfc_file *file, struct mfc_error *err)
{
	errno = 0;
	bool bad = ferror(file->stream) || fflush(file->stream) || (file->path && sync_to_disk(fileno(file->stream)));
	/* Renamed before it is closed: a lock on it holds until it has its name. */
	if (!bad && file->temporary)
		bad = rename(file->temporary, file->path) || sync_folder(file->path);
	if (bad && !errno)
		errno = EIO;
	if (bad)
		return fail(err, file->path ? file->path : "standard output");
	free(file->temporary);
	file->temporary = NULL;
	return 0;
}

int mfc_file_commit(struct mfc_file *file, struct mfc_error *err)
{
	int status = mfc_file_publish(file, err);
	if (fclose(file->stream) && status == 0)
		status = fail(err, file->path ? file->path : "standard output");
	file->stream = NULL;
	mfc_file_discard(file);
	return status;
}

void mfc_file_discard(struct mfc_file *file)
{
	if (file->stream && file->path)
		fclose(file->stream);
	if (file->temporary && !file->keeps)
		unlink(file->temporary);
	free(file->temporary);
	free(file->path);
	*file = (struct mfc_file){ 0 };
}

static int read_stream(FILE *in, const char *name, size_t limit, char **data, size_t *size, struct mfc_error *err)
{
	struct stat st;
	size_t capacity = 0, first = 65536;
	if (fstat(fileno(in), &st) == 0 && S_ISREG(st.st_mode) && (size_t)st.st_size < limit)
		first = (size_t)st.st_size + 2;
	*data = NULL;
	*size = 0;
	do {
		if (*size + 1 >= capacity) {
			capacity = capacity ? 2 * capacity : first;
			char *more = realloc(*data, capacity);
			if (!more)
				return mfc_error_memory(err);
			*data = more;
		}
		*size += fread(*data + *size, 1, capacity - 1 - *size, in);
		if (*size > limit)
			return mfc_error_set(err, "%s: more than %zu bytes", name, limit);
	} while (!feof(in) && !ferror(in));
	(*data)[*size] = 0;
	return ferror(in) ? fail(err, name) : 0;
}

int mfc_file_read(const char *path, size_t limit, char **data, size_t *size, struct mfc_error *err)
{
	bool standard = strcmp(path, "-") == 0;
	*data = NULL;
	FILE *in = standard ? stdin : fopen(path, "rb");
	if (!in)
		return fail(err, path);
	int status = read_stream(in, standard ? "standard input" : path, limit, data, size, err);
	if (!standard)
		fclose(in);
	if (status) {
		free(*data);
		*data = NULL;
	}
	return status;
}
