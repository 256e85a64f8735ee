/* What mfc-metric and its subcommands share: the measures and the conventions there are; two sets of clouds, read, subsampled and normalised; the
 * figures of a table's row. */
#ifndef MFC_METRIC_COMMAND_H
#define MFC_METRIC_COMMAND_H

#include "cli.h"
#include "load/transform.h"
#include "metric/sets.h"

/* The measures: of a pair of clouds, then of two sets. */
enum { METRIC_CD, METRIC_EMD, METRIC_FSCORE, METRIC_HAUSDORFF, METRIC_NORMALS, METRIC_PAIRS, METRIC_JSD = METRIC_PAIRS, METRIC_MEASURES };
struct metric_measure {
	const char *name;
	bool pairs;      /* of a pair of clouds */
	bool usual;      /* unless --metrics says otherwise */
	bool trees;      /* looks for neighbours */
	bool likeness;   /* 1 for equal clouds, at least 0: as a distance it is 1 less this */
};
extern const struct metric_measure metric_measure[METRIC_MEASURES];

/* What a published table rests on, see mfc-metric(1). */
struct metric_convention {
	const char *name;
	const char *normalize;   /* unless --normalize says otherwise */
	bool squared;            /* EMD of squared distances */
	bool fits;               /* JSD scales both sets so that the reference fits into its cube */
};

/* How EMD is computed: what is not exact is not called so. */
enum metric_emd { METRIC_EXACT, METRIC_SINKHORN, METRIC_SLICED };

struct metric_set {
	const char *name;           /* what messages call it */
	struct mfc_cloud *cloud;    /* (count) */
	struct mfc_points *shape;   /* (count), views of the clouds */
	size_t count;
	size_t unscaled;            /* clouds that say nothing of a normalisation */
};

struct metric {
	struct cli cli;
	const char *reference_path, *metrics, *normalize, *convention_name, *emd_name;   /* options */
	enum metric_emd emd;
	const struct metric_convention *convention;
	enum mfc_normalize how;
	bool paper, by_label;       /* --paper, --by-label */
	bool nearest;               /* --nearest */
	FILE *nearest_out;          /* where its lines go */
	bool raw;                   /* --normalize raw */
	size_t points;              /* --points; 0: as they are */
	size_t seen, dim;           /* chaos: points and coordinates of the clouds so far, which are all alike */
	bool wanted[METRIC_MEASURES];
	double tau;                 /* --tau, NAN: not given */
	struct metric_set generated, reference;
	size_t bootstrap;           /* --bootstrap; 0: none */
	const char *block_text, *merge_path;   /* --block, --merge */
	bool across;                /* generated against reference only: mfc-metric pairs */
	size_t block, blocks;       /* blocks 0: all pairs at once */
	size_t merges;              /* blocks that --merge's file is of */
	struct metric_block *block_list;   /* (merges) */
	size_t done, pairs;         /* progress: before this matrix, and in all */
	size_t pass, passes;        /* over the pairs of this matrix */
};

/* A row of the table: the clouds of a label, or all. */
struct metric_row {
	const char *label;          /* NULL: all */
	size_t generated, reference;
	struct mfc_set_metrics value[METRIC_PAIRS], error[METRIC_PAIRS];
	double jsd, jsd_error, jsd_scale;
};

/* The options that all take, and those of distances, to begin a table with. */
#define METRIC_SET_OPTIONS(m) \
	{ "reference", 'r', "FILE", "the clouds to compare with", CLI_STRING, &(m)->reference_path }, \
	{ "points", 'n', "K", "compare random subsets of K points of each cloud", CLI_COUNT, &(m)->points }, \
	{ "normalize", 0, "HOW", "none, raw, cloud-box, cloud-sphere or cloud-std, on both sides (none)", CLI_STRING, &(m)->normalize }
#define METRIC_OPTIONS(m) METRIC_SET_OPTIONS(m), \
	{ "metrics", 'm', "LIST", "a list with commas, of cd, emd, fscore, hausdorff, normals, jsd (cd,emd,jsd)", CLI_STRING, &(m)->metrics }, \
	{ "emd", 0, "HOW", "exact (default), or approximated: sinkhorn or sliced", CLI_STRING, &(m)->emd_name }, \
	{ "tau", 't', "D", "the distance of fscore", CLI_REAL, &(m)->tau }, \
	{ "block", 0, "I/M", "only every M-th pair, from the I-th (0 to M-1), into a file for --merge", CLI_STRING, &(m)->block_text }, \
	{ "merge", 0, "FILE", "take the distances from these blocks, joined by cat", CLI_STRING, &(m)->merge_path }, \
	{ "convention", 'c', "NAME", "mfc (default), pointflow, dpm or pvd: whose definitions", CLI_STRING, &(m)->convention_name }

/* Fill the matrices of the pair measures that are wanted, the others NULL, for the clouds of d, which needs a, b, their counts and reference; under
 * --block their block alone, which is written. Dies where it cannot. */
void metric_distances(struct metric *m, struct mfc_distances *d, double *const value[METRIC_PAIRS]);
double *metric_matrix(const struct metric *m, size_t rows, size_t columns);

/* Open the output for block m->block of m->blocks; false where -o holds it already. */
bool metric_block_begin(struct metric *m);
/* Write this block of a matrix. */
void metric_block_put(struct metric *m, const struct mfc_distances *d, const char *measure, double *matrix);
/* Read all blocks from --merge's file; dies unless they are all there and of these clouds and options. get fills in the next matrix from them,
 * which must be of this measure. */
void metric_block_read(struct metric *m);
void metric_block_get(struct metric *m, const struct mfc_distances *d, const char *measure, double *matrix);
void metric_block_clear(struct metric *m);
/* What the distances depend on: the options that matter, in words, and hashes of the clouds as they are compared. */
struct metric_origin { char options[512]; uint64_t reference, generated; };
void metric_block_origin(const struct metric *m, struct metric_origin *origin);
/* What a stream's header says of the block that it is; false where it is none. */
bool metric_block_described(const struct mfc_value *header, struct metric_origin *origin, size_t *block, size_t *blocks);
/* Copy the pairs of a block out of a matrix into a list, or back; list NULL: neither. Returns how many they are. */
size_t metric_block_exchange(const struct mfc_distances *d, size_t block, size_t blocks, double *matrix, double *list, bool back);

/* What a measure is called in the output. */
const char *metric_name(const struct metric *m, size_t measure);
/* Set m->wanted from --metrics, and m->emd from --emd; pairs: of the measures of a pair only. */
void metric_choose(struct metric *m, bool pairs);
/* The convention of that name (NULL: the default), or NULL. */
const struct metric_convention *metric_convention_named(const char *name);
/* Print what m's defines, in words. */
void metric_convention_print(FILE *out, const struct metric *m);

/* The cloud's normals, unit vectors (n, dim) for the caller to free; dies where it has none. */
float *metric_normals(const struct mfc_cloud *cloud, const char *name);
/* Whether a cloud bears the label; all do where it is NULL. */
bool metric_bears(const struct mfc_cloud *cloud, const char *label);
/* The least and the largest number of points of the clouds of a label, "60" or "50-60". */
void metric_points(const struct metric *m, const char *label, char text[48]);
/* Check the options; returns the path of the generated clouds. */
const char *metric_options(struct metric *m);
/* A cloud of the stream `name` as it is compared: subsampled and normalised. Dies where it cannot be. */
void metric_prepare(const struct metric *m, struct mfc_cloud *cloud, const char *name);
/* Read all clouds of a stream into an empty set, as they are compared; dies where there are none. metric_clear frees those of m. */
void metric_read(struct metric *m, struct metric_set *set, const char *path);
/* Check the options, read both sets, and make them comparable; dies where it cannot. */
void metric_load(struct metric *m, bool pairs);
void metric_clear(struct metric *m);
/* Progress over pairs, as mfc_distances wants it. context: the struct metric, whose `done` are those before and `pairs` all. */
void metric_progress(void *context, size_t done, size_t total);

/* Compute the figures of the row of a label, of which both sides have clouds. */
void metric_evaluate(struct metric *m, struct metric_row *row);
/* All rows of the table, for the caller to free: those of the labels where --by-label wants them, and that of all clouds, last. */
struct metric_row *metric_rows(struct metric *m, size_t *rows);
/* Text as a field of a TSV line: tab, line ends and backslash as \t, \n, \r and \\, other control characters as \x1b or \u009b. */
void metric_put_text(FILE *out, const char *text);
/* A tab and a number; nan without the sign that printf may give it. */
void metric_put_number(FILE *out, int digits, double x);
/* The names of --nearest's columns. */
void metric_nearest_header(FILE *out);
/* Print, for each cloud, which other is nearest by a measure; value (total, total) of the stack of all clouds, of likenesses 1 less them. */
void metric_nearest_print(FILE *out, const struct metric *m, size_t measure, const double *value);
/* Print the table as TSV or as a JSON object. */
void metric_print(FILE *out, const struct metric *m, const struct metric_row *row, size_t rows, bool json);

/* mfc-metric chaos --correlation, of the clouds of a path; verdict: whether it falls as 1/N. */
void metric_correlation(struct metric *m, const char *path, bool verdict);

int metric_pairs(int argc, char **argv);
int metric_chaos(int argc, char **argv);
int metric_moments(int argc, char **argv);

#endif
