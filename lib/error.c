#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SHORTEST 80   /* bytes that are kept of a place, at least */

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
	char where[8192];
	va_list args;
	va_start(args, format);
	vsnprintf(where, sizeof where, format, args);
	va_end(args);
	int length = (int)strlen(where), room = (int)(sizeof err->message - strlen(": ") - 1 - strlen(old.message));
	if (room < SHORTEST)
		room = SHORTEST;
	if (length > room) {
		int half = (room - (int)strlen("...")) / 2;
		memcpy(where + half, "...", 3);
		memmove(where + half + 3, where + length - half, (size_t)half + 1);
	}
	size_t used = (size_t)snprintf(err->message, sizeof err->message, "%.*s: ", (int)sizeof err->message - 3, where);
	snprintf(err->message + used, sizeof err->message - used, "%.*s", (int)(sizeof old.message - 1 - used), old.message);
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
