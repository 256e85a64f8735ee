/* What programs make of a stream that they understand: levels, labels, normalisations, noise, models, laws. The input's first byte says which
 * command reads the rest, as standard input and as the file that is called "input". */
#include "programs.h"

static const char *const commands[] = {
	"mfc-noise -s 1", "mfc-noise --to 2", "mfc-noise interact --t-to 0.1 --steps 2",
	"mfc-subdivide split --levels 1:1:1,0:2:1", "mfc-subdivide split -m input", "mfc-subdivide branch --to 7", "mfc-subdivide plan -m input -n 100",
	"mfc-subdivide plan --like input -n 100",
	"mfc-save -f ply", "mfc-save -f ply --ascii", "mfc-save -f csv", "mfc-save -f obj --keep-normalized", "mfc-save -f npy",
	"mfc-view --terminal --columns 2", "mfc-view --force --size 16 --columns 1",
	"mfc-metric --reference input --metrics cd,emd --json", "mfc-metric --reference input --by-label --metrics jsd", "mfc-metric --reference input --nearest --metrics cd",
	"mfc-metric pairs --reference input", "mfc-metric chaos --reference input", "mfc-metric moments",
	"mfc-score show -m input", "mfc-score denoise --oracle input --steps 2", "mfc-score denoise -m input --steps 2", "mfc-score loss -m input input",
	"mfc-score train -m model --steps 1 --dry-run --label-key label", "mfc-load --like input nowhere",
	"mfc-noise prior --oracle input -c 2 -n 3"
};
#define COMMANDS (sizeof commands / sizeof *commands)

static const uint8_t *bytes;
static size_t count;

static FILE *process_open(const char *path)
{
	static FILE *f;
	return strcmp(path, "input") == 0 ? f = process_file(f, bytes, count) : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[160];
	if (size < 1)
		return 0;
	if (!fuzz_stdin)
		setenv("COLUMNS", "8", 1);   /* of the terminal: pictures are small */
	process_writes = true;
	bytes = data + 1;
	count = size - 1;
	fuzz_stdin = process_file(fuzz_stdin, bytes, count);
	require_programs_run();
	snprintf(text, sizeof text, "%s -@ 1", commands[data[0] % COMMANDS]);
	REQUIRE(run_command(text, ' ') >= 0);
	return 0;
}
