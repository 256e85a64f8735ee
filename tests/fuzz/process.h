/* Whole programs in one process, a run for each input. What they ask of the C library under the names in process.syms comes here instead (`objcopy`
 * renames it in copies of their objects): to end is to come back, memory that was not freed is freed, and their variables, which have sections of
 * their own, become again what they were. No thread begins, and no file is opened but those that the target gives. */
#ifndef PROCESS_H
#define PROCESS_H

#include "fuzz.h"

#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROCESS_MEMORY ((size_t)4 << 20)   /* of one piece; a program that wants more hears that there is none */
#define PROCESS_STOPPED 256   /* the status of a program that wanted a file which there is not */

/* The target's: what fopen gives for a path, rewound; NULL ends the run there. */
static FILE *process_open(const char *path);

extern char __start_process_data[], __stop_process_data[], __start_process_bss[], __stop_process_bss[];

static struct {
	jmp_buf back;
	int status;
	size_t said;            /* bytes on standard error, */
	char first[16];         /* which begin so */
	void **held;            /* the program's memory, the newest last */
	size_t count, room;
	struct memstream { FILE *f; char *data, **to; size_t size, *to_size; } stream[16];   /* that it has open; nothing else stays so */
	size_t streams;
	char *data, *bss;       /* the variables as they were */
} process;

FILE *fuzz_stdin, *fuzz_stdout, *fuzz_stderr;

/* Between variables lie bytes that AddressSanitizer lets no function of the C library touch. */
__attribute__((no_sanitize("address"))) static void process_copy(char *to, const char *from, size_t size)
{
#ifdef __x86_64__
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
#else
	for (; size > 0; size--) {
		*to++ = *from++;
		__asm__ volatile("" : : : "memory");   /* or it becomes memcpy */
	}
#endif
}

/* A file in memory that holds these bytes and is at its beginning. */
static FILE *process_file(FILE *f, const void *data, size_t size)
{
	if (!f) {
		f = fdopen(memfd_create("input", MFD_CLOEXEC), "r+b");
		REQUIRE(f);
		setvbuf(f, NULL, _IONBF, 0);   /* programs read the descriptor */
	}
	int fd = fileno(f);
	REQUIRE(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	rewind(f);
	REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
	return f;
}

static ssize_t process_said(void *cookie, const char *text, size_t size)
{
	(void)cookie;
	for (size_t i = 0; i < size && process.said + i < sizeof process.first; i++)
		process.first[process.said + i] = text[i];
	process.said += size;
	return (ssize_t)size;
}

static void process_begin(void)
{
	size_t data = (size_t)(__stop_process_data - __start_process_data), bss = (size_t)(__stop_process_bss - __start_process_bss);
	fuzz_stdout = fopen("/dev/null", "wb");
	fuzz_stderr = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = process_said });
	process.data = malloc(data);
	process.bss = malloc(bss);
	REQUIRE(fuzz_stdout && fuzz_stderr && process.data && process.bss);
	setvbuf(fuzz_stderr, NULL, _IONBF, 0);
	process_copy(process.data, __start_process_data, data);
	process_copy(process.bss, __start_process_bss, bss);
}

static void process_clean(void)
{
	while (process.streams > 0) {   /* the program's own variables are gone */
		struct memstream *m = &process.stream[--process.streams];
		fclose(m->f);
		free(m->data);
	}
	while (process.count > 0)
		free(process.held[--process.count]);
	process_copy(__start_process_data, process.data, (size_t)(__stop_process_data - __start_process_data));
	process_copy(__start_process_bss, process.bss, (size_t)(__stop_process_bss - __start_process_bss));
}

/* Run a program on fuzz_stdin. A failure must have a message, in the program's name. Returns its status. */
static int process_run(int (*program)(int, char **), int argc, char **argv)
{
	if (!process.data)
		process_begin();
	process.said = 0;
	if (setjmp(process.back) == 0)
		process.status = program(argc, argv);
	process_clean();
	REQUIRE(process.status == PROCESS_STOPPED || (process.status >= 0 && process.status <= 2));
	REQUIRE(process.status == 0 || process.status == PROCESS_STOPPED || process.said > 0);
	return process.status;
}

/* What the programs call. */

__attribute__((noreturn)) void fuzz_exit(int status)
{
	process.status = status;
	longjmp(process.back, 1);
}

__attribute__((noreturn)) static void process_stop(void)
{
	fuzz_exit(PROCESS_STOPPED);
}

static void *process_hold(void *memory)
{
	if (memory && process.count == process.room) {
		process.room = process.room ? 2 * process.room : 1024;
		process.held = realloc(process.held, process.room * sizeof *process.held);
		REQUIRE(process.held);
	}
	if (memory)
		process.held[process.count++] = memory;
	return memory;
}

/* Memory of the C library's own (open_memstream) is not among it. */
static void process_release(const void *memory)
{
	for (size_t i = process.count; memory && i-- > 0;)
		if (process.held[i] == memory) {
			process.held[i] = process.held[--process.count];
			return;
		}
}

static bool process_has(size_t count, size_t size)
{
	size_t bytes;
	return !__builtin_mul_overflow(count, size, &bytes) && bytes <= PROCESS_MEMORY;
}

void *fuzz_malloc(size_t size) { return process_has(1, size) ? process_hold(malloc(size)) : NULL; }
void *fuzz_calloc(size_t count, size_t size) { return process_has(count, size) ? process_hold(calloc(count, size)) : NULL; }
char *fuzz_strdup(const char *s) { return process_hold(strdup(s)); }
char *fuzz_strndup(const char *s, size_t n) { return process_hold(strndup(s, n)); }

void fuzz_free(void *memory)
{
	process_release(memory);
	free(memory);
}

void *fuzz_realloc(void *memory, size_t size)
{
	REQUIRE(size);
	if (!process_has(1, size))
		return NULL;
	process_release(memory);
	return process_hold(realloc(memory, size));
}

void *fuzz_reallocarray(void *memory, size_t count, size_t size)
{
	return process_has(count, size) ? fuzz_realloc(memory, count * size) : NULL;
}

int fuzz_posix_memalign(void **memory, size_t alignment, size_t size)
{
	int status = process_has(1, size) ? posix_memalign(memory, alignment, size) : ENOMEM;
	if (status == 0)
		process_hold(*memory);
	return status;
}

__attribute__((format(printf, 2, 3))) int fuzz_asprintf(char **text, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vasprintf(text, format, args);
	va_end(args);
	if (n >= 0)
		process_hold(*text);
	return n;
}

/* Standard output is nowhere; what is formatted for it is formatted all the same. */
__attribute__((format(printf, 1, 2))) int fuzz_printf(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vfprintf(fuzz_stdout, format, args);
	va_end(args);
	return n;
}

int fuzz_puts(const char *s) { return fputs(s, fuzz_stdout); }
int fuzz_putchar(int c) { return fputc(c, fuzz_stdout); }

FILE *fuzz_fopen(const char *path, const char *mode)
{
	if (strncmp(path, "/sys/", strlen("/sys/")) == 0)   /* there is no control group */
		return NULL;
	FILE *f = *mode == 'r' ? process_open(path) : NULL;
	if (!f)
		process_stop();
	return f;
}

/* What a program makes of its descriptor of standard output. */
FILE *fuzz_fopencookie(void *cookie, const char *mode, cookie_io_functions_t calls)
{
	(void)cookie, (void)mode, (void)calls;
	return fuzz_stdout;
}

FILE *fuzz_open_memstream(char **data, size_t *size)
{
	REQUIRE(process.streams < sizeof process.stream / sizeof *process.stream);
	struct memstream *m = &process.stream[process.streams++];
	*m = (struct memstream){ .to = data, .to_size = size };
	return m->f = open_memstream(&m->data, &m->size);
}

static struct memstream *process_memstream(FILE *f)
{
	for (size_t i = 0; i < process.streams; i++)
		if (process.stream[i].f == f)
			return &process.stream[i];
	return NULL;
}

int fuzz_fflush(FILE *f)
{
	struct memstream *m = process_memstream(f);
	int status = fflush(f);
	if (m) {
		*m->to = m->data;
		*m->to_size = m->size;
	}
	return status;
}

int fuzz_fclose(FILE *f)
{
	struct memstream *m = process_memstream(f);
	if (!m)
		return fflush(f);
	int status = fclose(f);
	*m->to = process_hold(m->data);
	*m->to_size = m->size;
	*m = process.stream[--process.streams];
	return status;
}

/* Its own messages are for standard error, which libFuzzer writes to. */
int fuzz_getopt_long(int argc, char *const *argv, const char *letters, const struct option *longs, int *which)
{
	opterr = 0;
	int c = getopt_long(argc, argv, letters, longs, which);
	if (c == '?')
		fputs("?\n", fuzz_stderr);
	return c;
}

int fuzz_pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *), void *context)
{
	(void)thread, (void)how, (void)run, (void)context;
	return EAGAIN;
}

int fuzz_stat(const char *path, struct stat *st)
{
	(void)path, (void)st;
	errno = ENOENT;
	return -1;
}

int fuzz_atexit(void (*f)(void)) { (void)f; return 0; }
int fuzz_isatty(int fd) { (void)fd; return 0; }
void (*fuzz_signal(int number, void (*f)(int)))(int) { (void)number; return f; }
int fuzz_unlink(const char *path) { (void)path; return 0; }
int fuzz_mallopt(int what, int value) { (void)what, (void)value; return 1; }

/* Bytes for standard output end the run, unless the target lets them go to nowhere. */
static bool process_writes;

size_t fuzz_fwrite(const void *data, size_t size, size_t count, FILE *f)
{
	if (f == fuzz_stdout && !process_writes)
		process_stop();
	return fwrite(data, size, count, f);
}

/* What a program does here beyond this is to touch the world outside. */
#define PROCESS_STOPS(name) void fuzz_ ## name(void); void fuzz_ ## name(void) { process_stop(); }
PROCESS_STOPS(access) PROCESS_STOPS(execv) PROCESS_STOPS(execvp) PROCESS_STOPS(mkdir) PROCESS_STOPS(mkstemp) PROCESS_STOPS(open)
PROCESS_STOPS(pipe) PROCESS_STOPS(poll) PROCESS_STOPS(raise) PROCESS_STOPS(rename) PROCESS_STOPS(scandir) PROCESS_STOPS(sigaction)
PROCESS_STOPS(tsearch)

#endif
