/* Branching: multiplicities, order, uniform choice of the rest. */
#include "check.h"
#include "diffusion/branch.h"

#include <math.h>
#include <stdlib.h>

static void copies(size_t n, size_t m)
{
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_BRANCH, 7, m);
	size_t *index = malloc(m * sizeof *index), *times = calloc(n, sizeof *times);
	int ok = mfc_branch_copies(n, m, &rng, index) == 0;
	for (size_t i = 0; ok && i < m; i++) {
		ok = index[i] < n && (i >= n || index[i] == i);
		if (ok)
			times[index[i]]++;
	}
	for (size_t i = 0; ok && i < n; i++)
		ok = times[i] == m / n || times[i] == m / n + 1;
	check(ok, "%zu to %zu: parents first, each %zu or %zu times", n, m, m / n, m / n + (m % n != 0));
	free(index);
	free(times);
}

int main(void)
{
	copies(1, 1);
	copies(1, 9);
	copies(5, 5);
	copies(5, 7);
	copies(5, 10);
	copies(100, 399);
	copies(128, 512);
	copies(1000, 1001);
	size_t index[7], count[5] = { 0 };
	for (uint64_t cloud = 0; cloud < 20000; cloud++) {
		struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_BRANCH, cloud, 7);
		mfc_branch_copies(5, 7, &rng, index);
		count[index[5]]++;
		count[index[6]]++;
	}
	double chi = 0;
	for (int i = 0; i < 5; i++)
		chi += pow((double)count[i] - 8000, 2) / 8000;
	check(chi < 4 + 5 * sqrt(8), "who is copied once more is uniform: chi square %.1f at 4 degrees", chi);
	return done();
}
