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

/* How many words from argv[i] on change nothing of what is written: talk, and the number of threads. */
static size_t idle_words(char *const *argv, size_t count, size_t i)
{
	static const char *const alone[] = { "-v", "--verbose", "-q", "--quiet", "--progress", "--progress=always", "--progress=never", "--progress=auto" };
	for (size_t k = 0; k < sizeof alone / sizeof *alone; k++)
		if (strcmp(argv[i], alone[k]) == 0)
			return 1;
	if (strcmp(argv[i], "-@") == 0 || strcmp(argv[i], "--threads") == 0)
		return i + 1 < count ? 2 : 1;
	return strncmp(argv[i], "-@", 2) == 0 || strncmp(argv[i], "--threads=", 10) == 0;
}

static bool same_words(char *const *a, size_t na, char *const *b, size_t nb)
{
	size_t i = 0, j = 0, idle;
	for (;;) {
		while (i < na && (idle = idle_words(a, na, i)))
			i += idle;
		while (j < nb && (idle = idle_words(b, nb, j)))
			j += idle;
		if (i >= na || j >= nb)
			return i >= na && j >= nb;
		if (strcmp(a[i++], b[j++]) != 0)
			return false;
	}
}

/* Does the header hold the set's statistics that --like gives now? */
static bool same_statistics(const struct load *l, const struct mfc_value *header)
{
	const struct mfc_value *n = mfc_value_get(header, "normalize"), *center = mfc_value_get(n, "center");
	double x;
	if (!l->like)
		return true;
	bool same = mfc_value_as_real(mfc_value_get(n, "scale"), &x) && x == l->scale && center && center->type == MFC_LIST && center->size == l->dim;
	for (size_t i = 0; same && i < l->dim; i++)
		same = mfc_value_as_real(&center->items[i], &x) && x == l->center[i];
	return same;
}

/* Is the last stage in the history this very command, and was it fed with the same? */
static bool same_command(const struct load *l, const struct mfc_value *header)
{
	const struct mfc_value *history = mfc_value_get(header, "history");
	const struct mfc_value *last = history && history->type == MFC_LIST && history->size ? &history->items[history->size - 1] : NULL;
	const struct mfc_value *argv = mfc_value_get(last, "argv");
	const char *version = mfc_value_as_string(mfc_value_get(last, "version"));
	if (!argv || argv->type != MFC_LIST || argv->size > 65536 || !version || strcmp(version, MFC_VERSION) != 0)
		return false;
	char *word[argv->size + 1];
	for (size_t i = 0; i < argv->size; i++)
		if (!(word[i] = (char *)mfc_value_as_string(&argv->items[i])))
			return false;
	return same_words(word, argv->size, l->cli.argv, (size_t)l->cli.argc) && same_statistics(l, header);
}

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
	FILE *in = cli_open(l->resume);
	if (mfc_reader_open(&reader, in, l->resume, (size_t)1 << 40, &err))
		cli_die("%s", err.message);
	while ((event = mfc_reader_next_value(reader, &record, &err)) > 0)
		if (event == MFC_HEADER && !same_command(l, mfc_reader_header(reader)))
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
	check_beginning();
	mfc_cloud_init(&cloud);
	if (mfc_reader_open(&reader, part.stream, part.temporary, (size_t)1 << 40, &err))
		cli_die("%s", err.message);
	while ((event = mfc_reader_next(reader, &cloud, &err)) > 0 && !(event == MFC_RECORD && has_hole(&cloud))) {
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
	if (complete(l)) {
		unlink(part.temporary);   /* of a run that ended after the last step but this */
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
