#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int mfc_error_set(struct mfc_error *err, const char *format, ...)
{
	if (err) {
		va_list args;
		va_start(args, format);
		vsnprintf(err->message, sizeof err->message, format, args);
		va_end(args);
		err->scarce = false;
	}
	return -1;
}

int mfc_error_prefix(struct mfc_error *err, const char *format, ...)
{
	if (!err)
		return -1;
	struct mfc_error old = *err;
	va_list args;
	va_start(args, format);
	int used = vsnprintf(err->message, sizeof err->message, format, args);
	va_end(args);
	if (used >= 0 && (size_t)used < sizeof err->message)
		snprintf(err->message + used, sizeof err->message - (size_t)used, ": %.*s", (int)(sizeof old.message - 1 - (size_t)used),
		    old.message);
	return -1;
}

void mfc_error_defuse(char *text)
{
	for (unsigned char *c = (unsigned char *)text; *c; c++)
		if (*c < 0x20 || *c == 0x7f)
			*c = '?';
		else if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)
			*c = c[1] = '?';
}

int mfc_error_memory(struct mfc_error *err)
{
	mfc_error_set(err, "out of memory");
	if (err)
		err->scarce = true;
	return -1;
}

int mfc_error_system(struct mfc_error *err, const char *name)
{
	static const int scarce[] = { ENOMEM, EMFILE, ENFILE, ENOSPC, EDQUOT, EAGAIN };
	int number = errno;
	mfc_error_set(err, "%s%s%s", name ? name : "", name ? ": " : "", strerror(number));
	for (size_t i = 0; err && i < sizeof scarce / sizeof *scarce; i++)
		err->scarce = err->scarce || number == scarce[i];
	return -1;
}
