/* Progress of long jobs on standard error. */
#include "cli.h"

#include "waiting.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define OFTEN 0.1   /* seconds between drawings on a terminal, whose line is redrawn; */
#define SELDOM 5    /* elsewhere, where each is a line of its own, and of what stands still */

static struct {
	pthread_mutex_t lock;
	bool wanted, terminal;
	bool live, shown;     /* something is going on; its line is on the terminal */
	bool counts;          /* cli_progress was called */
	double first, last;   /* clock at the first call and at the last drawing */
	double begun;         /* done at the first call */
	double done, total;   /* at the last call */
	const char *program, *unit;
} state = { .lock = PTHREAD_MUTEX_INITIALIZER };

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static size_t columns(void)
{
	struct winsize size;
	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

static void format_time(char *out, size_t size, double s)
{
	long t = lround(s);
	if (t >= 3600)
		snprintf(out, size, "%ld:%02ld:%02ld", t / 3600, t / 60 % 60, t % 60);
	else
		snprintf(out, size, "%ld:%02ld", t / 60, t % 60);
}

/* "[=====>    ]  42 %": as wide as what is left of the line allows. */
static size_t format_bar(char *out, size_t size, double share, size_t room)
{
	size_t width = room > 60 ? 30 : room > 40 ? 15 : 0, full = (size_t)(share * (double)width), n = 0;
	if (width && width + 16 < size) {
		out[n++] = '[';
		for (size_t i = 0; i < width; i++)
			out[n++] = i < full ? '=' : i == full ? '>' : ' ';
		out[n++] = ']';
	}
	return n + (size_t)snprintf(out + n, size - n, " %3.0f %% ", 100 * share);
}

/* The filters of a pipeline may share a terminal: each says its name. */
static void draw(const char *note, double now)
{
	char line[512], left[32];
	const char *unit = state.unit;
	size_t n = (size_t)snprintf(line, sizeof line, "%.60s: ", state.program), width = columns();
	double done = state.done, total = state.total, rate = now > state.first ? (done - state.begun) / (now - state.first) : 0;
	if (total > 0)
		n += format_bar(line + n, sizeof line - n, fmin(1, done / total), width > n ? width - n : 0);
	else if (unit)
		n += (size_t)snprintf(line + n, sizeof line - n, "%.0f %s ", done, unit);
	if (unit && rate > 0)
		n += (size_t)snprintf(line + n, sizeof line - n, "%.*f %s/s ", rate < 10 ? 1 : 0, rate, unit);
	format_time(left, sizeof left, total > 0 && rate > 0 ? (total - done) / rate : now - state.first);
	n += (size_t)snprintf(line + n, sizeof line - n, "%s %s", left, total > 0 ? "left" : "so far");
	if (note && *note)
		n += (size_t)snprintf(line + n, sizeof line - n, "  %s", note);
	if (state.terminal) {
		if (n >= width)
			line[width - 1] = 0;
		fprintf(stderr, "\r%s\033[K", line);
	} else {
		fprintf(stderr, "%s\n", line);
	}
	fflush(stderr);
	state.last = now;
	state.shown = true;
}

/* Which side keeps the filter, of the time since the last look; NULL: neither. */
static const char *stall(double before[MFC_WAITINGS])
{
	double now[MFC_WAITINGS], all = 0;
	mfc_waiting_spent(now);
	for (int i = 0; i < MFC_WAITINGS; i++)
		all += now[i] - before[i];
	bool in = now[MFC_WAITS_INPUT] - before[MFC_WAITS_INPUT] > 0.9 * all, out = now[MFC_WAITS_OUTPUT] - before[MFC_WAITS_OUTPUT] > 0.9 * all;
	memcpy(before, now, sizeof now);
	return in ? "waiting for input" : out ? "output blocked" : NULL;
}

/* Nothing else draws while nothing goes on. */
static void *watch(void *context)
{
	double before[MFC_WAITINGS];
	const char *was = NULL;
	(void)context;
	mfc_waiting_spent(before);
	while (sleep(1) == 0) {
		const char *now = stall(before);
		pthread_mutex_lock(&state.lock);
		if (now && state.live && (now != was || seconds() - state.last >= SELDOM))
			draw(now, seconds());
		pthread_mutex_unlock(&state.lock);
		was = now;
	}
	return NULL;
}

void cli_progress_begin(struct cli *cli)
{
	const char *term = getenv("TERM");
	pthread_t thread;
	sigset_t all, mask;
	state.terminal = isatty(STDERR_FILENO) && !(term && strcmp(term, "dumb") == 0);
	state.wanted = !cli->quiet && (cli->progress > 0 || (cli->progress < 0 && state.terminal));
	state.program = cli->program;
	state.first = seconds();
	state.live = true;
	if (!state.wanted)
		return;
	sigfillset(&all);   /* signals are for the thread that works */
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	if (pthread_create(&thread, NULL, watch, NULL) == 0)
		pthread_detach(thread);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

void cli_progress(struct cli *cli, double done, double total, const char *unit, const char *note)
{
	double now = seconds();
	if (!state.wanted || cli->progress == 0)
		return;
	pthread_mutex_lock(&state.lock);
	if (!state.counts) {
		state.counts = true;
		state.first = now;
		state.begun = done;
	}
	state.live = true;
	state.done = done;
	state.total = total;
	state.unit = unit;
	if (now - state.last >= (state.terminal ? OFTEN : SELDOM) || (total > 0 && done >= total))
		draw(note, now);
	pthread_mutex_unlock(&state.lock);
}

static void leave_line(bool live)
{
	pthread_mutex_lock(&state.lock);
	if (state.shown && state.terminal)
		fputc('\n', stderr);
	state.shown = false;
	state.live = state.live && live;
	pthread_mutex_unlock(&state.lock);
}

void cli_progress_break(void)
{
	leave_line(true);
}

void cli_progress_end(struct cli *cli)
{
	(void)cli;
	leave_line(false);
}
