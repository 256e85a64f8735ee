/* What every filter shares: options, messages, input and output, the loop over records, progress. Only commands use it; it
 * may exit. */
#ifndef MFC_CLI_H
#define MFC_CLI_H

#include "stream/stream.h"

#define MFC_VERSION "0.1.0"

enum cli_type {
	CLI_FLAG,    /* bool *: true when given */
	CLI_STRING,  /* const char ** */
	CLI_REAL,    /* double *: finite */
	CLI_NATURAL, /* size_t *: decimal, with an optional k, M or G (powers of 1024) */
	CLI_COUNT,   /* the same, from 1 to 2^32-1: what 0 stands for before parsing cannot be said on the command line */
	CLI_LIST     /* struct cli_list *: may be given again */
};

struct cli_list { const char **item; size_t count; };

/* One row of a command's table of options; the table ends with a zeroed row. */
struct cli_option {
	const char *name;       /* long name without dashes */
	char letter;            /* or 0 */
	const char *argument;   /* as the usage shows it, NULL for a flag */
	const char *help;       /* one line */
	enum cli_type type;
	void *target;           /* holds the default before parsing */
};

struct cli {
	const char *program;    /* "mfc-score denoise": begins every message */
	const char *synopsis;   /* after the program in "usage: " */
	const char *purpose;    /* one line under the usage */
	int argc; char **argv;  /* the whole command as it was given, for history */
	/* the common options */
	const char *output;     /* -o, "-" by default */
	uint64_t seed;          /* -s, 0 by default */
	size_t threads;         /* -@, the processors this process may use by default */
	bool quiet, verbose, force, no_history;
	int progress;           /* --progress: -1 auto, 0 never, 1 always */
	size_t max_record, max_memory;
	size_t held;            /* bytes, by cli_hold */
	char **operand; int operands;   /* what follows the options */
};

/* The one input of a program that takes no more: its operand, or standard input; dies on a second operand. */
const char *cli_input(struct cli *cli);
/* What messages call a path: "-" is "standard input". */
const char *cli_name(const char *path);
/* The output's name for messages. */
const char *cli_output_name(const struct cli *cli);

/* Fill in cli from argv and the table (common options are added). Prints help or version and exits 0, or a usage error and exits 2.
 * Also restores SIGPIPE to its default. argv[0] is the (sub)command. */
void cli_parse(struct cli *cli, int argc, char **argv, const struct cli_option *table);

/* The memory there is for this process, in bytes: what --max-memory is by default. */
size_t cli_memory(void);
/* Would `count` things of `bytes` each, with what is held, be within --max-memory? 0, or -1 and both numbers in err. */
int cli_fits(const struct cli *cli, size_t count, size_t bytes, struct mfc_error *err);
/* Count them among what is held, to the end; dies, with `what` before the numbers, where that is too much. */
void cli_hold(struct cli *cli, size_t count, size_t bytes, const char *what);

/* "I/M", the I-th of M parts, from 0; a usage error of the option that is called so where it is not. */
void cli_part(const char *option, const char *text, size_t *part, size_t *parts);

/* The first thing that cli_parse does: whose messages these are, signals, the clock. */
void cli_begin(struct cli *cli);

void cli_die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));   /* exit 1 */
void cli_usage(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2))); /* exit 2, names --help */
void cli_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void cli_note(const char *format, ...) __attribute__((format(printf, 1, 2)));            /* only under -v */

/* The stream's writer on -o: refuses a terminal unless --force; written beside and renamed. end writes the trailer and
 * commits, and prints the closing line of -v (version, command, records, seconds, peak memory). A process that dies before leaves no file. */
struct mfc_writer *cli_output(struct cli *cli);
void cli_output_end(struct cli *cli);
/* Write a header to cli_output, or another writer, with this command appended to its history (unless --no-history); draws: whether the seed
 * mattered. */
void cli_output_header(struct cli *cli, const struct mfc_value *header, bool draws);
void cli_write_header(struct cli *cli, struct mfc_writer *to, const struct mfc_value *header, bool draws);
/* The closing line of -v, for a program that ends its output itself. */
void cli_closing(size_t clouds);

/* For a program with subcommands: run the one that argv[1] names, with argv + 1; --help lists them. Returns its status. */
struct cli_command { const char *name; int (*run)(int argc, char **argv); const char *purpose; };
int cli_dispatch(const char *program, const struct cli_command *table, int argc, char **argv);

/* The text or bytes of a program that writes no stream: -o, or standard output; refused when a terminal where `binary`. publish puts in place, and on
 * the disk, what is written so far, and leaves there what comes: for a text that others read while it grows; -1 with errno where that fails. end commits it. */
FILE *cli_output_file(struct cli *cli, bool binary);
int cli_output_file_publish(struct cli *cli);
void cli_output_file_end(struct cli *cli);

/* Whether two names are of one file, which may not be there yet. "-" is no file. */
bool cli_same_file(const char *a, const char *b);
bool cli_is_output(const char *path);
/* Open a named input ("-": standard input; refused when a terminal). Dies where it cannot, and of one that the output would replace: in_place lets that be,
 * for what is wanted there. apart: that check alone. */
FILE *cli_open(const char *path);
FILE *cli_open_in_place(const char *path);
void cli_apart(const char *path);

/* Read a stream ("-": standard input) to its end, for a program that writes none: every header and cloud to the visitor, which may change the cloud;
 * progress by the way. Dies where the stream is not whole. Returns the count of clouds. */
struct cli_visitor {
	void (*header)(void *context, const struct mfc_value *header);   /* or NULL */
	void (*cloud)(void *context, struct mfc_cloud *cloud);
	void *context;
};
size_t cli_read(struct cli *cli, const char *path, const struct cli_visitor *visitor);
/* What of a model's header leads from its clouds back to the data ("normalize", "one_hot"), into a stream's where that has it not. */
int cli_model_units(struct mfc_value *header, const struct mfc_value *model, struct mfc_error *err);
/* A copy of the first header of a stream or model. Dies where there is none; read_model also where it is not that of a model. */
void cli_read_header(struct mfc_value *header, const char *path);
void cli_read_model(struct mfc_value *header, const char *path);

/* The loop of a filter over its operands' streams (standard input without operands): every header is passed to `header` (may be
 * NULL) which may change it, then written; every cloud to `cloud`, which returns 1 to write it, 0 to drop it, -1 to fail. Several workers, numbered
 * 0 … threads-1, may run `cloud` at once when parallel is set; output keeps the order of input. `header` runs only while no worker does.
 * On an error everything before it has been written, then it dies. Returns the count of clouds written. */
struct cli_filter {
	int (*header)(void *context, struct mfc_value *header, struct mfc_error *err);
	int (*cloud)(void *context, size_t worker, struct mfc_cloud *cloud, struct mfc_error *err);
	void *context;
	bool parallel;
	bool draws;               /* uses random numbers: the seed goes into the history */
	const char *unit;         /* of progress: "clouds" */
};
size_t cli_run(struct cli *cli, const struct cli_filter *filter);

/* The seed a stage draws with: -s mixed with how often the header's history names this program already, so that a stage that is repeated
 * draws anew. */
uint64_t cli_stage_seed(const struct cli *cli, const struct mfc_value *header);

/* Watch, where progress is shown, for a filter that waits: every few seconds in which it does its line says for what. By cli_parse. */
void cli_progress_begin(struct cli *cli);
/* Progress on standard error: the program's name, and a bar when total is known, with rate and time left; `note` (may be NULL) stands at its end. Shown when
 * stderr is a terminal or --progress=always; quiet under -q. Redrawn at most ten times a second. */
void cli_progress(struct cli *cli, double done, double total, const char *unit, const char *note);
void cli_progress_end(struct cli *cli);
/* Leave the line to a message, and go on. */
void cli_progress_break(void);

#endif
