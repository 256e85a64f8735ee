/* A single pass in order, which keeps no shape in memory: each cloud is written as it comes. set-std first needs the statistics of all, so its clouds
 * wait in a file. */
#include "mfc-load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYNC 256   /* clouds */

/* An interrupted run should find again what was done: all of it where the process ended, almost all where the power did. */
static int secure(const struct load *l, struct mfc_error *err)
{
	FILE *out = l->writer->out;
	if (fflush(out) == 0 && (l->writer->count % SYNC || fdatasync(fileno(out)) == 0))
		return 0;
	return mfc_error_set(err, "%s.part: cannot write: %s", l->resume, strerror(errno));
}

static int write_cloud(struct load *l, struct mfc_shape *shape, struct mfc_cloud *cloud, struct mfc_error *err)
{
	(void)shape;
	if (l->normalize == MFC_NORMALIZE_SET && !l->center && mfc_statistics_add(&l->statistics, cloud, err))
		return -1;
	if (load_write(l, cloud, err))
		return -1;
	return l->resume ? secure(l, err) : 0;
}

/* Write what waits in the spool to the output, normalised and augmented. */
static void write_spool(struct load *l, FILE *spool)
{
	struct mfc_error err;
	struct mfc_reader *reader;
	struct mfc_cloud cloud;
	int event;
	mfc_cloud_init(&cloud);
	l->started = false;
	l->writer = cli_output(&l->cli);
	rewind(spool);
	if (mfc_reader_open(&reader, spool, "the clouds to be normalised", (size_t)1 << 40, &err))
		cli_die("%s", err.message);
	while ((event = mfc_reader_next(reader, &cloud, &err)) > 0) {
		if (event == MFC_HEADER)
			continue;
		cloud.key = mfc_cloud_key(cloud.id, 0);
		if (load_write(l, &cloud, &err))
			break;
	}
	if (event != MFC_END)
		cli_die("%s", err.message);
	mfc_reader_close(reader);
	mfc_cloud_clear(&cloud);
}

void load_once(struct load *l)
{
	struct mfc_error err;
	struct mfc_writer spool;
	bool spools = l->normalize == MFC_NORMALIZE_SET && !l->like, augments = l->augments;
	if (spools && !l->resume) {
		FILE *file = mfc_file_spool(l->cli.output, &err);
		if (!file)
			cli_die("%s", err.message);
		mfc_writer_init(&spool, file, "the clouds to be normalised");
		l->writer = &spool;
	} else if (!l->resume) {
		l->writer = cli_output(&l->cli);
	}
	l->augments = augments && !spools;   /* after normalisation */
	load_pass(l, false, write_cloud);
	l->augments = augments;
	if (!spools || l->loaded == 0)
		return;
	FILE *file = l->writer->out;
	if (mfc_writer_end(l->writer, &err))
		cli_die("%s", err.message);
	load_statistics(l);
	write_spool(l, file);
	if (!l->resume)
		fclose(file);
}
