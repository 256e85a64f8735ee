/* What a header says of the commands that made its stream. */
#include "cli.h"

#include "rng.h"
#include "stream/history.h"

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

uint64_t cli_stage_seed(const struct cli *cli, const struct mfc_value *header)
{
	return mfc_rng_mix(cli->seed, mfc_history_count(header, cli->program));
}
