/* mfc-load: meshes and point sets, from archives as they are distributed, to a stream of clouds. */
#include "mfc-load.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void run(struct load *l)
{
	struct mfc_error err;
	bool keep = l->epochs != 1 || l->shuffle || (l->normalize == MFC_NORMALIZE_SET && !l->like);
	struct mfc_dataset_visitor visitor = { l->list ? load_list : keep ? load_keep : load_pass, load_broken, load_keep_header, l };
	const char *const standard[] = { "-" };
	const char *const *path = l->cli.operands ? (const char *const *)l->cli.operand : standard;
	size_t paths = l->cli.operands ? (size_t)l->cli.operands : 1;
	bool reads_stdin = false;
	for (size_t i = 0; i < paths; i++)
		reads_stdin = reads_stdin || strcmp(path[i], "-") == 0;
	if (reads_stdin)
		cli_open("-");   /* refuses a terminal */
	else
		load_check_stdin(0);
	if (l->list)
		l->listing = cli_output_file(&l->cli, false);
	if (l->like)
		load_statistics(l);
	int failed = mfc_dataset_visit(path, paths, &l->selection, &visitor, l->cli.max_record, &err);
	cli_progress_end(&l->cli);
	if (failed) {
		if (l->started)
			fflush(cli_output(&l->cli)->out);
		cli_die("%s", err.message);
	}
	if (l->loaded == 0)
		cli_die("no shape %s among %s%s", l->broken ? "could be loaded" : "was found", path[0], paths > 1 ? " and the others" : "");
	if (l->normalize == MFC_NORMALIZE_SET && !l->like)
		load_statistics(l);
	if (keep && !l->list)
		load_epochs(l);
	if (!reads_stdin)
		load_check_stdin(300);   /* a program before this one may only just have begun */
}

/* "I/M": the I-th of M shards, from 0. */
static void parse_shard(struct load *l, const char *text)
{
	int used = 0;
	if (sscanf(text, "%zu/%zu%n", &l->selection.shard, &l->selection.shards, &used) != 2 || text[used] || text[0] == '-' ||
	    l->selection.shard >= l->selection.shards)
		cli_usage("--shard %s: not I/M with 0 <= I < M", text);
}

int main(int argc, char **argv)
{
	static struct load l = { .points = 2048, .epochs = 1, .cache = (size_t)1 << 30, .scale = NAN };
	static struct cli_list patterns;
	const char *sample = "area", *normalize = "none", *shard = NULL, *augment = NULL;
	const struct cli_option table[] = {
		{ "points", 'n', "POINTS", "particles of each cloud (2048)", CLI_NATURAL, &l.points },
		{ "sample", 0, "HOW", "area (default), vertices or all", CLI_STRING, &sample },
		{ "normalize", 0, "HOW", "none (default), set-std, cloud-sphere, cloud-box or cloud-std", CLI_STRING, &normalize },
		{ "like", 0, "FILE", "set-std with the statistics of this stream or model", CLI_STRING, &l.like },
		{ "category", 'c', "GLOB", "shapes whose label or id matches; may be repeated", CLI_LIST, &patterns },
		{ "split", 0, "NAME", "train, val or test", CLI_STRING, &l.selection.split },
		{ "limit", 0, "COUNT", "the first COUNT shapes; with --shuffle COUNT random ones an epoch", CLI_NATURAL, &l.limit },
		{ "shard", 0, "I/M", "every M-th shape, from the I-th (0 to M-1)", CLI_STRING, &shard },
		{ "shuffle", 0, NULL, "a new random order in every epoch", CLI_FLAG, &l.shuffle },
		{ "epochs", 0, "COUNT", "go over the set so often (1; 0: for ever)", CLI_NATURAL, &l.epochs },
		{ "augment", 0, "LIST", "such as mirror:x,scale:0.1,rotate:y:10", CLI_STRING, &augment },
		{ "cache", 0, "BYTES", "memory for decoded shapes, where they are kept (1G)", CLI_NATURAL, &l.cache },
		{ "list", 0, NULL, "print id, label, split and path of the shapes instead", CLI_FLAG, &l.list },
		{ "strict", 0, NULL, "stop at a shape that cannot be read", CLI_FLAG, &l.strict },
		{ 0 }
	};
	struct mfc_error err;
	l.cli = (struct cli){ .program = "mfc-load", .synopsis = "[option ...] [path ...]",
		.purpose = "Turn meshes and point sets, from archives, folders, files or streams, into a stream of clouds." };
	cli_parse(&l.cli, argc, argv, table);
	l.seed = l.cli.seed;
	l.header = mfc_value_map();
	l.selection.pattern = patterns.item;
	l.selection.patterns = patterns.count;
	l.selection.names_only = l.list;
	l.selection.limit = l.shuffle ? 0 : l.limit;
	l.sample = strcmp(sample, "vertices") == 0 ? MFC_SAMPLE_VERTICES : strcmp(sample, "all") == 0 ? MFC_SAMPLE_ALL : MFC_SAMPLE_AREA;
	if (strcmp(sample, "area") != 0 && l.sample == MFC_SAMPLE_AREA)
		cli_usage("--sample %s: not area, vertices or all", sample);
	if (l.like && strcmp(normalize, "none") == 0)
		normalize = "set-std";
	if (!mfc_normalize_named(normalize, &l.normalize))
		cli_usage("--normalize %s: not none, set-std, cloud-sphere, cloud-box or cloud-std", normalize);
	if (l.like && l.normalize != MFC_NORMALIZE_SET)
		cli_usage("--like goes with --normalize set-std only");
	if (l.points < 1)
		cli_usage("--points 0: at least 1");
	if (shard)
		parse_shard(&l, shard);
	l.augments = augment != NULL;
	if (augment && mfc_augment_parse(&l.augment, augment, &err))
		cli_usage("--augment: %s", err.message);
	run(&l);
	if (l.broken)
		cli_warn("%zu shapes loaded, %zu broken and skipped", l.loaded, l.broken);
	if (l.list)
		cli_output_file_end(&l.cli);
	else
		cli_output_end(&l.cli);
	for (size_t i = 0; i < l.shapes; i++)
		mfc_shape_clear(&l.shape[i]);
	free(l.shape);
	free(l.center);
	free(patterns.item);
	mfc_value_clear(&l.header);
	return 0;
}
