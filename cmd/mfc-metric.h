/* What mfc-metric and its subcommand share: two sets of clouds, read, subsampled and normalised. */
#ifndef MFC_METRIC_COMMAND_H
#define MFC_METRIC_COMMAND_H

#include "cli.h"
#include "load/transform.h"
#include "metric/sets.h"

struct metric_set {
	const char *name;           /* what messages call it */
	struct mfc_cloud *cloud;    /* (count) */
	struct mfc_points *shape;    /* (count), views of the clouds */
	size_t count;
};

struct metric {
	struct cli cli;
	const char *reference_path, *metrics, *normalize;   /* options */
	enum mfc_normalize how;
	size_t points;              /* --points; 0: as they are */
	size_t seen, dim;           /* chaos: points and coordinates of the clouds so far, which are all alike */
	bool cd, emd, jsd;          /* wanted */
	struct metric_set generated, reference;
};

/* The options that all take, and those of distances, to begin a table with. */
#define METRIC_SET_OPTIONS(m) \
	{ "reference", 'r', "FILE", "the clouds to compare with", CLI_STRING, &(m)->reference_path }, \
	{ "points", 'n', "K", "compare random subsets of K points of each cloud", CLI_NATURAL, &(m)->points }, \
	{ "normalize", 0, "HOW", "none, cloud-box, cloud-sphere or cloud-std, on both sides (none)", CLI_STRING, &(m)->normalize }
#define METRIC_OPTIONS(m) METRIC_SET_OPTIONS(m), \
	{ "metrics", 'm', "LIST", "which, with commas between (default: all)", CLI_STRING, &(m)->metrics }

/* Check these options; returns the path of the generated clouds. */
const char *metric_options(struct metric *m);
/* A cloud of the stream `name` as it is compared: subsampled and normalised. Dies where it cannot be. */
void metric_prepare(const struct metric *m, struct mfc_cloud *cloud, const char *name);
/* Check the options, read both sets, and make them comparable; dies where it cannot. allowed: "cd,emd,jsd" or what of it there is. */
void metric_load(struct metric *m, const char *allowed);
void metric_clear(struct metric *m);
/* Progress over pairs. context: the struct cli. */
void metric_progress(void *context, size_t done, size_t total);

int metric_pairs(int argc, char **argv);
int metric_chaos(int argc, char **argv);

#endif
