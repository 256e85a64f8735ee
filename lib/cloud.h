/* A point cloud: N particles in R^d, the one record that all filters exchange (mfc-stream(5)). */
#ifndef MFC_CLOUD_H
#define MFC_CLOUD_H

#include "array.h"

#define MFC_MAX_NAME 4096   /* bytes of an id or a label in a stream */

struct mfc_cloud {
	char *id;                /* never NULL after reading */
	char *label;             /* or NULL */
	size_t n, dim;           /* N particles, d coordinates */
	float *x;                /* (N, d), the VP state x_t = α_t x_0 + σ_t ε; data when t is absent */
	float *eps;              /* (N, d), the noise that was added, or NULL */
	double t;                /* diffusion time in [0, 1], NAN when absent */
	double s;                /* σ_t/α_t, NAN when absent */
	int level;               /* subdivision level, -1 when absent */
	double *center;          /* (d), what normalisation took away: raw = x · scale + center; or NULL */
	double scale;            /* NAN when absent */
	struct mfc_value extra;  /* map: every other key, in the order it came */
	uint64_t key;            /* names this cloud to the random numbers; not on the wire (mfc_cloud_key) */
};

/* An empty cloud: all absent, extra an empty map. */
void mfc_cloud_init(struct mfc_cloud *cloud);
/* Free what it owns and leave it as init does. */
void mfc_cloud_clear(struct mfc_cloud *cloud);
int mfc_cloud_copy(struct mfc_cloud *to, const struct mfc_cloud *from, struct mfc_error *err);
int mfc_cloud_set_id(struct mfc_cloud *cloud, const char *id, struct mfc_error *err);
int mfc_cloud_set_label(struct mfc_cloud *cloud, const char *label, struct mfc_error *err);   /* NULL: none */
/* Make x an (n, dim) array of zeros and drop eps; other keys stay. n · dim is checked against overflow. */
int mfc_cloud_resize(struct mfc_cloud *cloud, size_t n, size_t dim, struct mfc_error *err);

/* New particle i is old particle index[i] (each < n; repeats allowed: that is branching). x, eps and every ARRAY of
 * extra whose shape[0] is n follow. On failure the cloud is unchanged. */
int mfc_cloud_select(struct mfc_cloud *cloud, const size_t *index, size_t count, struct mfc_error *err);

/* The memory that it takes, about; and that of a particle in it, with what of extra follows it. */
size_t mfc_cloud_bytes(const struct mfc_cloud *cloud);
size_t mfc_cloud_row(const struct mfc_cloud *cloud);

/* The random key of the k-th cloud (k = 0, 1, …) that bears this id in a stream: so draws depend on neither
 * threads nor shards, and a shape's next epoch draws anew. */
uint64_t mfc_cloud_key(const char *id, uint64_t k);

/* Whether its numbers are such as a stream holds: x, eps and center finite, t from 0 to 1, s from 0 to 1e30, scale from 1e-30 to 1e30. */
int mfc_cloud_check(const struct mfc_cloud *cloud, struct mfc_error *err);

/* Record ↔ cloud. from_record takes what it wants out of the record (which stays valid to clear) and checks it:
 * x an ARRAY (N, d) of <f4 or <f8 (or any number) with finite values, N ≥ 1, 1 ≤ d; eps of the same shape; t in [0, 1]; s > 0
 * and agreeing with t where both are there is the caller's business. to_record checks (above) and writes the known keys in the order
 * id label x eps t s level center scale, then extra. Both leave `key` alone. */
int mfc_cloud_from_record(struct mfc_cloud *cloud, struct mfc_value *record, struct mfc_error *err);
int mfc_cloud_to_record(const struct mfc_cloud *cloud, struct mfc_value *record, struct mfc_error *err);

#endif
