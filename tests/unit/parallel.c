/* Work shared out among threads: all of it is done, once. */
#include "check.h"
#include "parallel.h"

#include <pthread.h>
#include <stdatomic.h>

static atomic_int runs[64], arrived;
static pthread_t self[64];

static void note(void *context, size_t thread)
{
	atomic_fetch_add(&runs[thread], *(int *)context);
	self[thread] = pthread_self();
	/* all shares run at once: each waits until every other has begun */
	atomic_fetch_add(&arrived, 1);
	while (atomic_load(&arrived) < 4)
		;
}

int main(void)
{
	int one = 1, ok = 1;
	mfc_parallel(4, note, &one);
	for (int i = 0; i < 64; i++)
		ok = ok && runs[i] == (i < 4);
	check(ok, "four shares, each done once, at the same time");
	check(pthread_equal(self[0], pthread_self()) && !pthread_equal(self[1], pthread_self()), "the first by the caller, the second by another thread");
	mfc_parallel(1, note, &one);
	check(runs[0] == 2 && runs[1] == 1, "one thread is the caller");
	for (size_t count = 0; count < 40; count++)
		for (size_t threads = 1; threads < 12; threads++) {
			size_t next = 0, least = count, most = 0;
			for (size_t i = 0; i < threads; i++) {
				size_t from, to;
				mfc_parallel_share(count, threads, i, &from, &to);
				ok = ok && from == next && to >= from;
				next = to;
				least = to - from < least ? to - from : least;
				most = to - from > most ? to - from : most;
			}
			ok = ok && next == count && most - least <= 1;
		}
	check(ok, "shares follow each other without gap, and differ by one at most");
	return done();
}
