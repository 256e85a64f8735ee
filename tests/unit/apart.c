/* Work in a process of its own: what it writes, and every way in which it may end. */
#include "check.h"
#include "load/apart.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED true
#else
#define SANITIZED false
#endif

#define MANY ((size_t)1 << 20)   /* more than a pipe holds */

static int file = -1;   /* that a child has */

static const char *said(void (*work)(void *), void *context, size_t want)
{
	static struct mfc_error err;
	static char data[MANY];
	struct mfc_apart *apart;
	err.message[0] = 0;
	if (mfc_apart_begin(&apart, "the library", file, work, context, &err) == 0) {
		if (mfc_apart_read(apart, data, want, &err) == 0)
			snprintf(err.message, sizeof err.message, "%.40s", data);
		mfc_apart_end(apart);
	}
	return err.message;
}

static void says(const char *what, void (*work)(void *), void *context, size_t size, const char *want)
{
	const char *got = said(work, context, size);
	if (!check(strcmp(got, want) == 0, "%s", what))
		printf("# got %s\n# wanted %s\n", got, want);
}

static void write_text(void *text)
{
	mfc_apart_write(text, strlen(text) + 1);
}

static void write_many(void *context)
{
	(void)context;
	char *data = malloc(MANY);
	memset(data, 'x', MANY);
	memcpy(data, "many", 5);
	mfc_apart_write(data, MANY);
}

static void write_for_ever(void *context)
{
	for (;;)
		write_many(context);
}

static void crash(void *context)
{
	write_text(context);
	raise(SIGABRT);   /* which no sanitizer takes for itself */
}

static void spin(void *context)
{
	(void)context;
	struct rlimit second = { 1, 2 };
	setrlimit(RLIMIT_CPU, &second);
	for (volatile unsigned i = 0;; i = i + 1)
		;
}

static void close_and_stay(void *context)
{
	write_text(context);
	closefrom(3);
	sleep(1000);
}

static void sleep_long(void *context)
{
	write_text(context);
	sleep(1000);
}

/* The program's handlers and files are not the child's. */
static void handler(int number)
{
	(void)number;
	_Exit(0);
}

static void ends_by_signal(void *context)
{
	(void)context;
	raise(SIGTERM);
}

static void tell_files(void *fd)
{
	char text[40];
	const int tried[] = { STDIN_FILENO, STDOUT_FILENO, MFC_APART_FILE, *(int *)fd };
	char c = '-';
	for (size_t i = 0; i < 4; i++)
		text[i] = fcntl(tried[i], F_GETFD) < 0 ? 'x' : (char)('a' + (fcntl(tried[i], F_GETFL) & O_ACCMODE));
	text[4] = read(MFC_APART_FILE, &c, 1) == 1 ? c : '-';
	text[5] = 0;
	write_text(text);
}

static void tell_limit(void *context)
{
	(void)context;
	char text[40];
	struct rlimit r;
	mfc_apart_write("", 0);
	getrlimit(RLIMIT_CPU, &r);
	snprintf(text, sizeof text, "%llu", (unsigned long long)r.rlim_cur);
	write_text(text);
}

static void tell_memory(void *context)
{
	(void)context;
	char text[40];
	mfc_apart_allow((size_t)32 << 20);
	void *less = malloc((size_t)16 << 20), *more = malloc((size_t)64 << 20);
	snprintf(text, sizeof text, "%s %s", less ? "less" : "-", more ? "more" : "-");
	free(less);
	free(more);
	mfc_apart_allow((size_t)256 << 20);
	more = malloc((size_t)64 << 20);
	snprintf(text + strlen(text), sizeof text - strlen(text), " %s", more ? "then" : "-");
	free(more);
	write_text(text);
}

int main(void)
{
	char text[] = "some text";
	int files[2], other;
	if (pipe(files) || write(files[1], "!", 1) != 1 || (other = fcntl(files[0], F_DUPFD, 20)) < 0)
		return 1;
	says("what a child writes is read", write_text, text, sizeof text, text);
	says("more than a pipe holds", write_many, NULL, MANY, "many");
	says("only some of what it would write", write_for_ever, NULL, 5, "many");
	says("a child that would sleep on", sleep_long, text, sizeof text, text);
	says("less than was wanted", write_text, text, sizeof text + 1, "the library broke on it");
	says("a crash", crash, text, sizeof text + 1, "the library broke on it (Aborted)");
	says("what was written before a crash", crash, text, sizeof text, text);
	says("a child that says no more and lives on", close_and_stay, text, sizeof text + 1, "the library broke on it (Killed)");
	says("work without end", spin, NULL, 1, "the library took too long over it");
	signal(SIGTERM, handler);
	says("the program's handlers are not the child's", ends_by_signal, NULL, 1, "the library broke on it (Terminated)");
	says("nor are its files", tell_files, &other, 6, "ccxx-");
	file = files[0];
	says("but the one that it is given", tell_files, &other, 6, "ccax!");
	file = -1;
	struct rlimit before, less;
	getrlimit(RLIMIT_CPU, &before);
	less = before;
	less.rlim_cur = 77;
	setrlimit(RLIMIT_CPU, &less);
	says("the user's limits stay", tell_limit, NULL, 3, "77");
	setrlimit(RLIMIT_CPU, &before);
	mfc_apart_allow(0);
	void *here = malloc((size_t)64 << 20);
	check(here != NULL, "memory is allowed only in a child");
	free(here);
	if (SANITIZED)
		printf("ok %d # skip memory is the sanitizer's\n", ++check_count);
	else
		says("a child gets the memory that it is allowed", tell_memory, NULL, 12, "less - then");
	return done();
}
