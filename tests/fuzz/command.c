/* The command line of every program, a word a line, until it reads or writes: what options take, and what they say of each other. */
#include "programs.h"

static FILE *process_open(const char *path)
{
	(void)path;
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = exact_copy(data, size);
	if (!fuzz_stdin)
		fuzz_stdin = process_file(NULL, "", 0);
	require_programs_run();
	if (memchr(text, 0, size) == NULL)
		run_command(text, '\n');
	free(text);
	return 0;
}
