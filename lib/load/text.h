/* Lines and numbers of text formats. Independent of the locale. Lines end in LF or CRLF; in CR alone where the first of the file does. */
#ifndef MFC_TEXT_H
#define MFC_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MFC_TEXT_LONGEST 400   /* bytes of a number; a longer one is none */

/* A walk through text of `size` bytes; data[size] must be 0. */
struct mfc_text {
	const char *data, *next, *end;   /* all of it, and what was not yet read */
	const char *line, *stop;         /* the current line: [line, stop) without its end */
	size_t number;                   /* of the current line, from 1 */
	char feed;                       /* the last byte of a line's end */
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

/* For walks that leave lines aside, being faster: */

/* The number at p: what lies behind it, or NULL when none is there or a letter, a digit or one of + - . _ follows. *out is what strtod of the C
 * locale makes of it, to the bit, also of "inf" and "nan"; hexadecimal numbers are none. `end` is that of the data. */
const char *mfc_text_number(const char *p, const char *end, double *out);
/* The line, counted from 1, in which `at` lies: a walk from the start, for messages. */
size_t mfc_text_line_of(const struct mfc_text *t, const char *at);

/* Behind blanks and tabs. */
static inline const char *mfc_text_over(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

extern const uint64_t mfc_text_ten[20];   /* 10^i */

/* Append the digits at p to *digits, eight at a time where as many bytes are left, and overflowing as they please; what lies behind them. */
static inline const char *mfc_text_gather(const char *p, const char *end, uint64_t *digits)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	while (end - p >= 8) {
		uint64_t v, other;
		memcpy(&v, p, 8);
		v ^= 0x3030303030303030u;
		other = ((v + 0x7676767676767676u) | v) & 0x8080808080808080u;   /* the lowest bit set is in the first byte that is no digit */
		int run = other ? __builtin_ctzll(other) / 8 : 8;
		if (run == 0)
			return p;
		v <<= 8 * (8 - run);                                             /* zeros before the digits */
		v = v * 10 + (v >> 8);                                           /* pairs, in every other byte */
		v = ((v & 0x000000ff000000ffu) * 0x000f424000000064u + ((v >> 16) & 0x000000ff000000ffu) * 0x0000271000000001u) >> 32;
		*digits = *digits * mfc_text_ten[run] + v;
		p += run;
		if (run < 8)
			return p;
	}
#endif
	for (unsigned digit; p < end && (digit = (unsigned char)*p - '0') < 10u; p++)
		*digits = *digits * 10 + digit;
	return p;
}

/* Behind the digits at p (p itself where there is none), *out their value, UINT64_MAX for more than 18 of them. */
static inline const char *mfc_text_digits(const char *p, const char *end, uint64_t *out)
{
	uint64_t n = 0;
	const char *after = mfc_text_gather(p, end, &n);
	*out = after - p > 18 ? UINT64_MAX : n;
	return after;
}

/* Behind the word at p: at a byte up to the blank. */
static inline const char *mfc_text_past(const char *p, const char *end)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	while (end - p >= 8) {
		uint64_t v;
		memcpy(&v, p, 8);
		v = (v - 0x2121212121212121u) & ~v & 0x8080808080808080u;        /* the lowest bit set is in the first byte below '!' */
		if (v)
			return p + __builtin_ctzll(v) / 8;
		p += 8;
	}
#endif
	while ((unsigned char)*p > ' ')
		p++;
	return p;
}

/* The bytes of the UTF-8 character (RFC 3629) that a text that ends in a 0 begins with; 0 where it begins with none. */
size_t mfc_text_utf8_length(const char *character);
/* A copy of the text as UTF-8: bytes that are none, and control characters, become "\x" and two hexadecimal digits. The caller frees it; NULL without
 * memory. */
char *mfc_text_utf8(const char *text);

#endif
