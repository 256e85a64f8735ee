#include "load/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct mfc_text mfc_text_begin(const char *data, size_t size)
{
	return (struct mfc_text){ .next = data, .end = data + size };
}

bool mfc_text_line(struct mfc_text *t)
{
	if (t->next >= t->end)
		return false;
	t->line = t->next;
	const char *lf = memchr(t->next, '\n', (size_t)(t->end - t->next));
	t->stop = lf ? lf : t->end;
	t->next = lf ? lf + 1 : t->end;
	if (t->stop > t->line && t->stop[-1] == '\r')
		t->stop--;
	t->number++;
	return true;
}

const char *mfc_text_blank(const struct mfc_text *t, const char *p)
{
	while (p < t->stop && (*p == ' ' || *p == '\t' || *p == '\r'))
		p++;
	return p;
}

/* Up to 19 digits are exact in 64 bits, and the power of ten is one of the exact ones: as near as strtod within an ulp. */
static bool simple(const char *p, const char *stop, const char **after, double *out)
{
	static const double ten[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19 };
	bool negative = p < stop && *p == '-';
	unsigned long long digits = 0;
	int count = 0, behind = 0;
	if (p < stop && (*p == '-' || *p == '+'))
		p++;
	for (bool point = false; p < stop; p++) {
		if (*p == '.' && !point) {
			point = true;
		} else if (*p >= '0' && *p <= '9') {
			digits = digits * 10 + (unsigned long long)(*p - '0');
			behind += point;
			if (++count > 19)
				return false;
		} else {
			break;
		}
	}
	if (count == 0 || (p < stop && (*p == 'e' || *p == 'E')))
		return false;
	*out = (double)digits / ten[behind];
	if (negative)
		*out = -*out;
	*after = p;
	return true;
}

bool mfc_text_real(const struct mfc_text *t, const char **p, double *out)
{
	const char *start = mfc_text_blank(t, *p), *after;
	if (start >= t->stop)
		return false;
	if (!simple(start, t->stop, &after, out)) {
		char *end;
		*out = strtod(start, &end);   /* cannot run past the 0 behind the data, */
		if (end == start || end > t->stop)   /* nor into the next line */
			return false;
		after = end;
	}
	*p = after;
	return true;
}

bool mfc_text_integer(const struct mfc_text *t, const char **p, long long *out)
{
	const char *s = mfc_text_blank(t, *p);
	bool negative = s < t->stop && *s == '-';
	if (s < t->stop && (*s == '-' || *s == '+'))
		s++;
	if (s >= t->stop || *s < '0' || *s > '9')
		return false;
	long long n = 0;
	for (; s < t->stop && *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *s - '0', &n))
			return false;
	*out = negative ? -n : n;
	*p = s;
	return true;
}

size_t mfc_text_word(const struct mfc_text *t, const char **p)
{
	const char *s = *p = mfc_text_blank(t, *p);
	while (s < t->stop && *s != ' ' && *s != '\t' && *s != '\r')
		s++;
	return (size_t)(s - *p);
}
