/* What a filter may hold: --max-memory, by default the memory that there is. */
#include "cli.h"

#include <stdio.h>
#include <unistd.h>

/* The machine's memory, or the part of it that a control group grants. */
size_t cli_memory(void)
{
	unsigned long long granted;
	size_t there = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
	FILE *f = fopen("/sys/fs/cgroup/memory.max", "r");
	if (f && fscanf(f, "%llu", &granted) == 1 && granted < there)
		there = (size_t)granted;
	if (f)
		fclose(f);
	return there;
}

int cli_fits(const struct cli *cli, size_t count, size_t bytes, struct mfc_error *err)
{
	size_t total;
	if (!__builtin_mul_overflow(count, bytes, &total) && !__builtin_add_overflow(cli->held, total, &total) && total <= cli->max_memory)
		return 0;
	return mfc_error_set(err, "%.1f MiB of memory are needed, more than %.1f (--max-memory)",
	    ((double)cli->held + (double)count * (double)bytes) / (1 << 20), (double)cli->max_memory / (1 << 20));
}

void cli_hold(struct cli *cli, size_t count, size_t bytes, const char *what)
{
	struct mfc_error err;
	if (cli_fits(cli, count, bytes, &err))
		cli_die("%s: %s", what, err.message);
	cli->held += count * bytes;
}
