/* The loop of every filter: read a cloud, work on it, write it. */
#include "cli.h"

#include "ordered.h"

#include <string.h>

struct loop {
	struct cli *cli;
	const struct cli_filter *filter;
	struct mfc_writer *writer;
	struct mfc_reader *reader;
	FILE *in;               /* the input being read, or NULL before the next */
	int input;              /* its number */
	size_t kept;
	struct mfc_error err;   /* of reading */
};

struct item {
	struct mfc_cloud cloud;
	int result;             /* of the work: 1, 0 or -1 */
	struct mfc_error err;
};

static void begin_segment(struct loop *l, const struct mfc_value *header)
{
	struct mfc_error err;
	struct mfc_value copy;
	if (mfc_value_copy(&copy, header, &err) || (l->filter->header && l->filter->header(l->filter->context, &copy, &err)))
		cli_die("%s", err.message);
	cli_output_header(l->cli, &copy, l->filter->draws);
	mfc_value_clear(&copy);
}

/* Open the next input; false when there are no more. */
static bool next_input(struct loop *l)
{
	if (l->input == (l->cli->operands ? l->cli->operands : 1))
		return false;
	const char *path = l->cli->operands ? l->cli->operand[l->input] : "-";
	l->in = cli_open_in_place(path);
	/* One reader for all: an id that was in an earlier file draws anew, as in the joined stream. */
	if (l->reader ? mfc_reader_next_input(l->reader, l->in, cli_name(path), &l->err)
	              : mfc_reader_open(&l->reader, l->in, cli_name(path), l->cli->max_record, &l->err))
		cli_die("%s", l->err.message);
	return true;
}

static int read_cloud(void *context, struct mfc_ordered *run, void *p)
{
	struct loop *l = context;
	struct item *item = p;
	mfc_cloud_init(&item->cloud);
	while (l->in || next_input(l)) {
		int event = mfc_reader_next(l->reader, &item->cloud, &l->err);
		if (event == MFC_RECORD) {
			mfc_ordered_reserve(run, mfc_cloud_bytes(&item->cloud));   /* where it is large, nothing more is read yet */
			return 1;
		}
		/* Headers change what the work is, and an input that has ended was worked on to its end. */
		mfc_ordered_drain(run);
		if (event < 0) {
			mfc_cloud_clear(&item->cloud);
			return -1;
		}
		if (event == MFC_HEADER) {
			begin_segment(l, mfc_reader_header(l->reader));
			continue;
		}
		if (l->in != stdin)
			fclose(l->in);
		l->in = NULL;
		l->input++;
	}
	return 0;
}

static void work(void *context, size_t thread, void *p)
{
	const struct cli_filter *filter = ((struct loop *)context)->filter;
	struct item *item = p;
	item->result = filter->cloud(filter->context, thread, &item->cloud, &item->err);
}

static void clear(void *context, void *p)
{
	(void)context;
	mfc_cloud_clear(&((struct item *)p)->cloud);
}

static int write_cloud(void *context, void *p)
{
	struct loop *l = context;
	struct item *item = p;
	struct mfc_error err;
	if (item->result < 0) {
		fflush(l->writer->out);
		cli_die("cloud \"%s\": %s", item->cloud.id, item->err.message);
	}
	if (item->result > 0) {
		/* At once: the next stage can begin. */
		if (mfc_writer_cloud(l->writer, &item->cloud, &err) || mfc_writer_flush(l->writer, &err))
			cli_die("%s", err.message);
		l->kept++;
	}
	cli_progress(l->cli, (double)l->kept, 0, l->filter->unit, NULL);
	clear(NULL, p);
	return 0;
}

size_t cli_run(struct cli *cli, const struct cli_filter *filter)
{
	struct loop l = { .cli = cli, .filter = filter, .writer = cli_output(cli) };
	/* What a cloud comes to on the way, with its record, its noise and what the work takes, is a few times its coordinates. */
	const struct mfc_ordered_steps steps = { sizeof(struct item), read_cloud, work, write_cloud, clear, &l, cli->max_memory / 8 };
	mfc_error_memory(&l.err);   /* unless reading says otherwise */
	if (mfc_ordered_run(&steps, filter->parallel ? cli->threads : 1)) {
		fflush(l.writer->out);
		cli_die("%s", l.err.message);
	}
	mfc_reader_close(l.reader);
	cli_progress_end(cli);
	cli_output_end(cli);
	return l.kept;
}
