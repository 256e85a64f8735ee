/* The subcommands of mfc-subdivide. */
#ifndef MFC_SUBDIVIDE_COMMAND_H
#define MFC_SUBDIVIDE_COMMAND_H

#include "diffusion/levels.h"

/* The levels of a model, and where dim is not NULL its dimension. Dies where there are none. */
void subdivide_levels(struct mfc_levels *levels, const char *path, size_t *dim);

int subdivide_split(int argc, char **argv);
int subdivide_branch(int argc, char **argv);
int subdivide_plan(int argc, char **argv);

#endif
