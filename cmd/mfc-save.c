/* mfc-save: clouds into the files of other programs: one file, a folder, or an archive. */
#include "mfc-save.h"

#include "file.h"
#include "load/archive.h"
#include "onehot.h"
#include "output/save.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct save {
	struct cli cli;
	const char *format_name, *extension;
	enum mfc_format format;
	bool ascii, keep;                 /* ASCII PLY; do not undo the normalisation */
	enum { ONE, STACK, FOLDER, ARCHIVE } into;
	struct mfc_archive *archive;
	size_t count, warned;
	size_t n, dim;                    /* of a stack of clouds, with their numbers */
	float *x;
	void *names;                      /* that were given to files */
	const char *path;                 /* of the stream that is read */
	struct mfc_onehot onehot;         /* its header's */
};

static void make_folders(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = 0;
		if (mkdir(path, 0777) && errno != EEXIST)
			cli_die("%s: %s", path, strerror(errno));
		*p = '/';
	}
}

static void put(struct save *s, const struct mfc_cloud *cloud, const char *data, size_t size)
{
	struct mfc_error err;
	if (s->into == ONE) {
		if (s->count > 1)
			cli_die("more than one cloud: give a folder (-o FOLDER/) or an archive (-o CLOUDS.zip)");
		fwrite(data, 1, size, cli_output_file(&s->cli, s->format == MFC_PLY || s->format == MFC_NPY));
		return;
	}
	const char *name = save_unique_name(&s->names, cloud->id, s->extension);
	if (s->into == ARCHIVE) {
		if (mfc_archive_add(s->archive, name, data, size, &err))
			cli_die("%s: %s", s->cli.output, err.message);
		return;
	}
	char *path;
	const char *folder = s->cli.output;
	if (asprintf(&path, "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name) < 0)
		cli_die("out of memory");
	make_folders(path);
	struct mfc_file file;
	if (mfc_file_create(&file, path, &err))
		cli_die("%s", err.message);
	fwrite(data, 1, size, file.stream);
	if (mfc_file_commit(&file, &err))
		cli_die("%s", err.message);
	free(path);
}

/* -o all.npy: an array (clouds, N, d). */
static void stack(struct save *s, const struct mfc_cloud *c)
{
	size_t numbers = c->n * c->dim, total;
	if (s->count == 1) {
		s->n = c->n;
		s->dim = c->dim;
	}
	if (c->n != s->n || c->dim != s->dim)
		cli_die("cloud \"%s\": %zu by %zu numbers, the clouds before %zu by %zu: one array takes one shape", c->id, c->n, c->dim, s->n, s->dim);
	cli_hold(&s->cli, numbers, sizeof *s->x, "the array of all clouds");
	if (__builtin_mul_overflow(numbers * sizeof *s->x, s->count, &total) || !(s->x = realloc(s->x, total)))
		cli_die("out of memory");
	memcpy(s->x + (s->count - 1) * numbers, c->x, numbers * sizeof *s->x);
}

static void begin_stream(void *context, const struct mfc_value *header)
{
	struct save *s = context;
	struct mfc_error err;
	if (mfc_onehot_from_value(&s->onehot, mfc_value_get(header, "one_hot"), &err))
		cli_die("%s: %s", cli_name(s->path), err.message);
}

static void save_cloud(void *context, struct mfc_cloud *cloud)
{
	struct save *s = context;
	struct mfc_error err;
	char *data;
	size_t size;
	s->count++;
	if (cloud->t > 0 && s->warned++ == 0)
		cli_warn("cloud \"%s\" is noised (t = %g): saved as it is", cloud->id, cloud->t);
	if (!s->keep && mfc_denormalize(cloud, &err))
		cli_die("cloud \"%s\": %s", cloud->id, err.message);
	if (!s->keep && s->onehot.count && mfc_onehot_decode(&s->onehot, cloud, &err))
		cli_die("cloud \"%s\": %s", cloud->id, err.message);
	if (s->into == STACK) {
		stack(s, cloud);
	} else {
		if (mfc_save(cloud, s->format, &data, &size, &err))
			cli_die("cloud \"%s\": %s", cloud->id, err.message);
		put(s, cloud, data, size);
		free(data);
	}
}

/* Where to and in which format: from -o and -f. */
static void settle(struct save *s)
{
	const char *o = s->cli.output, *dot = strrchr(o, '.');
	struct stat st;
	size_t length = strlen(o);
	bool folder = length && (o[length - 1] == '/' || (stat(o, &st) == 0 && S_ISDIR(st.st_mode)));
	bool npz = dot && strcmp(dot, ".npz") == 0;
	s->into = folder ? FOLDER : mfc_archive_writable(o) ? ARCHIVE : ONE;
	const char *format = s->format_name ? s->format_name : npz ? "npy" : s->into != ONE ? "ply" : dot ? dot + 1 : "";
	if (!*format)
		cli_usage("in which format? -f FORMAT, or -o FILE with an extension that says it");
	if (!mfc_format_named(format, &s->format) || (npz && s->format != MFC_NPY))
		cli_usage("-o %s -f %s: formats are ply, npy, xyz, obj and csv; an npz holds npy", o, format);
	if (s->ascii && s->format != MFC_PLY)
		cli_usage("--ascii goes with ply");
	if (s->ascii)
		s->format = MFC_PLY_ASCII;
	s->extension = mfc_format_extension(s->format);
	if (s->into == ONE && s->format == MFC_NPY)
		s->into = STACK;
}

/* A stack of one cloud is the cloud, (N, d). */
static void finish_stack(struct save *s)
{
	char header[MFC_NPY_HEADER];
	size_t shape[3] = { s->count, s->n, s->dim }, one = s->count == 1;
	FILE *out = cli_output_file(&s->cli, true);
	fwrite(header, 1, mfc_npy_header(header, "<f4", 3 - one, shape + one), out);
	fwrite(s->x, sizeof *s->x, s->count * s->n * s->dim, out);
}

/* Seconds since 1970, for the members of archives. */
static int64_t member_time(void)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	char *end;
	if (!epoch)
		return 315532800;   /* the beginning of 1980: zip knows nothing earlier */
	errno = 0;
	long long time = strtoll(epoch, &end, 10);
	if (end == epoch || *end || errno || time < 0 || time > 253402300799)   /* the end of the year 9999 */
		cli_die("SOURCE_DATE_EPOCH: \"%s\" is no number of seconds", epoch);
	return time;
}

int main(int argc, char **argv)
{
	static struct save s;
	const struct cli_option table[] = {
		{ "format", 'f', "FORMAT", "ply, npy, xyz, obj or csv (by the name; ply in folders and archives)", CLI_STRING, &s.format_name },
		{ "ascii", 0, NULL, "PLY as text", CLI_FLAG, &s.ascii },
		{ "keep-normalized", 0, NULL, "do not undo a normalisation", CLI_FLAG, &s.keep },
		{ 0 }
	};
	struct mfc_error err;
	s.cli = (struct cli){ .program = "mfc-save", .synopsis = "-o {FILE | FOLDER/ | ARCHIVE} [option ...] [file ...]",
		.purpose = "Write clouds as PLY, NPY, NPZ, XYZ, OBJ or CSV: one file, a folder, or a zip or tar archive." };
	cli_parse(&s.cli, argc, argv, table);
	settle(&s);
	struct cli_visitor visitor = { begin_stream, save_cloud, &s };
	setenv("TZ", "UTC0", 1);   /* zip keeps local times: the same bytes everywhere */
	int64_t time = member_time();
	if (s.into == ARCHIVE && mfc_archive_create(&s.archive, cli_output_file(&s.cli, true), s.cli.output, time, &err))
		cli_die("%s", err.message);
	for (int i = 0; i < (s.cli.operands ? s.cli.operands : 1); i++) {
		s.path = s.cli.operands ? s.cli.operand[i] : "-";
		cli_read(&s.cli, s.path, &visitor);
	}
	cli_progress_end(&s.cli);
	if (s.count == 0)
		cli_die("no clouds to save");
	if (s.into == ARCHIVE && mfc_archive_finish(s.archive, &err))
		cli_die("%s: %s", s.cli.output, err.message);
	if (s.into == STACK)
		finish_stack(&s);
	if (s.into != FOLDER)
		cli_output_file_end(&s.cli);
	return 0;
}
