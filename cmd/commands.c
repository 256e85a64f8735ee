/* A program with subcommands. */
#include "cli.h"

#include <string.h>

int cli_dispatch(const char *name, const struct cli_command *table, int argc, char **argv)
{
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
