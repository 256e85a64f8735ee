/* The subcommands of mfc-subdivide. */
#ifndef MFC_SUBDIVIDE_COMMAND_H
#define MFC_SUBDIVIDE_COMMAND_H

int subdivide_split(int argc, char **argv);
int subdivide_branch(int argc, char **argv);
int subdivide_plan(int argc, char **argv);

#endif
