/* What went wrong, in words. Every function of lib/ that can fail takes a struct mfc_error last. */
#ifndef MFC_ERROR_H
#define MFC_ERROR_H

struct mfc_error {
	char message[512];
};

/* Set the message as printf would; longer text is cut. Always returns -1, so that a failing function can
 * `return mfc_error_set(err, ...)`. err may be NULL. */
int mfc_error_set(struct mfc_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Put where it happened before what happened: "PREFIX: MESSAGE". Always returns -1. */
int mfc_error_prefix(struct mfc_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The one wording for a failed allocation. Always returns -1. */
int mfc_error_memory(struct mfc_error *err);

#endif
