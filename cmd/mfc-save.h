/* The parts of mfc-save. */
#ifndef MFC_SAVE_COMMAND_H
#define MFC_SAVE_COMMAND_H

#include "cli.h"

/* A safe file name for an id, with -2, -3, … where it was given before: a shape's later epochs. Kept in the tree *names, NULL at first,
 * which owns it. */
const char *save_unique_name(void **names, const char *id, const char *extension);

#endif
