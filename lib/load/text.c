#include "load/text.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const uint64_t mfc_text_ten[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000,
	1000000000000, 10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
	10000000000000000000u };

struct mfc_text mfc_text_begin(const char *data, size_t size)
{
	const char *lf = memchr(data, '\n', size), *end = lf ? lf : data + size, *cr = memchr(data, '\r', (size_t)(end - data));
	return (struct mfc_text){ .data = data, .next = data, .end = data + size, .feed = cr && cr + 1 != lf ? '\r' : '\n' };
}

bool mfc_text_line(struct mfc_text *t)
{
	if (t->next >= t->end)
		return false;
	t->line = t->next;
	const char *feed = memchr(t->next, t->feed, (size_t)(t->end - t->next));
	t->stop = feed ? feed : t->end;
	t->next = feed ? feed + 1 : t->end;
	if (t->stop > t->line && t->stop[-1] == '\r')
		t->stop--;
	t->number++;
	return true;
}

size_t mfc_text_line_of(const struct mfc_text *t, const char *at)
{
	size_t line = 1;
	for (const char *p = t->data; p < at && (p = memchr(p, t->feed, (size_t)(at - p))); p++)
		line++;
	return line;
}

const char *mfc_text_blank(const struct mfc_text *t, const char *p)
{
	while (p < t->stop && (*p == ' ' || *p == '\t' || *p == '\r'))
		p++;
	return p;
}

/* Whether a byte makes what stands before it no number. */
static bool clings(const char *p)
{
	unsigned char c = (unsigned char)*p, letter = c | 0x20;
	if (c == '#')
		return p[-1] == '.';   /* "1.#QNAN" */
	return c > ' ' && ((letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '+' || c == '-' || c == '_');
}

static bool begins(const char *p, const char *word)
{
	while (*word && (*p | 0x20) == *word)
		p++, word++;
	return *word == 0;
}

/* "inf", "infinity", "nan" and "nan(ind)", which some programs write. */
static const char *named(const char *p, bool negative, double *out)
{
	size_t length = begins(p, "infinity") ? 8 : begins(p, "inf") ? 3 : 0;
	*out = INFINITY;
	if (length == 0 && begins(p, "nan")) {
		*out = NAN;
		length = 3;
		if (p[3] == '(') {
			size_t inner = strspn(p + 4, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
			length += p[4 + inner] == ')' ? inner + 2 : 0;
		}
	}
	if (length == 0 || clings(p + length))
		return NULL;
	*out = negative ? -*out : *out;
	return p + length;
}

static locale_t plain_locale;

static void make_plain_locale(void)
{
	plain_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* The number from p up to `after` as the C library reads it, whatever the decimal point of the process's locale. */
static const char *careful(const char *p, const char *after, double *out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	if (after - p > MFC_TEXT_LONGEST)
		return NULL;
	pthread_once(&once, make_plain_locale);
	*out = plain_locale ? strtod_l(p, NULL, plain_locale) : strtod(p, NULL);
	return after;
}

/* digits / 10^power for digits > 0 and power < 20, rounded once: a quotient of at least 62 bits, whose lowest is set when something is left,
 * and which the conversion rounds to 53. Values lie above 10^-19, so that none is subnormal. */
static double quotient(uint64_t digits, int power)
{
	int up = __builtin_clzll(digits), down = __builtin_clzll(mfc_text_ten[power]);
	unsigned __int128 dividend = (unsigned __int128)(digits << up) << 63;
	uint64_t divisor = mfc_text_ten[power] << down, q = (uint64_t)(dividend / divisor);
	q |= (unsigned __int128)q * divisor != dividend;
	uint64_t bits = (uint64_t)(1023 + down - up - 63) << 52;
	double scale;
	memcpy(&scale, &bits, sizeof scale);
	return (double)q * scale;
}

/* The exponent at p ("e-12") is added to *power; NULL when there are no digits in it. */
static const char *exponent(const char *p, int *power)
{
	bool negative = p[1] == '-';
	const char *first = p + 1 + (p[1] == '-' || p[1] == '+'), *after = first;
	int e = 0;
	for (; *after >= '0' && *after <= '9'; after++)
		e = e < 100000 ? 10 * e + (*after - '0') : e;
	*power += negative ? -e : e;
	return after == first ? NULL : after;
}

const char *mfc_text_number(const char *start, const char *end, double *out)
{
	static const double ten[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
		1e20, 1e21, 1e22 };
	bool negative = *start == '-';
	const char *first = start + (negative || *start == '+'), *p = first;
	uint64_t digits = 0;
	for (unsigned digit; (digit = (unsigned char)*p - '0') < 10u; p++)
		digits = digits * 10 + digit;
	ptrdiff_t count = p - first, behind = 0;
	if (*p == '.') {
		const char *point = ++p;
		p = mfc_text_gather(p, end, &digits);
		behind = p - point;
	}
	count += behind;
	if (count == 0)
		return named(first, negative, out);
	if (count > MFC_TEXT_LONGEST)
		return NULL;
	int power = -(int)behind;
	if ((*p | 0x20) == 'e' && !(p = exponent(p, &power)))
		return NULL;
	if (clings(p))
		return NULL;
	double value;
	if (count <= 19 && digits <= (uint64_t)1 << DBL_MANT_DIG && power >= -22 && power <= 22 && FLT_EVAL_METHOD == 0)
		value = power < 0 ? (double)digits / ten[-power] : (double)digits * ten[power];   /* of two exact numbers: rounded once */
	else if (count <= 19 && digits && power <= 0 && power > -20 && FLT_EVAL_METHOD == 0)
		value = quotient(digits, -power);
	else
		return careful(start, p, out);
	*out = negative ? -value : value;
	return p;
}

bool mfc_text_real(const struct mfc_text *t, const char **p, double *out)
{
	const char *start = mfc_text_blank(t, *p), *after = start < t->stop ? mfc_text_number(start, t->end, out) : NULL;
	if (!after)
		return false;
	*p = after;
	return true;
}

bool mfc_text_integer(const struct mfc_text *t, const char **p, long long *out)
{
	const char *s = mfc_text_blank(t, *p);
	bool negative = s < t->stop && *s == '-';
	uint64_t n;
	if (s < t->stop && (*s == '-' || *s == '+'))
		s++;
	const char *after = s < t->stop ? mfc_text_digits(s, t->end, &n) : s;
	if (after == s || n == UINT64_MAX)
		return false;
	*out = negative ? -(long long)n : (long long)n;
	*p = after;
	return true;
}

size_t mfc_text_word(const struct mfc_text *t, const char **p)
{
	const char *s = *p = mfc_text_blank(t, *p);
	while (s < t->stop && *s != ' ' && *s != '\t' && *s != '\r')
		s++;
	return (size_t)(s - *p);
}

size_t mfc_text_utf8_length(const char *character)
{
	const unsigned char *p = (const unsigned char *)character;
	size_t length = p[0] < 0x80 ? 1 : p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : p[0] >= 0xe0 && p[0] < 0xf0 ? 3 : p[0] >= 0xf0 && p[0] < 0xf5 ? 4 : 0;
	for (size_t i = 1; i < length; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	bool wrong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] >= 0xa0) || (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] >= 0x90);
	return wrong ? 0 : length;
}

char *mfc_text_utf8(const char *text)
{
	char *copy = malloc(4 * strlen(text) + 1), *to = copy;
	for (const unsigned char *p = (const unsigned char *)text; copy && *p;) {
		size_t length = mfc_text_utf8_length((const char *)p);
		if (length == 0 || p[0] < 0x20 || p[0] == 0x7f || (p[0] == 0xc2 && p[1] < 0xa0)) {
			to += sprintf(to, "\\x%02x", *p++);
			continue;
		}
		memcpy(to, p, length);
		to += length;
		p += length;
	}
	if (copy)
		*to = 0;
	return copy;
}
