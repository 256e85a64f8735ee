/* The names of mfc-save's files. */
#include "mfc-save.h"

#include "output/save.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

/* One of the names given: a node of the tree. */
struct given {
	char *name;
	size_t next;   /* the number that the next file of this name is tried with */
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct given *)a)->name, ((const struct given *)b)->name);
}

/* Enter a name, which is freed where it is there already; returns its node, and whether it is new. */
static struct given *enter(void **names, char *name, bool *new)
{
	struct given *g = malloc(sizeof *g), **found;
	if (!g || !name)
		cli_die("out of memory");
	*g = (struct given){ name, 2 };
	if (!(found = tsearch(g, names, compare)))
		cli_die("out of memory");
	*new = *found == g;
	if (!*new) {
		free(g->name);
		free(g);
	}
	return *found;
}

static char *file_name(const char *stem, size_t number, const char *extension)
{
	char *name;
	int length = number ? asprintf(&name, "%s-%zu.%s", stem, number, extension) : asprintf(&name, "%s.%s", stem, extension);
	return length < 0 ? NULL : name;
}

const char *save_unique_name(void **names, const char *id, const char *extension)
{
	char *stem = mfc_save_name(id);
	bool new;
	if (!stem)
		cli_die("out of memory");
	struct given *first = enter(names, file_name(stem, 0, extension), &new), *g = first;
	while (!new)
		g = enter(names, file_name(stem, first->next++, extension), &new);
	free(stem);
	return g->name;
}
