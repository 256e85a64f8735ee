/* mfc-subdivide: few particles while the coarse shape is decided, all where the detail is made. */
#include "mfc-subdivide.h"

#include "cli.h"

int main(int argc, char **argv)
{
	static const struct cli_command table[] = {
		{ "split", subdivide_split, "give data clouds a level and its number of particles, for training" },
		{ "branch", subdivide_branch, "multiply the particles of clouds, in sampling" },
		{ "plan", subdivide_plan, "print the stages that sample clouds of N particles" },
		{ 0 }
	};
	return cli_dispatch("mfc-subdivide", table, argc, argv);
}
