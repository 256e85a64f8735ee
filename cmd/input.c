/* Inputs, and streams that are read for their clouds or their header by programs that write none. */
#include "cli.h"

#include "net/format.h"
#include "waiting.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *cli_name(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

const char *cli_output_name(const struct cli *cli)
{
	return strcmp(cli->output, "-") == 0 ? "standard output" : cli->output;
}

const char *cli_input(struct cli *cli)
{
	if (cli->operands > 1)
		cli_usage("one input, not %d", cli->operands);
	return cli->operands ? cli->operand[0] : "-";
}

bool cli_same_file(const char *a, const char *b)
{
	struct stat p, q;
	if (strcmp(a, "-") == 0 || strcmp(b, "-") == 0 || stat(a, &p) || stat(b, &q))
		return strcmp(a, b) == 0 && strcmp(a, "-") != 0;
	return S_ISREG(p.st_mode) && p.st_dev == q.st_dev && p.st_ino == q.st_ino;
}

void cli_apart(const char *path)
{
	if (cli_is_output(path))
		cli_usage("%s: is read, and the output too", path);
}

FILE *cli_open(const char *path)
{
	cli_apart(path);
	return cli_open_in_place(path);
}

FILE *cli_open_in_place(const char *path)
{
	if (strcmp(path, "-") == 0) {
		if (isatty(STDIN_FILENO))
			cli_usage("standard input is a terminal: give a file or a pipe");
		return stdin;
	}
	mfc_waiting_enter(MFC_WAITS_INPUT);   /* a fifo's other end */
	FILE *f = fopen(path, "rb");
	mfc_waiting_leave(MFC_WAITS_INPUT);
	if (!f)
		cli_die("%s: %s", path, strerror(errno));
	return f;
}

size_t cli_read(struct cli *cli, const char *path, const struct cli_visitor *visitor)
{
	struct mfc_error err;
	struct mfc_reader *reader;
	struct mfc_cloud cloud;
	FILE *in = cli_open(path);
	size_t count = 0;
	int event;
	mfc_cloud_init(&cloud);
	if (mfc_reader_open(&reader, in, cli_name(path), cli->max_record, &err))
		cli_die("%s", err.message);
	while ((event = mfc_reader_next(reader, &cloud, &err)) > 0) {
		if (event == MFC_HEADER) {
			if (visitor->header)
				visitor->header(visitor->context, mfc_reader_header(reader));
			continue;
		}
		visitor->cloud(visitor->context, &cloud);
		cli_progress(cli, (double)++count, 0, "clouds", NULL);
	}
	if (event < 0)
		cli_die("%s", err.message);
	mfc_cloud_clear(&cloud);
	mfc_reader_close(reader);
	if (in != stdin)
		fclose(in);
	return count;
}

void cli_read_header(struct mfc_value *header, const char *path)
{
	struct mfc_error err;
	struct mfc_reader *reader;
	struct mfc_value record = mfc_value_nil();
	FILE *in = cli_open(path);
	size_t format;
	int event = MFC_RECORD;
	if (mfc_reader_open(&reader, in, cli_name(path), MFC_MODEL_MAX_RECORD, &err))
		cli_die("%s", err.message);
	mfc_reader_sum(reader);
	if (mfc_reader_next_value(reader, &record, &err) != MFC_HEADER || mfc_value_copy(header, mfc_reader_header(reader), &err))
		cli_die("%s", err.message);
	if (mfc_value_get(header, "model") && mfc_model_format(header, &format, &err))
		cli_die("%s: %s", cli_name(path), err.message);
	while (mfc_value_get(header, "model") && event != MFC_END)   /* whose last bytes vouch for the first */
		if ((event = mfc_reader_next_value(reader, &record, &err)) < 0)
			cli_die("%s", err.message);
	mfc_value_clear(&record);
	mfc_reader_close(reader);
	if (in != stdin)
		fclose(in);
}

void cli_read_model(struct mfc_value *header, const char *path)
{
	cli_read_header(header, path);
	if (!mfc_value_get(header, "model"))
		cli_die("%s: not a model", cli_name(path));
}

int cli_model_units(struct mfc_value *header, const struct mfc_value *model, struct mfc_error *err)
{
	static const char *const key[] = { "normalize", "one_hot" };
	for (size_t k = 0; k < sizeof key / sizeof *key; k++) {
		struct mfc_value copy;
		const struct mfc_value *of = mfc_value_get(model, key[k]);
		if (of && !mfc_value_get(header, key[k]) && (mfc_value_copy(&copy, of, err) || mfc_value_put(header, key[k], copy, err)))
			return -1;
	}
	return 0;
}
