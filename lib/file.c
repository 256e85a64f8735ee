#include "file.h"
#include "waiting.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The stream's writing, which remembers why it failed, as stdio does not, and then writes no more: no output has a hole. */
static ssize_t put(void *cookie, const char *data, size_t size)
{
	struct mfc_file *file = cookie;
	size_t done = 0;
	while (done < size && !file->error) {
		ssize_t n = write(file->fd, data + done, size - done);
		if (n < 0)
			file->error = errno;
		else
			done += (size_t)n;
	}
	errno = file->error;
	return (ssize_t)done;
}

static int shut(void *cookie)
{
	return close(((struct mfc_file *)cookie)->fd);
}

/* Beside PATH, with the mode of what is there or, where nothing is (NULL), that which the umask gives. */
static int open_temporary(struct mfc_file *file, const char *path, const struct stat *there)
{
	mode_t mask = umask(0);
	umask(mask);
	if (asprintf(&file->temporary, "%s.XXXXXX", path) < 0) {
		file->temporary = NULL;
		return -1;
	}
	int fd = mkstemp(file->temporary);
	if (fd >= 0) {
		fchmod(fd, there ? there->st_mode & 0777 : 0666 & ~mask);
	} else {
		free(file->temporary);
		file->temporary = NULL;
	}
	return fd;
}

static bool is_link(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

/* A link to what standard output is, as /dev/stdout: its file is not to be replaced. */
static bool is_standard(const char *path, const struct stat *st)
{
	struct stat out;
	return is_link(path) && fstat(STDOUT_FILENO, &out) == 0 && out.st_ino == st->st_ino && out.st_dev == st->st_dev;
}

int mfc_file_create(struct mfc_file *file, const char *path, struct mfc_error *err)
{
	static const cookie_io_functions_t calls = { .write = put, .close = shut };
	struct stat st;
	bool there = path && strcmp(path, "-") != 0 && stat(path, &st) == 0, standard = !path || strcmp(path, "-") == 0 || (there && is_standard(path, &st));
	*file = (struct mfc_file){ .fd = standard ? STDOUT_FILENO : -1 };
	/* A link stays one, and leads to what is written. */
	if (!standard && !(there && is_link(path) ? (file->path = realpath(path, NULL)) : (file->path = strdup(path))))
		return mfc_error_memory(err);
	if (there && !standard && !S_ISREG(st.st_mode)) {   /* a device, or a fifo, whose reader may not be there yet */
		mfc_waiting_enter(MFC_WAITS_OUTPUT);
		file->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		mfc_waiting_leave(MFC_WAITS_OUTPUT);
	} else if (!standard) {
		file->fd = open_temporary(file, file->path, there ? &st : NULL);
	}
	if (file->fd >= 0 && (file->stream = fopencookie(file, "wb", calls)))
		return 0;
	mfc_error_system(err, standard ? "standard output" : path);
	mfc_file_discard(file);
	return -1;
}

int mfc_file_continue(struct mfc_file *file, const char *path, struct mfc_error *err)
{
	*file = (struct mfc_file){ .path = strdup(path), .keeps = true, .fd = -1 };
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
		if (same && (file->stream = fdopen(fd, "r+b"))) {
			file->fd = fd;
			return 0;
		}
		if (!same)
			errno = EWOULDBLOCK;
	}
	if (fd >= 0 && errno == EWOULDBLOCK)
		mfc_error_set(err, "%s: another process is writing it", file->temporary);
	else
		mfc_error_system(err, file->temporary);
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
		mfc_error_system(err, name);
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

static int fail(const struct mfc_file *file, struct mfc_error *err)
{
	errno = file->error ? file->error : errno ? errno : EIO;
	return mfc_error_system(err, file->path ? file->path : "standard output");
}

int mfc_file_publish(struct mfc_file *file, struct mfc_error *err)
{
	errno = 0;
	bool bad = fflush(file->stream) || ferror(file->stream) || (file->path && sync_to_disk(file->fd));
	/* Renamed before it is closed: a lock on it holds until it has its name. */
	if (!bad && file->temporary)
		bad = rename(file->temporary, file->path) || sync_folder(file->path);
	if (bad)
		return fail(file, err);
	free(file->temporary);
	file->temporary = NULL;
	return 0;
}

int mfc_file_commit(struct mfc_file *file, struct mfc_error *err)
{
	int status = mfc_file_publish(file, err);
	if (fclose(file->stream) && status == 0)
		status = fail(file, err);
	file->stream = NULL;
	file->fd = -1;   /* closed */
	mfc_file_discard(file);
	return status;
}

void mfc_file_discard(struct mfc_file *file)
{
	if (file->stream)
		fclose(file->stream);
	else if (file->path && file->fd >= 0)
		close(file->fd);
	if (file->temporary && !file->keeps)
		unlink(file->temporary);
	free(file->temporary);
	free(file->path);
	*file = (struct mfc_file){ 0 };
}

ssize_t mfc_file_fill(int fd, void *to, size_t size)
{
	size_t got = 0;
	while (got < size) {
		ssize_t n = read(fd, (char *)to + got, size - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

static int read_all(int fd, const char *name, size_t limit, char **data, size_t *size, struct mfc_error *err)
{
	struct stat st;
	size_t capacity = 0, first = 65536, room;
	ssize_t got;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (size_t)st.st_size < limit)
		first = (size_t)st.st_size + 2;
	do {
		if (*size + 1 >= capacity) {
			capacity = capacity ? 2 * capacity : first;
			char *more = realloc(*data, capacity);
			if (!more)
				return mfc_error_memory(err);
			*data = more;
		}
		room = capacity - 1 - *size;
		got = mfc_file_fill(fd, *data + *size, room);
		if (got < 0)
			return mfc_error_system(err, name);
		*size += (size_t)got;
		if (*size > limit)
			return mfc_error_set(err, "%s: more than %zu bytes", name, limit);
	} while ((size_t)got == room);
	(*data)[*size] = 0;
	return 0;
}

int mfc_file_read(const char *path, size_t limit, char **data, size_t *size, struct mfc_error *err)
{
	bool standard = strcmp(path, "-") == 0;
	*data = NULL;
	*size = 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return mfc_error_system(err, path);
	int status = read_all(fd, standard ? "standard input" : path, limit, data, size, err);
	if (!standard)
		close(fd);
	if (status) {
		free(*data);
		*data = NULL;
	}
	return status;
}
