/* The smallest test harness: a unit test is a program that prints TAP. Each check() is one test point; a program ends with
 * `return done();`. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdarg.h>

static int check_count, check_failed;

/* One named test point; more arguments are as of printf. Returns ok. */
static int __attribute__((format(printf, 2, 3), unused)) check(int ok, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	printf("%sok %d - ", ok ? "" : "not ", ++check_count);
	vprintf(format, args);
	putchar('\n');
	fflush(stdout);
	va_end(args);
	check_failed += !ok;
	return ok;
}

static int __attribute__((unused)) done(void)
{
	printf("1..%d\n", check_count);
	return check_failed != 0;
}

#endif
