/* Whether a stream was made by the very command that is run now: what --resume may go on with. */
#include "mfc-load.h"

#include <string.h>

/* How many words from argv[i] on change nothing of what is written: talk, and the number of threads. */
static size_t idle_words(char *const *argv, size_t count, size_t i)
{
	static const char *const alone[] = { "-v", "--verbose", "-q", "--quiet", "--progress", "--progress=always", "--progress=never", "--progress=auto" };
	for (size_t k = 0; k < sizeof alone / sizeof *alone; k++)
		if (strcmp(argv[i], alone[k]) == 0)
			return 1;
	if (strcmp(argv[i], "-@") == 0 || strcmp(argv[i], "--threads") == 0)
		return i + 1 < count ? 2 : 1;
	return strncmp(argv[i], "-@", 2) == 0 || strncmp(argv[i], "--threads=", 10) == 0;
}

static bool same_words(char *const *a, size_t na, char *const *b, size_t nb)
{
	size_t i = 0, j = 0, idle;
	for (;;) {
		while (i < na && (idle = idle_words(a, na, i)))
			i += idle;
		while (j < nb && (idle = idle_words(b, nb, j)))
			j += idle;
		if (i >= na || j >= nb)
			return i >= na && j >= nb;
		if (strcmp(a[i++], b[j++]) != 0)
			return false;
	}
}

/* Does the header hold the set's statistics that --like gives now? */
static bool same_statistics(const struct load *l, const struct mfc_value *header)
{
	const struct mfc_value *n = mfc_value_get(header, "normalize"), *center = mfc_value_get(n, "center");
	double x;
	if (!l->like)
		return true;
	bool same = mfc_value_as_real(mfc_value_get(n, "scale"), &x) && x == l->scale && center && center->type == MFC_LIST && center->size == l->dim;
	for (size_t i = 0; same && i < l->dim; i++)
		same = mfc_value_as_real(&center->items[i], &x) && x == l->center[i];
	return same;
}

bool load_same_command(const struct load *l, const struct mfc_value *header)
{
	const struct mfc_value *history = mfc_value_get(header, "history");
	const struct mfc_value *last = history && history->type == MFC_LIST && history->size ? &history->items[history->size - 1] : NULL;
	const struct mfc_value *argv = mfc_value_get(last, "argv");
	const char *version = mfc_value_as_string(mfc_value_get(last, "version"));
	if (!argv || argv->type != MFC_LIST || argv->size > 65536 || !version || strcmp(version, MFC_VERSION) != 0)
		return false;
	char *word[argv->size + 1];
	for (size_t i = 0; i < argv->size; i++)
		if (!(word[i] = (char *)mfc_value_as_string(&argv->items[i])))
			return false;
	return same_words(word, argv->size, l->cli.argv, (size_t)l->cli.argc) && same_statistics(l, header);
}
