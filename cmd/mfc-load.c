/* mfc-load: meshes and point sets, from archives as they are distributed, to a stream of clouds. */
#include "mfc-load.h"

#include "rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int keep_header(void *context, const struct mfc_value *header, struct mfc_error *err)
{
	struct load *l = context;
	if (l->header.size)
		return 0;
	l->seed = cli_stage_seed(&l->cli, header);
	mfc_value_clear(&l->header);
	return mfc_value_copy(&l->header, header, err);
}

static int report_broken(void *context, const struct mfc_error *why, struct mfc_error *err)
{
	struct load *l = context;
	l->broken++;
	if (l->strict)
		return mfc_error_set(err, "%s", why->message);
	cli_warn("%s (skipped)", why->message);
	return 0;
}

static int list_shape(void *context, struct mfc_shape *shape, struct mfc_error *err)
{
	struct load *l = context;
	(void)err;
	l->loaded++;
	fprintf(l->listing, "%s\t%s\t%s\t%s\n", shape->id, shape->label, shape->split, shape->path);
	return 0;
}

/* Whether a cloud can be made of the shape: if not it is broken like a file that cannot be read. 1, 0, or -1 under --strict. */
static int usable(struct load *l, const struct mfc_shape *shape, struct mfc_cloud *cloud, struct mfc_error *err)
{
	struct mfc_error why;
	if (load_cloud(l, shape, 0, cloud, &why)) {
		mfc_error_prefix(&why, "%s", shape->path);
		return report_broken(l, &why, err) ? -1 : 0;
	}
	l->loaded++;
	cli_progress(&l->cli, (double)l->loaded, 0, "shapes", NULL);
	return 1;
}

/* A single pass in order needs nothing kept. */
static int pass_shape(void *context, struct mfc_shape *shape, struct mfc_error *err)
{
	struct load *l = context;
	struct mfc_cloud cloud;
	mfc_cloud_init(&cloud);
	int status = usable(l, shape, &cloud, err);
	status = status == 1 ? load_write(l, &cloud, err) : status;
	mfc_cloud_clear(&cloud);
	return status;
}

static int keep_shape(void *context, struct mfc_shape *shape, struct mfc_error *err)
{
	struct load *l = context;
	struct mfc_cloud cloud;
	mfc_cloud_init(&cloud);
	int status = usable(l, shape, &cloud, err);
	mfc_cloud_clear(&cloud);
	if (status != 1)
		return status;
	l->bytes += mfc_shape_bytes(shape);
	if (l->bytes > l->cache)
		return mfc_error_set(err, "the shapes need more than --cache %zu bytes: load them once into a .mfc file with fewer points, and that", l->cache);
	if (l->shapes == l->capacity) {
		size_t capacity = l->capacity ? 2 * l->capacity : 256;
		struct mfc_shape *more = realloc(l->shape, capacity * sizeof *more);
		if (!more)
			return mfc_error_memory(err);
		l->shape = more;
		l->capacity = capacity;
	}
	l->shape[l->shapes++] = *shape;
	memset(shape, 0, sizeof *shape);
	return 0;
}

static void emit_epoch(struct load *l, size_t epoch, const size_t *order)
{
	struct mfc_error err;
	struct mfc_cloud cloud;
	mfc_cloud_init(&cloud);
	for (size_t i = 0; i < l->shapes && (l->limit == 0 || i < l->limit); i++) {
		if (load_cloud(l, &l->shape[order[i]], epoch, &cloud, &err) || load_write(l, &cloud, &err))
			cli_die("%s", err.message);
		mfc_cloud_clear(&cloud);
	}
	fflush(cli_output(&l->cli)->out);   /* nobody should wait for a full buffer */
}

static void emit_epochs(struct load *l)
{
	size_t *order = malloc((l->shapes + 1) * sizeof *order);
	if (!order)
		cli_die("out of memory");
	for (size_t e = 0; l->epochs == 0 || e < l->epochs; e++) {
		for (size_t i = 0; i < l->shapes; i++)
			order[i] = i;
		struct mfc_rng rng = mfc_rng_make(l->seed, MFC_RNG_ORDER, 0, e);
		if (l->shuffle)
			mfc_rng_shuffle(&rng, l->shapes, order);
		emit_epoch(l, e, order);
		if (l->epochs)
			cli_progress(&l->cli, (double)(e + 1), (double)l->epochs, "epochs", NULL);
	}
	free(order);
}

static void run(struct load *l)
{
	struct mfc_error err;
	bool keep = l->epochs != 1 || l->shuffle || (l->normalize == MFC_NORMALIZE_SET && !l->like);
	struct mfc_dataset_visitor visitor = { l->list ? list_shape : keep ? keep_shape : pass_shape, report_broken, keep_header, l };
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
		emit_epochs(l);
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
