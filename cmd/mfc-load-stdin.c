#include "mfc-load.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void load_check_stdin(int wait)
{
	struct stat st;
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	char head[16] = { 0 };
	int copy[2];
	if (fstat(STDIN_FILENO, &st) || !S_ISFIFO(st.st_mode) || poll(&p, 1, wait) <= 0 || !(p.revents & POLLIN) || pipe(copy))
		return;
	/* tee(2) looks without taking: other input on the pipe is none of our business. */
	ssize_t got = tee(STDIN_FILENO, copy[1], sizeof head, SPLICE_F_NONBLOCK);
	got = got > 0 ? read(copy[0], head, sizeof head) : 0;
	close(copy[0]);
	close(copy[1]);
	if (got >= 5 && ((unsigned char)head[0] & 0xf0) == 0x80 && memcmp(head + 1, "\xa3" "mfc", 4) == 0)
		cli_die("a stream waits on standard input, which is not read when paths are given: give \"-\" for it, or end the pipe before");
}
