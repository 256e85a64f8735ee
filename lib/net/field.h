/* The denoiser D(·; s, ν) of one cloud, for sampling (denoiser.h has the formula).
 *
 * The network sees ν through a context, some of the particles, by default all. All others are passengers in the field that the context defines:
 * they are taken tile by tile, on all threads, and nothing of them is kept but the order in which they are taken, 8 bytes each, 24 while they are sorted,
 * so that beyond these and its arguments the memory is the context's. Since
 * the network's expectations over ν converge as 1/√M in the context's size M (propagation of chaos), M ≪ N serves. Where particles see
 * their neighbours, these are of a crowd that is chosen in the same way (crowd.h), and memory is that of the crowd too. */
#ifndef MFC_FIELD_H
#define MFC_FIELD_H

#include "net/denoiser.h"

struct mfc_field;
/* net, weights and denoiser are borrowed. Results do not depend on the threads. */
int mfc_field_create(struct mfc_field **field, const struct mfc_score *net, const struct mfc_weights *weights, const struct mfc_denoiser *denoiser,
    size_t threads, struct mfc_error *err);
void mfc_field_free(struct mfc_field *field);

/* What a cloud is to be: a row of the table of labels, and the weight W of the guidance towards it, D_null + W (D_label - D_null)
 * (classifier-free guidance, Ho and Salimans 2022). W = 1 is the label's own denoiser, 0 the null label's; another W costs two evaluations. */
struct mfc_condition {
	size_t label;
	double guidance;
};

/* Which particles the network sees: the first `count`, or those of index (count), which ascends; 0, or as many as there are: all. The crowd is of the
 * first particles, or drawn by a copy of `draw`;
 * where `among` is not 0, of the first so many alone. */
struct mfc_context {
	size_t count;
	const size_t *index;
	const struct mfc_rng *draw;
	size_t among;
};

/* D (n, d) of y (n, d), which may be the same array. condition NULL: the null label. Not from several threads. */
int mfc_field_denoise(struct mfc_field *field, size_t n, const float *y, double s, struct mfc_context context, const struct mfc_condition *condition,
    float *D, struct mfc_error *err);

#endif
