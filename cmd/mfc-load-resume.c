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

/* Words that change nothing of what is written. */
static bool only_talk(const char *word)
{
	static const char *const talk[] = { "-v", "--verbose", "-q", "--quiet", "--progress", "--progress=always", "--progress=never", "--progress=auto" };
	for (size_t i = 0; i < sizeof talk / sizeof *talk; i++)
		if (strcmp(word, talk[i]) == 0)
			return true;
	return false;
}

/* Is the last stage in the history this very command? */
static bool same_command(const struct load *l, const struct mfc_value *header)
{
	const struct mfc_value *history = mfc_value_get(header, "history");
	const struct mfc_value *last = history && history->type == MFC_LIST && history->size ? &history->items[history->size - 1] : NULL;
	const struct mfc_value *argv = mfc_value_get(last, "argv");
	const char *version = mfc_value_as_string(mfc_value_get(last, "version"));
	if (!argv || argv->type != MFC_LIST || !version || strcmp(version, MFC_VERSION) != 0)
		return false;
	for (size_t i = 0, j = 0;; i++, j++) {
		const char *was = NULL, *is = NULL;
		while (i < argv->size && (was = mfc_value_as_string(&argv->items[i])) && only_talk(was))
			i++;
		while (j < (size_t)l->cli.argc && only_talk(l->cli.argv[j]))
			j++;
		is = j < (size_t)l->cli.argc ? l->cli.argv[j] : NULL;
		was = i < argv->size ? was : NULL;
		if (!was || !is)
			return !was && !is && i >= argv->size;
		if (strcmp(was, is) != 0)
			return false;
	}
}

/* The output is there already: by this command, or it is none of our business. */
static bool complete(const struct load *l)
{
	struct mfc_value header;
	if (access(l->resume, F_OK))
		return false;
	cli_read_header(&header, l->resume);
	if (!same_command(l, &header))
		cli_die("%s: exists, and another command made it", l->resume);
	mfc_value_clear(&header);
	cli_note("%s: complete already", l->resume);
	return true;
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
	while ((event = mfc_reader_next(reader, &cloud, &err)) > 0) {
		if (event == MFC_HEADER && !same_command(l, mfc_reader_header(reader)))
			cli_die("%s: begun by another command: finish that, or remove it", part.temporary);
		l->started = true;
		if (event == MFC_RECORD)
			take_up(l, &cloud);
		whole = mfc_reader_position(reader);
	}
	mfc_cloud_clear(&cloud);
	mfc_reader_close(reader);
	return whole;
}

bool load_resume(struct load *l)
{
	struct mfc_error err;
	struct stat st;
	if (mfc_file_continue(&part, l->resume, &err))
		cli_die("%s", err.message);
	if (complete(l)) {
		unlink(part.temporary);
		return true;
	}
	uint64_t whole = fstat(fileno(part.stream), &st) == 0 && st.st_size > 0 ? read_part(l) : 0;
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
