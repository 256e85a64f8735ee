/* Going on after an interruption: --resume OUT writes OUT.part, cloud by cloud, and gives it its name in the end. What a run that was cut short left
 * there is kept up to its last whole cloud. */
#include "mfc-load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct mfc_file part;
static struct mfc_writer part_writer;

/* The output is there already, whole: by this command, or it is none of our business. */
static bool complete(const struct load *l)
{
	struct mfc_error err;
	struct mfc_reader *reader;
	struct mfc_value record = mfc_value_nil();
	struct stat st;
	int event;
	if (stat(l->resume, &st))
		return false;
	if (!S_ISREG(st.st_mode))
		cli_die("%s: no regular file", l->resume);
	FILE *in = cli_open_in_place(l->resume);
	if (mfc_reader_open(&reader, in, l->resume, (size_t)1 << 40, &err))
		cli_die("%s", err.message);
	while ((event = mfc_reader_next_value(reader, &record, &err)) > 0)
		if (event == MFC_HEADER && !load_same_command(l, mfc_reader_header(reader)))
			cli_die("%s: exists, and another command made it", l->resume);
	if (event < 0)
		cli_die("%s", err.message);
	mfc_value_clear(&record);
	mfc_reader_close(reader);
	fclose(in);
	cli_note("%s: complete already", l->resume);
	return true;
}

/* A run of zeros that no cloud has: what a power cut leaves where bytes had not reached the disk. To make a cloud again costs little. */
static bool has_hole(const struct mfc_cloud *cloud)
{
	size_t zeros = 0, most = 0;
	for (size_t i = 0; i < cloud->n * cloud->dim; i++) {
		zeros = cloud->x[i] == 0 ? zeros + 1 : 0;
		most = zeros > most ? zeros : most;
	}
	return most >= 128;
}

static void take_up(struct load *l, const struct mfc_cloud *cloud)
{
	struct mfc_error err;
	char **more = realloc(l->done, (l->dones + 1) * sizeof *more), *id = strdup(cloud->id);
	if (!more || !id)
		cli_die("out of memory");
	l->done = more;
	l->done[l->dones++] = id;
	l->dim = cloud->dim;
	if (l->normalize == MFC_NORMALIZE_SET && !l->center && mfc_statistics_add(&l->statistics, cloud, &err))
		cli_die("%s", err.message);
}

/* A part is cut short, but begins as a stream does. */
static void check_beginning(void)
{
	char head[5];
	size_t got = fread(head, 1, sizeof head, part.stream), more = got > 1 ? got - 1 : 0;
	if (((unsigned char)head[0] & 0xf0) != 0x80 || memcmp(head + 1, "\xa3" "mfc", more) != 0)
		cli_die("%s: not begun by this program: remove it, or choose another name", part.temporary);
	rewind(part.stream);
}

/* Read what is whole; returns how many bytes it has. */
static uint64_t read_part(struct load *l)
{
	struct mfc_error err;
	struct mfc_reader *reader;
	struct mfc_cloud cloud;
	uint64_t whole = 0;
	int event;
	mfc_cloud_init(&cloud);
	if (mfc_reader_open(&reader, part.stream, part.temporary, (size_t)1 << 40, &err))
		cli_die("%s", err.message);
	while ((event = mfc_reader_next(reader, &cloud, &err)) > 0 && !(event == MFC_RECORD && has_hole(&cloud))) {
		if (event == MFC_HEADER && !load_same_command(l, mfc_reader_header(reader)))
			cli_die("%s: begun by another command: finish that, or remove it", part.temporary);
		l->started = true;
		if (event == MFC_RECORD)
			take_up(l, &cloud);
		whole = mfc_reader_position(reader);
	}
	if (ferror(part.stream))
		cli_die("%s: %s", part.temporary, strerror(errno));
	mfc_cloud_clear(&cloud);
	mfc_reader_close(reader);
	return whole;
}

/* A run that came to nothing leaves no empty part. */
static void remove_empty(void)
{
	struct stat st;
	if (part.temporary && stat(part.temporary, &st) == 0 && st.st_size == 0)
		unlink(part.temporary);
}

bool load_resume(struct load *l)
{
	struct mfc_error err;
	struct stat st;
	atexit(remove_empty);
	if (mfc_file_continue(&part, l->resume, &err))
		cli_die("%s", err.message);
	bool there = fstat(fileno(part.stream), &st) == 0 && st.st_size > 0;
	if (there)
		check_beginning();
	if (complete(l)) {
		unlink(part.temporary);   /* of a run that ended after the last step but this */
		return true;
	}
	uint64_t whole = there ? read_part(l) : 0;
	if (fseeko(part.stream, (off_t)whole, SEEK_SET) || ftruncate(fileno(part.stream), (off_t)whole))
		cli_die("%s: %s", part.temporary, strerror(errno));
	mfc_writer_init(&part_writer, part.stream, part.temporary);
	part_writer.open = l->started;
	part_writer.count = l->loaded = l->dones;
	l->writer = &part_writer;
	if (l->dones)
		cli_note("%s: goes on after %zu clouds", part.temporary, l->dones);
	return false;
}

void load_resume_end(struct load *l, bool is_spool)
{
	struct mfc_error err;
	if (is_spool) {
		cli_output_end(&l->cli);
		unlink(part.temporary);
		mfc_file_discard(&part);
		return;
	}
	if (mfc_writer_end(l->writer, &err) || mfc_file_commit(&part, &err))
		cli_die("%s", err.message);
	cli_closing(part_writer.count);
}

/* Can a cloud be made of it? */
static bool usable(const struct load *l, struct mfc_shape *shape)
{
	struct mfc_cloud cloud;
	struct mfc_error err;
	mfc_cloud_init(&cloud);
	bool could = mfc_dataset_take(l->dataset, shape, &err) == 0 && mfc_shape_decode(shape, &l->fetcher[0], &err) == 0 &&
	    load_cloud(l, shape, 0, &cloud, &err) == 0;
	if (!could && err.scarce)
		cli_die("%s", err.message);
	mfc_cloud_clear(&cloud);
	return could;
}

bool load_done_before(struct load *l, struct mfc_shape *shape)
{
	if (l->next == l->dones)
		return false;
	if (strcmp(l->done[l->next], shape->id) == 0 && (l->next + 1 < l->dones || usable(l, shape)))
		l->next++;
	return true;
}
