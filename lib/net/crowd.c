#include "net/crowd.h"
#include "net/local.h"
#include "neighbors.h"

#include <stdlib.h>

size_t mfc_crowd_size(const struct mfc_score_config *config, double s, size_t n)
{
	if (config->arch == MFC_ARCH_PAIRWISE)
		return n;
	if (!config->windows || s > config->below)
		return 0;
	double size = ceil(config->crowd / (s * s));
	return size < (double)n ? (size_t)size : n;
}

/* The search is in float. */
static int plant(struct mfc_crowd *crowd, size_t dim, struct mfc_error *err)
{
	size_t numbers = crowd->n * dim;
	float *at = malloc(numbers * sizeof *at);
	for (size_t i = 0; at && i < numbers; i++)
		at[i] = (float)crowd->u[i];
	int status = at ? mfc_neighbors_build(&crowd->tree, crowd->n, dim, at, err) : mfc_error_memory(err);
	free(at);
	return status;
}

int mfc_crowd_make(struct mfc_crowd *crowd, const struct mfc_score_config *config, double s, size_t n, real *u, struct mfc_error *err)
{
	*crowd = (struct mfc_crowd){ .n = n, .u = u };
	int status = config->arch == MFC_ARCH_PAIRWISE ? plant(crowd, config->dim, err)
	                                               : mfc_cells_build(&crowd->cells, n, config->dim, u, mfc_local_reach(config, s), err);
	if (status)
		mfc_crowd_clear(crowd);
	return status;
}

void mfc_crowd_clear(struct mfc_crowd *crowd)
{
	mfc_neighbors_free(crowd->tree);
	mfc_cells_clear(&crowd->cells);
	free(crowd->u);
	*crowd = (struct mfc_crowd){ 0 };
}
