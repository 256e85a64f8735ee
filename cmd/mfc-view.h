/* The parts of mfc-view. */
#ifndef MFC_VIEW_COMMAND_H
#define MFC_VIEW_COMMAND_H

#include "cli.h"
#include "output/render.h"

struct view {
	struct cli cli;
	struct mfc_view view;
	size_t size, columns, limit;
	bool pass, terminal;
	struct mfc_projection *picture;   /* of the clouds, in their order, */
	size_t *group;                    /* and of which input each is */
	size_t count, capacity;
	size_t input, seen;               /* the input being read and its clouds so far */
};

/* The contact sheet to -o, as PNG; groups begin on rows of their own. */
void view_sheet(struct view *v);
/* The clouds in characters to standard output (standard error when the stream is passed on). */
void view_terminal(struct view *v);

#endif
