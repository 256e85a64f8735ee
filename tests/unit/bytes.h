/* Bytes as an input: a temporary file, since the decoder reads descriptors. */
#ifndef BYTES_H
#define BYTES_H

#include <stdio.h>
#include <stdlib.h>

static FILE *__attribute__((unused)) input_of(const void *bytes, size_t size)
{
	FILE *f = tmpfile();
	if (!f || fwrite(bytes, 1, size, f) != size || fflush(f) || fseek(f, 0, SEEK_SET)) {
		perror("tmpfile");
		exit(1);
	}
	return f;
}

#endif
