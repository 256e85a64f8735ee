/* What went wrong, in words. Every function of lib/ that can fail takes a struct mfc_error last. */
#ifndef MFC_ERROR_H
#define MFC_ERROR_H

#include <stdbool.h>

struct mfc_error {
	char message[512];
	bool scarce;   /* memory or something else of the system's ran out: nothing is wrong with the data */
};

/* Set the message as printf would; longer text is cut. Always returns -1, so that a failing function can
 * `return mfc_error_set(err, ...)`. err may be NULL. */
int mfc_error_set(struct mfc_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Put where it happened before what happened: "PREFIX: MESSAGE", with the middle of a prefix left out where both are too long. Always returns -1. */
int mfc_error_prefix(struct mfc_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Put ? for the control characters of a text, those of UTF-8, U+0080 to U+009F, among them: names in messages are strangers', and are not to command a
 * terminal. */
void mfc_error_defuse(char *text);

/* The one wording for a failed allocation. Always returns -1. */
int mfc_error_memory(struct mfc_error *err);

/* "NAME: WHY", by errno; name may be NULL. Always returns -1. */
int mfc_error_system(struct mfc_error *err, const char *name);

#endif
