/* Usage: TARGET-replay FILE ... -- run a target over files, as libFuzzer would, without libFuzzer: what `make check` does with the corpus, and
 * what shows a find in a debugger. Prints how many files there were; 2 where one cannot be read. */
#include "fuzz.h"
#include "file.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct mfc_error err;
		char *data;
		size_t size;
		if (mfc_file_read(argv[i], (size_t)1 << 30, &data, &size, &err)) {
			fprintf(stderr, "%s\n", err.message);
			return 2;
		}
		fprintf(stderr, "%s\n", argv[i]);   /* the last one named is the one that failed */
		LLVMFuzzerTestOneInput((const uint8_t *)data, size);
		free(data);
	}
	printf("%d files\n", argc - 1);
	return argc > 1 ? 0 : 2;
}
