/* Preloaded into a program under test (LD_PRELOAD=build/faults.so), makes fail what seldom does: the K-th allocation, the K-th write. It counts
 * from main() on; what goes on before, in the constructors of libraries, is not the program's. tests/faults.py is what sets
 *     FAULTS_FAIL    what: memory, start (of threads), read, write, sync, name (of files: open, rename, mkdir), or several with commas
 *     FAULTS_AT      the first that fails (1, 2, ...; 0: none, they are only counted)
 *     FAULTS_TIMES   how many fail from there on (0: all)
 *     FAULTS_EVERY   or: every so many
 *     FAULTS_ERRNO   with which error of the system
 *     FAULTS_SHORT   reads and writes are of one byte at a time
 *     FAULTS_STORM   a signal every so many microseconds, whose handler lets system calls be interrupted
 *     FAULTS_COUNT   a file for the number of those that could have failed, and behind it whose allocation failed last: which library's
 * The C library's own calls of write(2) cannot be replaced by a function of that name, so a seccomp filter traps the system calls themselves. */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

/* A call of ours carries this where the kernel looks for nothing: the filter lets it pass. */
#define OURS 0x6d666366u

enum kind { MEMORY = 1, START = 2, READ = 4, WRITE = 8, SYNC = 16, NAME = 32 };
static const struct { const char *name; enum kind kind; } kinds[] = {
	{ "memory", MEMORY }, { "start", START }, { "read", READ }, { "write", WRITE }, { "sync", SYNC }, { "name", NAME }
};
static const struct { long number; enum kind kind; } calls[] = {
	{ SYS_read, READ }, { SYS_readv, READ }, { SYS_pread64, READ }, { SYS_write, WRITE }, { SYS_writev, WRITE }, { SYS_pwrite64, WRITE },
	{ SYS_ftruncate, WRITE }, { SYS_fsync, SYNC }, { SYS_fdatasync, SYNC }, { SYS_openat, NAME }, { SYS_renameat, NAME }, { SYS_mkdirat, NAME },
#ifdef SYS_rename
	{ SYS_rename, NAME }, { SYS_mkdir, NAME }, { SYS_open, NAME },
#endif
};

static struct { unsigned kinds; long at, times, every, error; bool shorten; } plan;
static atomic_bool armed;
static atomic_long *count;   /* of the program and its children */
static struct { char count[32], whose[96]; } *shared;   /* the file, which outlives a crash */

static long number(const char *name, long otherwise)
{
	const char *text = getenv(name);
	return text ? strtol(text, NULL, 10) : otherwise;
}

/* For a debugger to stop at. */
__attribute__((noinline)) void fault_point(void)
{
	__asm__ volatile("");
}

/* Whose allocation it is: that library's which the program called, the C and the C++ library aside. What a library did once stays. */
static void say_whose(void)
{
	static const char *const skip[] = { "/faults.so", "/libc.so", "/libstdc++.so", "/ld-linux", "/libm.so", "/libgcc_s.so" };
	const char *whose = "mfc";
	void *frame[64];
	int frames = backtrace(frame, 64);
	if (!shared || *shared->whose == 'l')
		return;
	for (int i = 0; i < frames; i++) {
		Dl_info info;
		bool ours = dladdr(frame[i], &info) != 0;
		for (size_t k = 0; ours && k < sizeof skip / sizeof *skip; k++)
			ours = !strstr(info.dli_fname, skip[k]);
		const char *name = ours && strrchr(info.dli_fname, '/') ? strrchr(info.dli_fname, '/') + 1 : "mfc";
		if (ours && strncmp(name, "lib", 3) != 0)
			break;
		if (ours)
			whose = name;
	}
	strncpy(shared->whose, whose, sizeof shared->whose - 1);
}

static bool is_due(long k)
{
	if (plan.every)
		return k % plan.every == 0;
	return plan.at && k >= plan.at && (plan.times == 0 || k < plan.at + plan.times);
}

/* Counts one; does it fail? */
static bool fails(enum kind kind)
{
	if (!armed || !(plan.kinds & kind))
		return false;
	bool due = is_due(++*count);
	if (due && kind == MEMORY)
		say_whose();
	if (due)
		fault_point();
	return due;
}

/* The next function of this name, the C library's or a sanitizer's. */
#define NEXT(name) ({ static typeof(&name) next; if (!next) next = (typeof(&name))dlsym(RTLD_NEXT, #name); next; })
#define OR_FAIL(call) (fails(MEMORY) ? (errno = ENOMEM, NULL) : (call))

void *malloc(size_t size) { return OR_FAIL(NEXT(malloc)(size)); }
void *calloc(size_t n, size_t size) { return OR_FAIL(NEXT(calloc)(n, size)); }
void *realloc(void *p, size_t size) { return OR_FAIL(NEXT(realloc)(p, size)); }
void *reallocarray(void *p, size_t n, size_t size) { return OR_FAIL(NEXT(reallocarray)(p, n, size)); }
void *memalign(size_t alignment, size_t size) { return OR_FAIL(NEXT(aligned_alloc)(alignment, size)); }
void *aligned_alloc(size_t alignment, size_t size) { return OR_FAIL(NEXT(aligned_alloc)(alignment, size)); }
int posix_memalign(void **p, size_t alignment, size_t size) { return fails(MEMORY) ? ENOMEM : NEXT(posix_memalign)(p, alignment, size); }

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *context)
{
	return fails(START) ? EAGAIN : NEXT(pthread_create)(thread, attributes, run, context);
}

#ifdef __x86_64__
#define ARGUMENT(u, i) ((long)(u)->uc_mcontext.gregs[(const int[]){ REG_RDI, REG_RSI, REG_RDX, REG_R10 }[i]])
#define RESULT(u) (u)->uc_mcontext.gregs[REG_RAX]
#else
#define ARGUMENT(u, i) ((long)(u)->uc_mcontext.regs[i])
#define RESULT(u) (u)->uc_mcontext.regs[0]
#endif

/* A trapped system call: done by us, or failed. */
static void on_call(int signal, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	int before = errno;
	long call = info->si_syscall, fd = ARGUMENT(u, 0), size = ARGUMENT(u, 2), result;
	enum kind kind = 0;
	(void)signal;
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (calls[i].number == call)
			kind = calls[i].kind;
	bool message = kind == WRITE && fd == STDERR_FILENO, sized = call == SYS_read || call == SYS_write;
	if (!message && fails(kind)) {
		result = -plan.error;
	} else {
		result = syscall(call, fd, ARGUMENT(u, 1), sized && plan.shorten && !message && size > 1 ? 1 : size, ARGUMENT(u, 3), 0, OURS);
		result = result == -1 ? -errno : result;
	}
	RESULT(u) = result;
	errno = before;
}

static void trap_calls(void)
{
	enum { CALLS = sizeof calls / sizeof *calls };
	struct sock_filter filter[CALLS + 6] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)) };
	for (size_t i = 0; i < CALLS; i++)
		filter[1 + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i].number, (unsigned char)(CALLS - i), 0);
	filter[CALLS + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	filter[CALLS + 2] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[5]));
	filter[CALLS + 3] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OURS, 0, 1);
	filter[CALLS + 4] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	filter[CALLS + 5] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
	struct sigaction action = { .sa_sigaction = on_call, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART };
	struct sock_fprog program = { CALLS + 6, filter };
	if (sigaction(SIGSYS, &action, NULL) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		static const char text[] = "faults: no seccomp\n";
		syscall(SYS_write, 2, text, sizeof text - 1, 0, 0, OURS);
		_exit(99);
	}
}

static void on_alarm(int number)
{
	(void)number;
}

static void storm(long microseconds)
{
	struct sigaction action = { .sa_handler = on_alarm };   /* without SA_RESTART */
	struct itimerval every = { { 0, microseconds }, { 0, microseconds } };
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

static void report(void)
{
	armed = false;
	if (shared)
		snprintf(shared->count, sizeof shared->count, "%ld", *count);
}

static void share(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	void *frame[1];
	if (fd < 0 || ftruncate(fd, sizeof *shared) || (shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)) == MAP_FAILED)
		_exit(99);
	close(fd);
	backtrace(frame, 1);   /* the first call loads a library */
}

/* What a child writes is for the program alone. */
static void in_child(void)
{
	plan.kinds &= ~(unsigned)WRITE;
}

static int (*real_main)(int, char **, char **);

static int main_under_faults(int argc, char **argv, char **environment)
{
	const char *what = getenv("FAULTS_FAIL");
	for (size_t i = 0; what && i < sizeof kinds / sizeof *kinds; i++)
		plan.kinds |= strstr(what, kinds[i].name) ? kinds[i].kind : 0;
	plan.at = number("FAULTS_AT", 0);
	plan.times = number("FAULTS_TIMES", 1);
	plan.every = number("FAULTS_EVERY", 0);
	plan.error = number("FAULTS_ERRNO", EIO);
	plan.shorten = number("FAULTS_SHORT", 0) != 0;
	count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (count == MAP_FAILED || pthread_atfork(NULL, NULL, in_child))
		_exit(99);
	atexit(report);
	if (getenv("FAULTS_COUNT"))
		share(getenv("FAULTS_COUNT"));
	if (plan.shorten || plan.kinds & ~(unsigned)(MEMORY | START))
		trap_calls();
	if (number("FAULTS_STORM", 0))
		storm(number("FAULTS_STORM", 0));
	armed = true;
	return real_main(argc, argv, environment);
}

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void), void (*end)(void),
    void *stack)
{
	real_main = main;
	typeof(&__libc_start_main) next = (typeof(next))dlsym(RTLD_NEXT, "__libc_start_main");
	return next(main_under_faults, argc, argv, init, fini, end, stack);
}
