/* mfc-load: meshes and point sets, from archives as they are distributed, to a stream of clouds. */
#include "mfc-load.h"

#include <malloc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POISSON 1100   /* bytes a point that is kept, with the five that it is chosen from and their neighbours */

static void run(struct load *l)
{
	struct mfc_error err;
	bool keep = l->epochs != 1 || l->shuffle, reads_stdin = false;
	const char *const standard[] = { "-" };
	const char *const *path = l->cli.operands ? (const char *const *)l->cli.operand : standard;
	size_t paths = l->cli.operands ? (size_t)l->cli.operands : 1;
	for (size_t i = 0; i < paths; i++)
		reads_stdin = reads_stdin || strcmp(path[i], "-") == 0;
	if (reads_stdin)
		cli_open("-");   /* refuses a terminal */
	else
		load_check_stdin(0);
	if (l->like)
		load_like(l);
	if (l->resume && load_resume(l))
		return;
	FILE *listing = l->list ? cli_output_file(&l->cli, false) : NULL;
	if (mfc_dataset_open(&l->dataset, path, paths, &l->selection, l->cli.max_record, &err))
		cli_die("%s", err.message);
	if (l->list)
		load_list(l, listing);
	else if (keep)
		load_epochs(l);
	else
		load_once(l);
	size_t unlisted, seen = mfc_dataset_seen(l->dataset, &unlisted);
	mfc_dataset_close(l->dataset);
	if (unlisted)
		cli_warn("%zu of %zu shapes are in no list of splits, and so in no split", unlisted, seen);
	const char *others = paths > 1 ? " and the others" : "";
	if (l->loaded == 0 && seen && !l->broken)
		cli_die("none of the %zu shapes among %s%s is asked for", seen, path[0], others);
	if (l->loaded == 0)
		cli_die("no shape %s among %s%s", l->broken ? "could be loaded" : "was found", path[0], others);
	if (l->broken)
		cli_warn("%zu shapes loaded, %zu broken and skipped", l->loaded, l->broken);
	cli_note("%zu shapes loaded, %zu broken, %zu files of other kinds passed over", l->loaded, l->broken, l->other);
	if (!reads_stdin)
		load_check_stdin(300);   /* a program before this one may only just have begun */
	if (l->list)
		cli_output_file_end(&l->cli);
	else if (l->resume)
		load_resume_end(l, l->normalize == MFC_NORMALIZE_SET && !l->like);
	else
		cli_output_end(&l->cli);
}

/* "[SPLIT=]FILE" */
static void add_splits(struct mfc_splits **splits, const char *text)
{
	struct mfc_error err;
	const char *equals = strchr(text, '='), *split = NULL, *path = text;
	char *data, word[16];
	size_t size;
	if (equals && (size_t)(equals - text) < sizeof word) {
		snprintf(word, sizeof word, "%.*s", (int)(equals - text), text);
		split = mfc_split_name(word);
		path = split ? equals + 1 : text;
	}
	if (mfc_file_read(path, (size_t)1 << 30, &data, &size, &err) || mfc_splits_add(splits, path, split, data, size, &err))
		cli_die("%s", err.message);
	free(data);
}

/* "TRAIN:VAL:TEST" */
static void parse_shares(struct load *l, const char *text)
{
	double *share = l->selection.share;
	int used = 0;
	if (sscanf(text, "%lf:%lf:%lf%n", &share[0], &share[1], &share[2], &used) != 3 || text[used] || !(share[0] >= 0) || !(share[1] >= 0) ||
	    !(share[2] >= 0) || !isfinite(share[0] + share[1] + share[2]) || !(share[0] + share[1] + share[2] > 0))
		cli_usage("--split-shares %s: not TRAIN:VAL:TEST, such as 70:10:20", text);
}

static void choose_sample(struct load *l, const char *text)
{
	static const char *const names[] = { [MFC_SAMPLE_AREA] = "area", [MFC_SAMPLE_POISSON] = "poisson", [MFC_SAMPLE_VERTICES] = "vertices",
		[MFC_SAMPLE_ALL] = "all" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(text, names[i]) == 0) {
			l->sample = (enum mfc_sample)i;
			return;
		}
	cli_usage("--sample %s: not area, poisson, vertices or all", text);
}

static void check(struct load *l)
{
	struct mfc_error err;
	size_t bytes = l->sample == MFC_SAMPLE_POISSON ? POISSON : 2 * 3 * sizeof(float);
	if (cli_fits(&l->cli, l->points, bytes, &err))
		cli_die("--points %zu: %s", l->points, err.message);
	if (l->like && l->normalize != MFC_NORMALIZE_SET)
		cli_usage("--like goes with --normalize set-std only");
	if (l->resume && (strcmp(l->cli.output, "-") != 0 || strcmp(l->resume, "-") == 0))
		cli_usage("--resume names the output, a file: without --output");
	if (l->resume && (l->list || l->shuffle || l->epochs != 1 || l->cli.no_history))
		cli_usage("--resume: for a single pass in order whose history is kept, without --list, --shuffle, --epochs, --no-history");
	if (l->resume)
		l->cli.output = l->resume;
	if (l->selection.split && !mfc_split_name(l->selection.split))
		cli_usage("--split %s: not train, val or test", l->selection.split);
}

int main(int argc, char **argv)
{
	static struct load l = { .points = 2048, .epochs = 1, .cache = (size_t)1 << 30, .scale = NAN, .selection.share = { 70, 10, 20 } };
	static struct cli_list patterns, lists;
	struct mfc_splits *splits = NULL;
	const char *sample = "area", *normalize = "none", *shard = NULL, *augment = NULL, *shares = NULL, *onehot = NULL;
	const struct cli_option table[] = {
		{ "points", 'n', "POINTS", "particles of each cloud (2048)", CLI_COUNT, &l.points },
		{ "sample", 0, "HOW", "area (default), poisson, vertices or all", CLI_STRING, &sample },
		{ "normals", 0, NULL, "the surface's normal at each particle, as the array normal", CLI_FLAG, &l.normals },
		{ "normalize", 0, "HOW", "none (default), set-std, cloud-sphere, cloud-box or cloud-std", CLI_STRING, &normalize },
		{ "center", 0, NULL, "first the mean of each cloud to the origin", CLI_FLAG, &l.centers },
		{ "one-hot", 0, "COLUMN:LIST", "a column of numbers as a coordinate for each of LIST, such as 4:1,6,7,8", CLI_STRING, &onehot },
		{ "like", 0, "FILE", "set-std with the statistics of this stream or model", CLI_STRING, &l.like },
		{ "category", 'c', "GLOB", "shapes whose label or id matches; may be repeated", CLI_LIST, &patterns },
		{ "split", 0, "NAME", "train, val or test", CLI_STRING, &l.selection.split },
		{ "split-file", 0, "[NAME=]FILE", "a list of models and their splits, or of those of one; may be repeated", CLI_LIST, &lists },
		{ "split-shares", 0, "A:B:C", "of train, val and test where nothing else names a split (70:10:20)", CLI_STRING, &shares },
		{ "limit", 0, "COUNT", "the first COUNT shapes; with --shuffle COUNT random ones an epoch", CLI_COUNT, &l.limit },
		{ "shard", 0, "I/M", "every M-th shape, from the I-th (0 to M-1)", CLI_STRING, &shard },
		{ "shuffle", 0, NULL, "a new random order in every epoch", CLI_FLAG, &l.shuffle },
		{ "epochs", 0, "COUNT", "go over the set so often (1; 0: for ever)", CLI_NATURAL, &l.epochs },
		{ "augment", 0, "LIST", "such as mirror:x,scale:0.1,rotate:y:10", CLI_STRING, &augment },
		{ "cache", 0, "BYTES", "memory for decoded shapes, where they are kept (1G)", CLI_NATURAL, &l.cache },
		{ "resume", 0, "FILE", "write FILE, going on where an interrupted run of this command stopped", CLI_STRING, &l.resume },
		{ "list", 0, NULL, "print id, label, split and path of the shapes instead", CLI_FLAG, &l.list },
		{ "strict", 0, NULL, "stop at a shape that cannot be read", CLI_FLAG, &l.strict },
		{ 0 }
	};
	struct mfc_error err;
	l.cli = (struct cli){ .program = "mfc-load", .synopsis = "[option ...] [path ...]",
		.purpose = "Turn meshes and point sets, from archives, folders, files or streams, into a stream of clouds." };
	cli_parse(&l.cli, argc, argv, table);
	/* A large file's memory goes back to the system at once, so that the next one's does not come on top. */
	mallopt(M_MMAP_THRESHOLD, 4 << 20);
	mallopt(M_TRIM_THRESHOLD, 16 << 20);
	l.seed = l.cli.seed;
	l.header = mfc_value_map();
	l.selection.pattern = patterns.item;
	l.selection.patterns = patterns.count;
	l.selection.names_only = l.list;
	l.selection.limit = l.shuffle ? 0 : l.limit;
	choose_sample(&l, sample);
	if (l.like && strcmp(normalize, "none") == 0)
		normalize = "set-std";
	if (!mfc_normalize_named(normalize, &l.normalize))
		cli_usage("--normalize %s: not none, set-std, cloud-sphere, cloud-box or cloud-std", normalize);
	if (shard)
		cli_part("shard", shard, &l.selection.shard, &l.selection.shards);
	if (shares)
		parse_shares(&l, shares);
	check(&l);
	for (size_t i = 0; i < lists.count; i++)
		add_splits(&splits, lists.item[i]);
	l.selection.splits = splits;
	l.selection.split = l.selection.split ? mfc_split_name(l.selection.split) : NULL;
	l.augments = augment != NULL;
	if (augment && mfc_augment_parse(&l.augment, augment, &err))
		cli_usage("--augment: %s", err.message);
	if (onehot && mfc_onehot_parse(&l.onehot, onehot, &err))
		cli_usage("--one-hot: %s", err.message);
	run(&l);
	for (size_t i = 0; i < l.shapes; i++)
		mfc_shape_clear(&l.shape[i]);
	free(l.shape);
	for (size_t i = 0; i < l.dones; i++)
		free(l.done[i]);
	free(l.done);
	free(l.center);
	free(l.told);
	free(patterns.item);
	free(lists.item);
	mfc_splits_free(splits);
	mfc_value_clear(&l.header);
	return 0;
}
