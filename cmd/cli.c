#include "cli.h"

#include "file.h"
#include "rng.h"
#include "stream/history.h"
#include "waiting.h"

#include <errno.h>
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

void cli_begin(struct cli *cli)
{
	clock_gettime(CLOCK_MONOTONIC, &started);
	mfc_waiting_spent((double[MFC_WAITINGS]){ 0 });   /* from here on */
	current = cli;
	program = cli->program;
	atexit(discard_output);
	signal(SIGPIPE, SIG_DFL);   /* a parent may ignore it */
	if (signal(SIGINT, on_signal) == SIG_IGN)
		signal(SIGINT, SIG_IGN);
	signal(SIGTERM, on_signal);
}

int cli_dispatch(const char *name, const struct cli_command *table, int argc, char **argv)
{
	program = name;
	bool asks = argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
	for (const struct cli_command *c = table; argc > 1 && c->name; c++)
		if (strcmp(argv[1], c->name) == 0)
			return c->run(argc - 1, argv + 1);
	if (argc > 1 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
		printf("%s %s\n", name, MFC_VERSION);
		return fflush(stdout) ? 1 : 0;
	}
	FILE *out = asks ? stdout : stderr;
	if (!asks && argc > 1)
		fprintf(out, "%s: no command \"%s\"\n", name, argv[1]);
	fprintf(out, "usage: %s COMMAND [option ...]\n\n", name);
	for (const struct cli_command *c = table; c->name; c++)
		fprintf(out, "  %-10s %s\n", c->name, c->purpose);
	fprintf(out, "\n'%s COMMAND --help' prints a command's options.\n", name);
	return asks ? fflush(stdout) != 0 : 2;
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

void cli_output_file_publish(struct cli *cli)
{
	struct mfc_error err;
	(void)cli;
	if (mfc_file_publish(&output_file, &err))
		cli_die("%s", err.message);
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

void cli_write_header(struct cli *cli, struct mfc_writer *to, const struct mfc_value *header, bool draws)
{
	struct mfc_error err;
	struct mfc_value copy;
	if (mfc_value_copy(&copy, header, &err) ||
	    (!cli->no_history && mfc_history_append(&copy, cli->program, MFC_VERSION, cli->argc, cli->argv, draws ? &cli->seed : NULL, &err)) ||
	    mfc_writer_header(to, &copy, &err))
		cli_die("%s", err.message);
	mfc_value_clear(&copy);
}

void cli_output_end(struct cli *cli)
{
	struct mfc_error err;
	if (mfc_writer_end(cli_output(cli), &err))
		cli_die("%s", err.message);
	commit();
	cli_closing(writer.count);
}

uint64_t cli_stage_seed(const struct cli *cli, const struct mfc_value *header)
{
	return mfc_rng_mix(cli->seed, mfc_history_count(header, cli->program));
}
