/* Numbers and lines of text: every number to the bit as strtod has it, and what is none. */
#include "check.h"
#include "load/text.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RANDOM 400000

static uint64_t state = 88172645463325252u;

static uint64_t draw(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

/* What mfc_text_number makes of a string that has just its bytes and the 0 behind them; NULL when it is none or not read to its end. */
static bool parse(const char *text, double *out)
{
	size_t size = strlen(text);
	char *copy = malloc(size + 1);
	memcpy(copy, text, size + 1);
	const char *after = mfc_text_number(copy, copy + size, out);
	bool whole = after == copy + size;
	free(copy);
	return whole;
}

static bool as_strtod(const char *text)
{
	double ours, theirs = strtod(text, NULL);
	return parse(text, &ours) && (memcmp(&ours, &theirs, sizeof ours) == 0 || (isnan(ours) && isnan(theirs)));
}

static size_t put_digits(char *out, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = (char)('0' + draw(10));
	return count;
}

/* A number of some form: few digits or many, a point or none, an exponent or none. */
static void compose(char *out)
{
	size_t n = 0;
	if (draw(3) == 0)
		out[n++] = draw(2) ? '-' : '+';
	size_t whole = draw(4) ? draw(4) : draw(40), part = draw(4) ? draw(10) : draw(60);
	n += put_digits(out + n, whole);
	if (part || draw(2))
		out[n++] = '.';
	n += put_digits(out + n, whole + part ? part : 1);
	if (draw(3) == 0)
		n += (size_t)sprintf(out + n, "%c%s%d", draw(2) ? 'e' : 'E', draw(3) ? "" : "+", (int)draw(draw(2) ? 25 : 340));
	else if (draw(3) == 0)
		n += (size_t)sprintf(out + n, "e-%d", (int)draw(draw(2) ? 25 : 360));
	out[n] = 0;
}

static void random_numbers(void)
{
	char text[512], first_wrong[512] = "";
	size_t wrong = 0;
	for (int i = 0; i < RANDOM; i++) {
		compose(text);
		if (!as_strtod(text) && wrong++ == 0)
			strcpy(first_wrong, text);
	}
	check(wrong == 0, "%d random numbers are as strtod's (%zu are not: \"%s\")", RANDOM, wrong, first_wrong);
	wrong = 0;
	for (int i = 0; i < RANDOM; i++) {
		uint64_t bits = draw(UINT64_MAX);
		double x;
		memcpy(&x, &bits, sizeof x);
		x = i % 2 ? x : (double)(bits % 2000001) / 1e6 - 1;
		sprintf(text, i % 3 ? "%.17g" : "%.16f", x);
		if (strlen(text) < 100 && !as_strtod(text) && wrong++ == 0)
			strcpy(first_wrong, text);
	}
	check(wrong == 0, "%d printed doubles are as strtod's (%zu are not: \"%s\")", RANDOM, wrong, first_wrong);
}

/* Halves between two doubles, and their neighbours, at each power: where the rounding is decided by the last digit. */
static void ties(void)
{
	char text[64];
	size_t wrong = 0;
	for (int power = 0; power < 20; power++)
		for (int i = 0; i < 2000; i++) {
			unsigned long long mantissa = ((uint64_t)1 << 53) + 2 * draw((uint64_t)1 << 52) + 1;   /* 2^53 + odd: a tie */
			int n = sprintf(text, "%llu", mantissa + draw(3) - 1);
			memmove(text + (n > power ? n - power : 0) + 1, text + (n > power ? n - power : 0), (size_t)(n > power ? power : n) + 1);
			text[n > power ? n - power : 0] = '.';
			wrong += !as_strtod(text);
		}
	check(wrong == 0, "numbers of 16 digits about ties are as strtod's (%zu are not)", wrong);
}

static void nasty(void)
{
	static const char *const number[] = { "0", "-0", "+0.0", "1e22", "1e23", "9007199254740991", "9007199254740992", "9007199254740993",
		"9007199254740993.0", "-9007199254740995e0", "900719925474099.3e1", "9223372036854775807", "18446744073709551615", "18446744073709551616",
		"9999999999999999999", "99999999999999999999", "1844674407370955161.5", "0.1", ".5", "5.", "+1", "-.5e1", "1e+5", "1E-5", "1e0", "1e00005",
		"2.2250738585072011e-308", "2.2250738585072014e-308", "4.9406564584124654e-324", "2.4703282292062327e-324", "2.4703282292062328e-324",
		"1e-400", "1.7976931348623157e308", "1.7976931348623159e308", "1e400", "-1e400", "0e99999999999999999999", "1e-99999999999999999999",
		"123456789012345678e-22", "0.00000000000000000000000000001", "0000000000000000000000000000000001.5", "8.5899345925e9",
		"0.500000000000000166533453693773481063544750213623046875", "3.518437208883201171875e13", "62.5364939768271845828", "1.8e-19",
		"1234567890123456789e-19", "9.5367431640625e-7", "inf", "-inf", "Infinity", "nan", "NaN" };
	for (size_t i = 0; i < sizeof number / sizeof *number; i++)
		check(as_strtod(number[i]), "\"%s\" is as strtod's", number[i]);
	static const char *const none[] = { "", "-", "+", ".", "-.", "e5", ".e5", "1e", "1e+", "1e-", "1.5E", "--1", "+-1", "0x10", "0X1p3", "1.2.3", "1..2",
		"1-2", "1_000", "1a", "1.0f", "1d5", "1e5e5", "in", "infinit", "nanx", "inf1", "1.#QNAN", "-1.#IND", ",1", "/1" };
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		double x;
		check(!parse(none[i], &x), "\"%s\" is no number", none[i]);
	}
	double x = 0;
	const char *ind = "-nan(ind) 1";
	check(mfc_text_number(ind, ind + strlen(ind), &x) == ind + 9 && isnan(x), "-nan(ind) is one");
	check(mfc_text_number("1,", "", &x) && mfc_text_number("1#", "", &x) && x == 1, "a comma or a comment may follow");
}

/* What a file may hold at most of one number. */
static void long_numbers(void)
{
	size_t size = 10 << 20;
	char *text = malloc(size + 1);
	double x;
	memset(text, '1', size);
	text[size] = 0;
	text[1] = '.';
	check(!mfc_text_number(text, text + size, &x), "a number of ten million digits is none");
	text[MFC_TEXT_LONGEST] = 0;
	check(as_strtod(text), "one of %d bytes is", MFC_TEXT_LONGEST);
	text[MFC_TEXT_LONGEST] = '1';
	text[MFC_TEXT_LONGEST + 1] = 0;
	check(!parse(text, &x), "one byte more is none");
	strcpy(text, "0.");
	memset(text + 2, '0', 320);
	strcpy(text + 322, "123e300");
	check(as_strtod(text), "many zeros before the digits, and an exponent to match");
	free(text);
}

static void integers(void)
{
	static const struct { const char *text; bool good; long long value; size_t read; } known[] = {
		{ "0", true, 0, 1 }, { "-17 ", true, -17, 3 }, { "+8", true, 8, 2 }, { " 12/3", true, 12, 3 }, { "123456789", true, 123456789, 9 },
		{ "12345678", true, 12345678, 8 }, { "999999999999999999", true, 999999999999999999, 18 }, { "9999999999999999999", false, 0, 0 },
		{ "18446744073709551617", false, 0, 0 }, { "-", false, 0, 0 }, { "x", false, 0, 0 }, { "", false, 0, 0 }, { "- 1", false, 0, 0 } };
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		struct mfc_text t = mfc_text_begin(known[i].text, strlen(known[i].text));
		long long n = 0;
		mfc_text_line(&t);
		const char *p = known[i].text;
		t.stop = p + strlen(p);
		bool good = mfc_text_integer(&t, &p, &n);
		check(good == known[i].good && (!good || (n == known[i].value && p == known[i].text + known[i].read)), "integer \"%s\"", known[i].text);
	}
}

static void lines(const char *what, const char *text, const char *expected)
{
	struct mfc_text t = mfc_text_begin(text, strlen(text));
	char got[64] = "";
	while (mfc_text_line(&t))
		sprintf(got + strlen(got), "%zu%.*s|", t.number, (int)(t.stop - t.line), t.line);
	check(strcmp(got, expected) == 0, "lines that end in %s: \"%s\"", what, got);
	check(mfc_text_line_of(&t, strchr(text, 'c')) == 3, "the third is found again");
}

int main(void)
{
	random_numbers();
	ties();
	nasty();
	long_numbers();
	integers();
	lines("LF", "a\nb\nc", "1a|2b|3c|");
	lines("CRLF", "a\r\nb\r\nc\r\n", "1a|2b|3c|");
	lines("CR", "a\rb\rc\r", "1a|2b|3c|");
	lines("LF, one of them empty", "a\n\nc", "1a|2|3c|");
	double x;
	const char *comma = setlocale(LC_NUMERIC, "de_DE.UTF-8");
	check(parse("0.500000000000000166533453693773481063544750213623046875", &x) && x == 0.5000000000000002,
	    "the point is one in any locale (%s)", comma ? comma : "of which there is one here");
	return done();
}
