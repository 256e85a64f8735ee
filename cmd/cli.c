#include "cli.h"

#include "file.h"
#include "waiting.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* One command runs in a process: messages need its name, and dying must remove what is half written. */
static struct cli *current;
static const char *program = "mfc";
static struct mfc_file output_file;
static struct mfc_writer writer;
static struct timespec started;

static void say(const char *format, va_list args)
{
	char text[4096];   /* in one write: the lines of a pipeline's programs do not mix */
	vsnprintf(text, sizeof text, format, args);
	mfc_error_defuse(text);
	if (output_file.stream && !output_file.path)   /* in the order in which it was said */
		fflush(output_file.stream);
	fprintf(stderr, "%s: %s\n", program, text);
}

#define SAY(format) do { va_list args; va_start(args, format); say(format, args); va_end(args); } while (0)
void cli_warn(const char *format, ...)
{
	cli_progress_break();
	SAY(format);
}

void cli_note(const char *format, ...)
{
	if (current && current->verbose)
		SAY(format);
}

void cli_die(const char *format, ...)
{
	if (current)
		cli_progress_end(current);
	SAY(format);
	exit(1);   /* what is half written goes at exit */
}

void cli_usage(const char *format, ...)
{
	SAY(format);
	fprintf(stderr, "Try '%s --help'.\n", program);
	exit(2);
}

static void discard_output(void)
{
	mfc_file_discard(&output_file);
}

/* A signal leaves no temporary file behind. */
static void on_signal(int number)
{
	if (output_file.temporary)
		unlink(output_file.temporary);
	signal(number, SIG_DFL);
	raise(number);
}

/* Where the parent closed a standard descriptor the next file to be opened would have its number, and messages go into an output. What stands there
 * instead fails as a closed one does. */
static void hold_standard_descriptors(void)
{
	static const int mode[] = { O_WRONLY, O_RDONLY, O_RDONLY };
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", mode[fd]) < 0)
			_exit(1);
}

void cli_begin(struct cli *cli)
{
	static const int fatal[] = { SIGINT, SIGTERM, SIGHUP, SIGXCPU };
	hold_standard_descriptors();
	clock_gettime(CLOCK_MONOTONIC, &started);
	mfc_waiting_spent((double[MFC_WAITINGS]){ 0 });   /* from here on */
	current = cli;
	program = cli->program;
	atexit(discard_output);
	signal(SIGPIPE, SIG_DFL);   /* a parent may ignore it, */
	signal(SIGCHLD, SIG_DFL);   /* and this, with which no child can be waited for */
	for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
		if (signal(fatal[i], on_signal) == SIG_IGN)   /* as of nohup */
			signal(fatal[i], SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);   /* the write that went too far says so */
}

bool cli_is_output(const char *path)
{
	return current && cli_same_file(path, current->output);
}

FILE *cli_output_file(struct cli *cli, bool binary)
{
	struct mfc_error err;
	if (binary && strcmp(cli->output, "-") == 0 && isatty(STDOUT_FILENO) && !cli->force)
		cli_usage("standard output is a terminal: use -o FILE or a pipe, or --force");
	if (mfc_file_create(&output_file, cli->output, &err))
		cli_die("%s", err.message);
	return output_file.stream;
}

/* The closing line of -v. */
static void close_with(const char *done)
{
	struct timespec t;
	struct rusage usage;
	double spent[MFC_WAITINGS];
	mfc_waiting_spent(spent);
	cli_note("waited %.2f s for input, %.2f s for output, worked %.2f s", spent[MFC_WAITS_INPUT], spent[MFC_WAITS_OUTPUT], spent[MFC_WORKS]);
	clock_gettime(CLOCK_MONOTONIC, &t);
	getrusage(RUSAGE_SELF, &usage);
	cli_note("version %s, %s%.2f s, peak memory %ld MiB", MFC_VERSION, done,
	    (double)(t.tv_sec - started.tv_sec) + 1e-9 * (double)(t.tv_nsec - started.tv_nsec), usage.ru_maxrss / 1024);
}

void cli_closing(size_t clouds)
{
	char done[64];
	snprintf(done, sizeof done, "%zu clouds, ", clouds);
	close_with(done);
}

static void commit(void)
{
	struct mfc_error err;
	if (mfc_file_commit(&output_file, &err))
		cli_die("%s", err.message);
}

int cli_output_file_publish(struct cli *cli)
{
	struct mfc_error err;
	(void)cli;
	return mfc_file_publish(&output_file, &err);
}

void cli_output_file_end(struct cli *cli)
{
	(void)cli;
	commit();
	close_with("");
}

struct mfc_writer *cli_output(struct cli *cli)
{
	if (!writer.out)
		mfc_writer_init(&writer, cli_output_file(cli, true), cli_output_name(cli));
	return &writer;
}

void cli_output_header(struct cli *cli, const struct mfc_value *header, bool draws)
{
	cli_write_header(cli, cli_output(cli), header, draws);
}

void cli_output_end(struct cli *cli)
{
	struct mfc_error err;
	if (mfc_writer_end(cli_output(cli), &err))
		cli_die("%s", err.message);
	commit();
	cli_closing(writer.count);
}
