/* What every target shares. A target is a file with one LLVMFuzzerTestOneInput, for libFuzzer (`make fuzz`) or for replay.c. It takes any
 * bytes, returns 0 and traps where the library broke a promise: that is a find, as a report of a sanitizer is one. */
#ifndef FUZZ_H
#define FUZZ_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition) do { if (!(condition)) __builtin_trap(); } while (0)

/* A failure says why, in a message that ends. */
static inline void require_message(const struct mfc_error *err)
{
	REQUIRE(err->message[0] && memchr(err->message, 0, sizeof err->message));
}

/* The input as readers want it: with a 0 behind it, and not a byte more, so that a read beyond it is seen. */
static inline char *exact_copy(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);
	REQUIRE(copy);
	if (size)
		memcpy(copy, data, size);
	copy[size] = 0;
	return copy;
}

#endif
