#include "diffusion/branch.h"

#include <stdlib.h>
#include <string.h>

int mfc_branch_copies(size_t n, size_t m, struct mfc_rng *rng, size_t *index)
{
	size_t whole = m - m % n;
	for (size_t i = 0; i < whole; i++)
		index[i] = i % n;
	if (m == whole)
		return 0;
	size_t *chosen = malloc(n * sizeof *chosen);
	if (!chosen)
		return -1;
	mfc_rng_choose(rng, n, m - whole, chosen);
	memcpy(index + whole, chosen, (m - whole) * sizeof *index);
	free(chosen);
	return 0;
}
