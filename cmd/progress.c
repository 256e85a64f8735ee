/* Progress of long jobs on standard error. */
#include "cli.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static struct {
	bool shown, terminal;
	double first, last;   /* clock at the first call and at the last drawing */
	double begun;         /* done at the first call */
} state;

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

static void draw(double done, double total, const char *unit, const char *note, double now)
{
	char line[512], left[32];
	size_t n = 0, width = columns();
	double rate = now > state.first ? (done - state.begun) / (now - state.first) : 0;
	if (total > 0)
		n = format_bar(line, sizeof line, fmin(1, done / total), width);
	else
		n = (size_t)snprintf(line, sizeof line, "%.0f %s ", done, unit ? unit : "");
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
}

void cli_progress(struct cli *cli, double done, double total, const char *unit, const char *note)
{
	double now = seconds();
	if (state.first == 0) {
		const char *term = getenv("TERM");
		state.first = now;
		state.begun = done;
		state.terminal = isatty(STDERR_FILENO) && !(term && strcmp(term, "dumb") == 0);
	}
	if (cli->quiet || cli->progress == 0 || (cli->progress < 0 && !state.terminal))
		return;
	/* A terminal's line is redrawn; elsewhere each is a line of its own, and fewer. */
	if (now - state.last < (state.terminal ? 0.1 : 5) && !(total > 0 && done >= total))
		return;
	state.last = now;
	state.shown = true;
	draw(done, total, unit, note, now);
}

void cli_progress_end(struct cli *cli)
{
	(void)cli;
	if (state.shown && state.terminal)
		fputc('\n', stderr);
	state.shown = false;
}
