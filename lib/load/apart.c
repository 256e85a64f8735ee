#include "load/apart.h"
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUT 3   /* the child's end of the pipe */
#define PIPE (1 << 20)

struct mfc_apart {
	pid_t child;
	int in;
	const char *library;
};

static bool inside;   /* this is a child */
static struct rlimit user[RLIM_NLIMITS];   /* the limits that it came with */

static void limit(int resource, rlim_t most)
{
	struct rlimit r = user[resource];
	if (most < r.rlim_cur)
		r.rlim_cur = most;
	setrlimit(resource, &r);
}

static void renew_seconds(void)
{
	struct rusage used;
	if (getrusage(RUSAGE_SELF, &used) == 0)
		limit(RLIMIT_CPU, (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + MFC_APART_SECONDS);
}

/* What the program does when it is asked to end, such as to remove its output, is not for the child to do. */
static void forget_handlers(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGPIPE };
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (signal(ends[i], SIG_DFL) == SIG_IGN && ends[i] != SIGXCPU)   /* as of nohup */
			signal(ends[i], SIG_IGN);
}

/* The program's other files are not the child's to hold open: others wait for their end, or for their lock. */
static void keep_only(int out, int file)
{
	int high = fcntl(file, F_DUPFD, MFC_APART_FILE + 1);
	dup2(out, OUT);
	dup2(high, MFC_APART_FILE);
	int null = open("/dev/null", O_RDWR);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	close_range((unsigned)(high < 0 ? MFC_APART_FILE : MFC_APART_FILE + 1), ~0U, 0);
}

__attribute__((noreturn)) static void be_child(int out, int file, void (*work)(void *), void *context, const sigset_t *mask)
{
	sigset_t few = *mask;
	inside = true;
	for (int i = 0; i < RLIM_NLIMITS; i++)
		getrlimit(i, &user[i]);
	forget_handlers();
	sigdelset(&few, SIGXCPU);
	pthread_sigmask(SIG_SETMASK, &few, NULL);
	keep_only(out, file);
	limit(RLIMIT_CORE, 0);   /* to crash is nothing unheard of here */
	renew_seconds();
	work(context);
	_exit(0);
}

int mfc_apart_begin(struct mfc_apart **apart, const char *library, int file, void (*work)(void *context), void *context, struct mfc_error *err)
{
	struct mfc_apart *a = *apart = malloc(sizeof *a);
	int end[2];
	sigset_t all, mask;
	if (!a)
		return mfc_error_memory(err);
	if (pipe2(end, O_CLOEXEC)) {
		free(a);
		*apart = NULL;
		return mfc_error_system(err, "a process for it");
	}
	sigfillset(&all);
	fcntl(end[1], F_SETPIPE_SZ, PIPE);   /* or what there is */
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	*a = (struct mfc_apart){ fork(), end[0], library };
	if (a->child == 0)
		be_child(end[1], file, work, context, &mask);
	int number = errno;
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	close(end[1]);
	if (a->child > 0)
		return 0;
	close(end[0]);
	free(a);
	*apart = NULL;
	errno = number;
	return mfc_error_system(err, "a process for it");
}

/* How the child ended, that should not have. */
static int blame(struct mfc_apart *a, struct mfc_error *err)
{
	int status;
	pid_t got;
	kill(a->child, SIGKILL);   /* if it lives on; how it ends is decided before its files are closed */
	while ((got = waitpid(a->child, &status, 0)) < 0 && errno == EINTR)
		;
	a->child = -1;
	if (got > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		return mfc_error_set(err, "%s took too long over it", a->library);
	if (got > 0 && WIFSIGNALED(status))
		return mfc_error_set(err, "%s broke on it (%s)", a->library, strsignal(WTERMSIG(status)));
	return mfc_error_set(err, "%s broke on it", a->library);
}

int mfc_apart_read(struct mfc_apart *a, void *data, size_t size, struct mfc_error *err)
{
	ssize_t got = a->child < 0 ? 0 : mfc_file_fill(a->in, data, size);
	if (got < 0)
		return mfc_error_system(err, a->library);
	if ((size_t)got == size)
		return 0;
	return a->child < 0 ? mfc_error_set(err, "%s broke on it", a->library) : blame(a, err);
}

void mfc_apart_end(struct mfc_apart *a)
{
	if (!a)
		return;
	close(a->in);
	if (a->child > 0) {
		kill(a->child, SIGKILL);   /* it may be far from its next write */
		while (waitpid(a->child, NULL, 0) < 0 && errno == EINTR)
			;
	}
	free(a);
}

void mfc_apart_write(const void *data, size_t size)
{
	const char *p = data;
	while (size > 0) {
		ssize_t put = write(OUT, p, size);
		if (put < 0 && errno != EINTR)
			_exit(0);   /* nobody reads it */
		if (put > 0) {
			p += put;
			size -= (size_t)put;
		}
	}
	renew_seconds();
}

void mfc_apart_allow(size_t bytes)
{
	unsigned long long pages;
	FILE *f = inside ? fopen("/proc/self/statm", "r") : NULL;
	if (f && fscanf(f, "%*u %*u %*u %*u %*u %llu", &pages) == 1)
		limit(RLIMIT_DATA, (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + bytes);
	if (f)
		fclose(f);
}
