/* Lines and numbers of text formats. Independent of the locale; lines may end in LF, CRLF or the end of the file. */
#ifndef MFC_TEXT_H
#define MFC_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A walk through text of `size` bytes; data[size] must be 0. */
struct mfc_text {
	const char *next, *end;   /* what was not yet read */
	const char *line, *stop;  /* the current line: [line, stop) without its end */
	size_t number;            /* of the current line, from 1 */
};

struct mfc_text mfc_text_begin(const char *data, size_t size);
/* Go to the next line; false at the end. */
bool mfc_text_line(struct mfc_text *t);
/* Skip blanks from *p within the line; the first other byte, or stop. */
const char *mfc_text_blank(const struct mfc_text *t, const char *p);
/* Read a number or an integer at *p (after blanks) and move *p behind it; false when there is none. */
bool mfc_text_real(const struct mfc_text *t, const char **p, double *out);
bool mfc_text_integer(const struct mfc_text *t, const char **p, long long *out);
/* The word at *p after blanks: its length (0 at the end of the line); *p is set to its start. */
size_t mfc_text_word(const struct mfc_text *t, const char **p);

#endif
