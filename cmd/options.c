/* The table of options: parsing, help, and the options that every filter shares. */
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

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
		{ "max-memory", 0, "BYTES", "refuse to hold more (the memory there is)", CLI_NATURAL, &cli->max_memory },
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

static size_t count_of(const struct cli_option *o, const char *text)
{
	size_t n = natural(o, text);
	if (n < 1 || n > UINT32_MAX)
		cli_usage("--%s %s: %s", o->name, text, n ? "more than 4294967295" : "at least 1");
	return n;
}

void cli_part(const char *option, const char *text, size_t *part, size_t *parts)
{
	const char *slash = strchr(text, '/');
	bool digits = slash && slash > text && strspn(text, "0123456789") == (size_t)(slash - text) && strspn(slash + 1, "0123456789") == strlen(slash + 1);
	errno = 0;
	*part = digits ? strtoull(text, NULL, 10) : 0;
	*parts = digits ? strtoull(slash + 1, NULL, 10) : 0;
	if (errno || *part >= *parts)
		cli_usage("--%s %s: not I/M with 0 <= I < M", option, text);
}

static void take(const struct cli_option *o, const char *text)
{
	char *end;
	struct cli_list *list = o->target;
	switch (o->type) {
	case CLI_FLAG: *(bool *)o->target = true; break;
	case CLI_STRING: *(const char **)o->target = text; break;
	case CLI_NATURAL: *(size_t *)o->target = natural(o, text); break;
	case CLI_COUNT: *(size_t *)o->target = count_of(o, text); break;
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
	struct option longs[count + 1];
	char letters[3 * count + 1], *p = letters;
	memset(longs, 0, sizeof longs);
	letters[0] = 0;
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
}

void cli_parse(struct cli *cli, int argc, char **argv, const struct cli_option *table)
{
	size_t count = 0;
	cli_begin(cli);
	cli->argc = argc;
	cli->argv = argv;
	cli->output = "-";
	cli->threads = processors();
	cli->max_record = MFC_MAX_RECORD;
	cli->max_memory = cli_memory();
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
	cli_progress_begin(cli);
}
