#include "cli.h"

#include "file.h"
#include "rng.h"
#include "stream/history.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <sched.h>
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
	fflush(stdout);
	fprintf(stderr, "%s: ", program);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

#define SAY(format) do { va_list args; va_start(args, format); say(format, args); va_end(args); } while (0)

void cli_warn(const char *format, ...)
{
	if (current)
		cli_progress_end(current);
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

static const char *progress_text;

/* The options that every filter takes. */
static size_t common_options(struct cli *cli, struct cli_option *to)
{
	const struct cli_option common[] = {
		{ "output", 'o', "FILE", "write here, complete or not at all (default: standard output)", CLI_STRING, &cli->output },
		{ "seed", 's', "N", "seed of every random draw (0)", CLI_NATURAL, &cli->seed },
		{ "threads", '@', "N", "threads (default: the processors there are)", CLI_NATURAL, &cli->threads },
		{ "quiet", 'q', NULL, "no progress", CLI_FLAG, &cli->quiet },
		{ "verbose", 'v', NULL, "say what is done, and a closing line", CLI_FLAG, &cli->verbose },
		{ "progress", 1, "WHEN", "auto, always or never", CLI_STRING, &progress_text },
		{ "max-record", 0, "BYTES", "refuse larger records (100M)", CLI_NATURAL, &cli->max_record },
		{ "no-history", 0, NULL, "leave the stream's history as it came", CLI_FLAG, &cli->no_history },
		{ "force", 0, NULL, "write even to a terminal", CLI_FLAG, &cli->force },
		{ "help", 'h', NULL, "print this", CLI_FLAG, NULL },
		{ "version", 'V', NULL, "print the version", CLI_FLAG, NULL },
	};
	memcpy(to, common, sizeof common);
	return sizeof common / sizeof *common;
}

static void help(const struct cli *cli, const struct cli_option *option, size_t count)
{
	printf("usage: %s %s\n%s\n\n", cli->program, cli->synopsis, cli->purpose);
	for (size_t i = 0; i < count; i++) {
		char left[64];
		char letter[8] = "    ";
		if (option[i].letter > 1)
			snprintf(letter, sizeof letter, "-%c, ", option[i].letter);
		snprintf(left, sizeof left, "%s--%s%s%s%s", letter, option[i].name, !option[i].argument ? "" : option[i].letter == 1 ? "[=" : " ",
		    option[i].argument ? option[i].argument : "", option[i].letter == 1 ? "]" : "");
		printf("  %-28s %s\n", left, option[i].help);
	}
	exit(fflush(stdout) ? 1 : 0);
}

static size_t natural(const struct cli_option *o, const char *text)
{
	char *end;
	errno = 0;
	unsigned long long n = strtoull(text, &end, 10);
	unsigned shift = *end == 'k' || *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
	if (text[0] < '0' || text[0] > '9' || errno || end[shift != 0] || n > SIZE_MAX >> shift)
		cli_usage("--%s %s: not a natural number", o->name, text);
	return (size_t)n << shift;
}

static void take(const struct cli_option *o, const char *text)
{
	char *end;
	struct cli_list *list = o->target;
	switch (o->type) {
	case CLI_FLAG: *(bool *)o->target = true; break;
	case CLI_STRING: *(const char **)o->target = text; break;
	case CLI_NATURAL: *(size_t *)o->target = natural(o, text); break;
	case CLI_REAL: {
		double value = strtod(text, &end);
		if (end == text || *end || !isfinite(value))
			cli_usage("--%s %s: not a number", o->name, text);
		*(double *)o->target = value;
		break;
	}
	case CLI_LIST:
		list->item = realloc(list->item, (list->count + 1) * sizeof *list->item);
		if (!list->item)
			cli_die("out of memory");
		list->item[list->count++] = text;
		break;
	}
}

static size_t processors(void)
{
	cpu_set_t set;
	return sched_getaffinity(0, sizeof set, &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
}

/* What the common options say that needs a look. */
static void settle(struct cli *cli)
{
	if (cli->threads < 1 || cli->threads > 1024)
		cli_usage("--threads: from 1 to 1024");
	cli->progress = -1;
	if (!progress_text || strcmp(progress_text, "auto") == 0)
		return;
	if (strcmp(progress_text, "always") != 0 && strcmp(progress_text, "never") != 0)
		cli_usage("--progress %s: not auto, always or never", progress_text);
	cli->progress = strcmp(progress_text, "always") == 0;
}

static void parse_options(struct cli *cli, struct cli_option *option, size_t count)
{
	struct option *longs = calloc(count + 1, sizeof *longs);
	char *letters = calloc(count + 1, 3), *p = letters;
	if (!longs || !letters)
		cli_die("out of memory");
	for (size_t i = 0; i < count; i++) {
		int has = !option[i].argument ? no_argument : option[i].letter == 1 ? optional_argument : required_argument;
		longs[i] = (struct option){ option[i].name, has, NULL, 256 + (int)i };
		if (option[i].letter > 1)
			p += sprintf(p, "%c%s", option[i].letter, has == required_argument ? ":" : "");
	}
	int c;
	opterr = 1;
	optind = 0;
	while ((c = getopt_long(cli->argc, cli->argv, letters, longs, NULL)) != -1) {
		if (c == '?') {
			fprintf(stderr, "Try '%s --help'.\n", cli->program);
			exit(2);
		}
		size_t i = c >= 256 ? (size_t)c - 256 : 0;
		while (c < 256 && option[i].letter != c)
			i++;
		if (strcmp(option[i].name, "help") == 0)
			help(cli, option, count);
		if (strcmp(option[i].name, "version") == 0) {
			printf("%s %s\n", cli->program, MFC_VERSION);
			exit(fflush(stdout) ? 1 : 0);
		}
		take(&option[i], optarg ? optarg : "always");
	}
	free(longs);
	free(letters);
}

void cli_parse(struct cli *cli, int argc, char **argv, const struct cli_option *table)
{
	size_t count = 0;
	clock_gettime(CLOCK_MONOTONIC, &started);
	signal(SIGPIPE, SIG_DFL);   /* a parent may ignore it */
	current = cli;
	program = cli->program;
	cli->argc = argc;
	cli->argv = argv;
	cli->output = "-";
	cli->threads = processors();
	cli->max_record = MFC_MAX_RECORD;
	while (table[count].name)
		count++;
	struct cli_option option[count + 16];
	memcpy(option, table, count * sizeof *option);
	count += common_options(cli, option + count);
	/* getopt_long permutes argv; the history keeps the order as given, and messages the program's full name. */
	char **given = malloc(((size_t)argc + 1) * sizeof *given), *name = strdup(cli->program);
	if (!given || !name)
		cli_die("out of memory");
	memcpy(given, argv, ((size_t)argc + 1) * sizeof *given);
	argv[0] = given[0] = name;
	parse_options(cli, option, count);
	settle(cli);
	cli->operand = argv + optind;
	cli->operands = argc - optind;
	cli->argv = given;
	atexit(discard_output);
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
static void close_with(const struct cli *cli, const char *done)
{
	struct timespec t;
	struct rusage usage;
	clock_gettime(CLOCK_MONOTONIC, &t);
	getrusage(RUSAGE_SELF, &usage);
	cli_note("version %s, %s%.2f s, peak memory %ld MiB", MFC_VERSION, done,
	    (double)(t.tv_sec - started.tv_sec) + 1e-9 * (double)(t.tv_nsec - started.tv_nsec), usage.ru_maxrss / 1024);
	(void)cli;
}

static void commit(void)
{
	struct mfc_error err;
	if (mfc_file_commit(&output_file, &err))
		cli_die("%s", err.message);
}

void cli_output_file_end(struct cli *cli)
{
	commit();
	close_with(cli, "");
}

struct mfc_writer *cli_output(struct cli *cli)
{
	if (!writer.out)
		mfc_writer_init(&writer, cli_output_file(cli, true), strcmp(cli->output, "-") == 0 ? "standard output" : cli->output);
	return &writer;
}

void cli_output_header(struct cli *cli, const struct mfc_value *header, bool draws)
{
	struct mfc_error err;
	struct mfc_value copy;
	if (mfc_value_copy(&copy, header, &err) ||
	    (!cli->no_history &&
	        mfc_history_append(&copy, cli->program, MFC_VERSION, cli->argc, cli->argv, draws ? &cli->seed : NULL, &err)) ||
	    mfc_writer_header(cli_output(cli), &copy, &err))
		cli_die("%s", err.message);
	mfc_value_clear(&copy);
}

void cli_output_end(struct cli *cli)
{
	struct mfc_error err;
	char done[64];
	if (mfc_writer_end(cli_output(cli), &err))
		cli_die("%s", err.message);
	commit();
	snprintf(done, sizeof done, "%zu clouds, ", writer.count);
	close_with(cli, done);
}

uint64_t cli_stage_seed(const struct cli *cli, const struct mfc_value *header)
{
	return mfc_rng_mix(cli->seed, mfc_history_count(header, cli->program));
}

const char *cli_name(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

const char *cli_input(struct cli *cli)
{
	if (cli->operands > 1)
		cli_usage("one input, not %d", cli->operands);
	return cli->operands ? cli->operand[0] : "-";
}

FILE *cli_open(const char *path)
{
	if (strcmp(path, "-") == 0) {
		if (isatty(STDIN_FILENO))
			cli_usage("standard input is a terminal: give a file or a pipe");
		return stdin;
	}
	FILE *f = fopen(path, "rb");
	if (!f)
		cli_die("%s: %s", path, strerror(errno));
	return f;
}
