/* Files that appear whole or not at all. */
#include "check.h"
#include "file.h"

#include <dirent.h>
#include <stdlib.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int entries(const char *path)
{
	DIR *dir = opendir(path);
	int n = 0;
	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n - 2;
}

static int holds(const char *path, const char *text)
{
	struct mfc_error err;
	char *data;
	size_t size;
	int same = mfc_file_read(path, 1000, &data, &size, &err) == 0 && size == strlen(text) && strcmp(data, text) == 0;
	free(data);
	return same;
}

int main(void)
{
	char folder[] = "/tmp/mfc-file-XXXXXX";
	struct mfc_error err = { 0 };
	struct mfc_file f;
	struct stat st;
	if (!mkdtemp(folder) || chdir(folder))
		return 1;
	umask(027);
	check(mfc_file_create(&f, "a", &err) == 0 && fputs("one", f.stream) >= 0 && access("a", F_OK) != 0, "not there while it is written");
	check(mfc_file_commit(&f, &err) == 0 && holds("a", "one") && entries(".") == 1, "then whole, and nothing beside it");
	int there = stat("a", &st) == 0;
	check(there && (st.st_mode & 0777) == 0640, "with the mode of the umask: %o", (unsigned)st.st_mode & 0777);
	mfc_file_create(&f, "a", &err);
	fputs("two", f.stream);
	mfc_file_discard(&f);
	check(holds("a", "one") && entries(".") == 1, "discarded: the old one stays");
	mfc_file_discard(&f);
	check(!f.stream && !f.temporary, "discarding twice is harmless");
	mfc_file_create(&f, "a", &err);
	fputs("three", f.stream);
	check(mfc_file_commit(&f, &err) == 0 && holds("a", "three"), "committed: the new one");
	mfc_file_discard(&f);
	check(holds("a", "three"), "discarding what is committed is harmless");
	there = chmod("a", 0600) == 0 && symlink("a", "link") == 0 && mfc_file_create(&f, "link", &err) == 0;
	fputs("linked", f.stream);
	there = there && mfc_file_commit(&f, &err) == 0;
	check(there && holds("a", "linked") && lstat("link", &st) == 0 && S_ISLNK(st.st_mode), "through a link, which stays one");
	check(stat("a", &st) == 0 && (st.st_mode & 0777) == 0600, "with the mode of what was there");
	unlink("link");
	mfc_file_create(&f, "a", &err);
	fputs("four", f.stream);
	check(mfc_file_publish(&f, &err) == 0 && holds("a", "four") && entries(".") == 1, "published: in place while it is open");
	fputs(", five", f.stream);
	check(fflush(f.stream) == 0 && holds("a", "four, five"), "and what is written then is there when it is flushed");
	fputs(", six", f.stream);
	mfc_file_discard(&f);
	check(holds("a", "four, five, six"), "discarding leaves what is in place");
	mfc_file_create(&f, "a", &err);
	check(mfc_file_publish(&f, &err) == 0 && fputs("seven", f.stream) >= 0 && mfc_file_commit(&f, &err) == 0 && holds("a", "seven") && entries(".") == 1,
	    "published, then committed");
	check(mfc_file_create(&f, "missing/a", &err) == -1 && strncmp(err.message, "missing/a: ", 11) == 0, "no folder: %s", err.message);
	check(mfc_file_create(&f, "/dev/full", &err) == 0 && fputs("x", f.stream) >= 0 && mfc_file_commit(&f, &err) == -1, "a full device: %s", err.message);
	check(access("/dev/full", F_OK) == 0, "which is not removed");
	/* stdio keeps no reason of a write that failed when its buffer was full: "Input/output error" was said of it */
	mfc_file_create(&f, "/dev/full", &err);
	for (int i = 0; i < 100000; i++)
		fputc('x', f.stream);
	errno = 0;
	check(mfc_file_commit(&f, &err) == -1 && strcmp(err.message, "/dev/full: No space left on device") == 0 && err.scarce,
	    "the reason is that of the first write: %s", err.message);
	check(mfc_file_create(&f, "-", &err) == 0 && f.fd == STDOUT_FILENO && !f.path, "- is standard output");

	char *data;
	size_t size;
	FILE *out = fopen("big", "wb");
	for (int i = 0; i < 200000; i++)
		fputc(i % 251, out);
	fclose(out);
	check(mfc_file_read("big", 200000, &data, &size, &err) == 0 && size == 200000 && (unsigned char)data[199999] == 199999 % 251 && data[size] == 0, "200,000 bytes and a 0");
	free(data);
	check(mfc_file_read("big", 199999, &data, &size, &err) == -1 && !data && strstr(err.message, "big: more than 199999 bytes"), "one too many: %s", err.message);
	check(mfc_file_read("missing", 10, &data, &size, &err) == -1 && strstr(err.message, "missing: No such file"), "none: %s", err.message);
	check(mfc_file_read(".", 10, &data, &size, &err) == -1, "a folder: %s", err.message);
	unlink("a");
	unlink("big");
	if (chdir("/") || rmdir(folder))
		check(0, "something was left in %s", folder);
	return done();
}
