/* Usage: TARGET-replay FILE ... -- run a target over files, as libFuzzer would, without libFuzzer: what `make check` does with the corpus, and
 * what shows a find in a debugger. Prints how many files there were; 2 where one cannot be read. */
#include "fuzz.h"

#include <errno.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		static uint8_t data[1 << 20];
		FILE *f = fopen(argv[i], "rb");
		size_t size = f ? fread(data, 1, sizeof data, f) : 0;
		if (!f || ferror(f) || !feof(f)) {
			fprintf(stderr, "%s: %s\n", argv[i], errno ? strerror(errno) : "more than 1 MiB");
			return 2;
		}
		fclose(f);
		fprintf(stderr, "%s\n", argv[i]);   /* the last one named is the one that failed */
		LLVMFuzzerTestOneInput(data, size);
	}
	printf("%d files\n", argc - 1);
	return argc > 1 ? 0 : 2;
}
