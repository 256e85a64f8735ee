/* A trained model as the field that clouds move in: what mfc-score denoise and the kernels of mfc-subdivide branch share; for denoise it may be a
 * known law instead. Dies where it cannot begin. */
#ifndef MFC_SAMPLER_H
#define MFC_SAMPLER_H

#include "cli.h"
#include "diffusion/levels.h"
#include "net/field.h"
#include "net/model.h"
#include "oracle.h"
#include "rng.h"

#include <pthread.h>

/* Read the model that -m names (required) and the levels it was trained with. */
void sampler_model(struct mfc_model *model, struct mfc_levels *levels, const char *path);

struct sampler {
	/* as the options say */
	const char *path;      /* -m */
	const char *oracle_path;   /* --oracle, in the place of a model; NULL: not given */
	const char *label;     /* NULL: what each record says; "": none */
	double guidance;       /* NAN: not given */
	size_t context;        /* 0: by level */
	bool leads;
	/* as open makes it of them */
	struct mfc_model model;     /* with an oracle: its header alone */
	struct oracle oracle;
	struct mfc_levels levels;
	struct mfc_weights weights;
	size_t threads;
	struct mfc_field **field;   /* (threads): a worker's own, for small clouds, */
	struct mfc_field *team;     /* and that of all threads, for a large one at a time */
	pthread_mutex_t turn;
};
#define SAMPLER_DEFAULTS { .guidance = NAN, .turn = PTHREAD_MUTEX_INITIALIZER }
#define SAMPLER_OPTIONS(s) \
	{ "model", 'm', "MODEL", "the trained model (mfc-model(5))", CLI_STRING, &(s).path }, \
	{ "context", 0, "COUNT", "particles that the network sees of a cloud (as many as in training)", CLI_COUNT, &(s).context }, \
	{ "label", 0, "NAME", "what every cloud is to be, instead of what its record says; '' for anything", CLI_STRING, &(s).label }, \
	{ "guidance", 0, "W", "weight of the label: 0 none of it, 1 as learnt, above more so (1)", CLI_REAL, &(s).guidance }

void sampler_open(struct sampler *sampler, struct cli *cli);
void sampler_close(struct sampler *sampler);

/* The field of one cloud; `sampler_denoise` is its mfc_denoise. Between enter and leave a large cloud has the threads to itself. */
struct sampler_field {
	struct sampler *of;
	struct mfc_field *field;
	bool large;
	size_t threads;             /* that the cloud has */
	size_t context, among, crowd_among;   /* how many are seen, drawn among the first so many, and the crowd likewise; 0: by the options, all */
	struct mfc_condition condition;
	uint64_t seed, cloud, evaluation;
	size_t *index, room;
};
int sampler_enter(struct sampler *sampler, size_t worker, uint64_t seed, struct mfc_cloud *cloud, struct sampler_field *field, struct mfc_error *err);
void sampler_leave(struct sampler_field *field);
int sampler_denoise(void *field, size_t n, const float *y, double s, float *D, struct mfc_error *err);

/* The noise level of a noised cloud, from s or else t. -1 where it has neither. */
int sampler_noise_level(const struct mfc_cloud *cloud, double *s, struct mfc_error *err);

#endif
