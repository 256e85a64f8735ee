#include "error.h"

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

int mfc_error_memory(struct mfc_error *err)
{
	return mfc_error_set(err, "out of memory");
}
