/* The loop of every filter: read a cloud, work on it, write it. */
#include "cli.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A cloud on its way: a ring of them keeps the order of the input. */
struct slot {
	struct mfc_cloud cloud;
	enum { EMPTY, READ, WORKING, DONE } state;
	int result;             /* of the work: 1, 0 or -1 */
	struct mfc_error err;
};

struct loop {
	struct cli *cli;
	const struct cli_filter *filter;
	struct mfc_writer *writer;
	struct mfc_reader *reader;
	struct slot *slot;
	size_t slots, read, taken, written;   /* clouds read, begun and written so far */
	bool finished, writing;               /* no more work will come; a thread is writing */
	size_t kept;
	pthread_mutex_t lock;
	pthread_cond_t work, done;
};

static void run_slot(struct loop *l, size_t worker, struct slot *s)
{
	s->result = l->filter->cloud(l->filter->context, worker, &s->cloud, &s->err);
}

/* Write the oldest cloud, which is done. The lock is held on entry and on return but not while writing. */
static void write_oldest(struct loop *l)
{
	struct slot *s = &l->slot[l->written % l->slots];
	struct mfc_error err;
	pthread_mutex_unlock(&l->lock);
	if (s->result < 0) {
		fflush(l->writer->out);
		cli_die("cloud \"%s\": %s", s->cloud.id, s->err.message);
	}
	if (s->result > 0) {
		if (mfc_writer_cloud(l->writer, &s->cloud, &err))
			cli_die("%s", err.message);
		if (fflush(l->writer->out))   /* at once: the next stage can begin */
			cli_die("%s: cannot write: %s", l->writer->name, strerror(errno));
		l->kept++;
	}
	mfc_cloud_clear(&s->cloud);
	cli_progress(l->cli, (double)l->kept, 0, l->filter->unit, NULL);
	pthread_mutex_lock(&l->lock);
	s->state = EMPTY;
	l->written++;
}

/* Write what is done, in order, unless another thread is at it: it will see to the rest. The lock is held. */
static void write_done(struct loop *l)
{
	if (l->writing)
		return;
	l->writing = true;
	while (l->written < l->read && l->slot[l->written % l->slots].state == DONE)
		write_oldest(l);
	l->writing = false;
	pthread_cond_broadcast(&l->done);
}

struct worker { struct loop *loop; size_t number; pthread_t id; };

static void *work(void *p)
{
	struct worker *w = p;
	struct loop *l = w->loop;
	pthread_mutex_lock(&l->lock);
	for (;;) {
		while (l->taken == l->read && !l->finished)
			pthread_cond_wait(&l->work, &l->lock);
		if (l->taken == l->read)
			break;
		struct slot *s = &l->slot[l->taken++ % l->slots];
		s->state = WORKING;
		pthread_mutex_unlock(&l->lock);
		run_slot(l, w->number, s);
		pthread_mutex_lock(&l->lock);
		s->state = DONE;
		write_done(l);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

/* Wait until all is written, or until a slot is free. */
static void wait_written(struct loop *l, bool all)
{
	pthread_mutex_lock(&l->lock);
	write_done(l);
	while (all ? l->written < l->read : l->read - l->written == l->slots)
		pthread_cond_wait(&l->done, &l->lock);
	pthread_mutex_unlock(&l->lock);
}

static void begin_segment(struct loop *l, const struct mfc_value *header)
{
	struct mfc_error err;
	struct mfc_value copy;
	wait_written(l, true);
	if (mfc_value_copy(&copy, header, &err) || (l->filter->header && l->filter->header(l->filter->context, &copy, &err)))
		cli_die("%s", err.message);
	cli_output_header(l->cli, &copy, l->filter->draws);
	mfc_value_clear(&copy);
}

static void submit(struct loop *l, struct mfc_cloud *cloud)
{
	wait_written(l, false);
	struct slot *s = &l->slot[l->read % l->slots];
	s->cloud = *cloud;
	mfc_cloud_init(cloud);
	if (!l->filter->parallel || l->cli->threads == 1) {
		run_slot(l, 0, s);
		s->state = DONE;
		l->read++;
		wait_written(l, true);
		return;
	}
	pthread_mutex_lock(&l->lock);
	s->state = READ;
	l->read++;
	pthread_cond_signal(&l->work);
	pthread_mutex_unlock(&l->lock);
}

static void run_input(struct loop *l, const char *path)
{
	struct mfc_error err;
	struct mfc_cloud cloud;
	FILE *in = cli_open(path);
	int event;
	mfc_cloud_init(&cloud);
	/* One reader for all: an id that was in an earlier file draws anew, as in the joined stream. */
	if (l->reader ? mfc_reader_next_input(l->reader, in, cli_name(path), &err)
	              : mfc_reader_open(&l->reader, in, cli_name(path), l->cli->max_record, &err))
		cli_die("%s", err.message);
	while ((event = mfc_reader_next(l->reader, &cloud, &err)) > 0)
		if (event == MFC_HEADER)
			begin_segment(l, mfc_reader_header(l->reader));
		else
			submit(l, &cloud);
	wait_written(l, true);
	if (event < 0) {
		fflush(l->writer->out);
		cli_die("%s", err.message);
	}
	mfc_cloud_clear(&cloud);
	if (in != stdin)
		fclose(in);
}

size_t cli_run(struct cli *cli, const struct cli_filter *filter)
{
	struct loop l = { .cli = cli, .filter = filter, .writer = cli_output(cli), .slots = 4 * cli->threads,
		.lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER, .done = PTHREAD_COND_INITIALIZER };
	size_t workers = filter->parallel && cli->threads > 1 ? cli->threads : 0;
	struct worker *worker = calloc(workers + 1, sizeof *worker);
	l.slot = calloc(l.slots, sizeof *l.slot);
	if (!worker || !l.slot)
		cli_die("out of memory");
	for (size_t i = 0; i < workers; i++) {
		worker[i] = (struct worker){ .loop = &l, .number = i };
		if (pthread_create(&worker[i].id, NULL, work, &worker[i]))
			cli_die("cannot start %zu threads", workers);
	}
	for (int i = 0; i < (cli->operands ? cli->operands : 1); i++)
		run_input(&l, cli->operands ? cli->operand[i] : "-");
	pthread_mutex_lock(&l.lock);
	l.finished = true;
	pthread_cond_broadcast(&l.work);
	pthread_mutex_unlock(&l.lock);
	for (size_t i = 0; i < workers; i++)
		pthread_join(worker[i].id, NULL);
	mfc_reader_close(l.reader);
	free(worker);
	free(l.slot);
	cli_progress_end(cli);
	cli_output_end(cli);
	return l.kept;
}
