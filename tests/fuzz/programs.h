/* The programs of cmd/, each main by a name of its own (the Makefile gives it). */
#ifndef PROGRAMS_H
#define PROGRAMS_H

#include "process.h"

int mfc_load_main(int, char **), mfc_noise_main(int, char **), mfc_subdivide_main(int, char **), mfc_score_main(int, char **);
int mfc_metric_main(int, char **), mfc_save_main(int, char **), mfc_view_main(int, char **);

static const struct program { const char *name; int (*run)(int, char **); } programs[] = {
	{ "mfc-load", mfc_load_main }, { "mfc-noise", mfc_noise_main }, { "mfc-subdivide", mfc_subdivide_main }, { "mfc-score", mfc_score_main },
	{ "mfc-metric", mfc_metric_main }, { "mfc-save", mfc_save_main }, { "mfc-view", mfc_view_main }
};
#define PROGRAMS (sizeof programs / sizeof *programs)
#define MAX_WORDS 64

/* Run the command whose words lie between separators in `text`, which is changed; -1 where it names no program. */
static int run_command(char *text, char separator)
{
	char *word[MAX_WORDS + 1];
	int words = 0;
	for (char *p = text; p && words < MAX_WORDS;) {
		word[words++] = p;
		p = strchr(p, separator);
		if (p)
			*p++ = 0;
	}
	word[words] = NULL;
	for (size_t i = 0; i < PROGRAMS; i++)
		if (strcmp(word[0], programs[i].name) == 0)
			return process_run(programs[i].run, words, word);
	return -1;
}

/* A target in which every program stops on its way, at something that it must not do here, would find nothing for ever. */
static void require_programs_run(void)
{
	static bool done;
	bool writes = process_writes;
	char text[] = "mfc-subdivide plan -n 5000";
	if (done)
		return;
	process_writes = done = true;
	REQUIRE(run_command(text, ' ') == 0);
	process_writes = writes;
}

#endif
