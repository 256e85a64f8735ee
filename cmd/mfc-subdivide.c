/* mfc-subdivide: few particles while the coarse shape is decided, all where the detail is made. */
#include "mfc-subdivide.h"

#include "cli.h"
#include "linalg.h"
#include "vectors.h"

void subdivide_levels(struct mfc_levels *levels, const char *path, size_t *dim)
{
	struct mfc_error err;
	struct mfc_value header;
	cli_read_model(&header, path);
	if (mfc_levels_from_value(levels, mfc_value_get(&header, "levels"), &err))
		cli_die("%s: %s", path, err.message);
	if (dim)
		mfc_value_as_size(mfc_value_get(&header, "dim"), dim);
	mfc_value_clear(&header);
}

int main(int argc, char **argv)
{
	static const struct cli_command table[] = {
		{ "split", subdivide_split, "give data clouds a level and its number of particles, for training" },
		{ "branch", subdivide_branch, "multiply the particles of clouds, in sampling" },
		{ "plan", subdivide_plan, "print the stages that sample clouds of N particles" },
		{ 0 }
	};
	/* For the kernels that ask a model, as mfc-score does. */
	const char *kernels_from;
	if (mfc_vectors() == MFC_VECTORS_NONE)
		mfc_linalg_heal(argv, &kernels_from);
	mfc_linalg_confine(argv);
	mfc_linalg_single_thread();
	return cli_dispatch("mfc-subdivide", table, argc, argv);
}
