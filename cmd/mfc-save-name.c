/* The names of mfc-save's files. */
#include "mfc-save.h"

#include "output/save.h"

#include <stdlib.h>
#include <string.h>

static bool taken(const struct cli_list *names, const char *name)
{
	for (size_t i = names->count; i-- > 0;)
		if (strcmp(names->item[i], name) == 0)
			return true;
	return false;
}

const char *save_unique_name(struct cli_list *names, const char *id, const char *extension)
{
	char *stem = mfc_save_name(id), *name = NULL;
	int bad = !stem || asprintf(&name, "%s.%s", stem, extension) < 0;
	for (size_t k = 2; !bad && taken(names, name); k++) {
		free(name);
		bad = asprintf(&name, "%s-%zu.%s", stem, k, extension) < 0;
	}
	free(stem);
	names->item = realloc(names->item, (names->count + 1) * sizeof *names->item);
	if (bad || !names->item)
		cli_die("out of memory");
	return names->item[names->count++] = name;
}
