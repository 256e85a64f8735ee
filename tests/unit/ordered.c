/* Items are written in the order in which they were read, whatever the work takes and whatever fails. */
#include "check.h"
#include "ordered.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct item { size_t number, weight; char *held; };

struct test {
	size_t count, read, written, cleared;
	size_t fail_read, fail_write;         /* at this item, SIZE_MAX: never */
	size_t drain_every, budget;           /* 0: no draining; bytes reserved of each item */
	atomic_size_t working, most, alive, heaviest, held;
	atomic_bool reading, writing, overlap;
	bool order, drained;
};

static void pause_for(long microseconds)
{
	struct timespec t = { 0, microseconds * 1000 };
	nanosleep(&t, NULL);
}

static void raise_to(atomic_size_t *most, size_t now)
{
	size_t was = atomic_load(most);
	while (now > was && !atomic_compare_exchange_weak(most, &was, now))
		;
}

static int read_item(void *context, struct mfc_ordered *run, void *p)
{
	struct test *t = context;
	struct item *item = p;
	if (atomic_exchange(&t->reading, true))
		t->overlap = true;
	int got = t->read == t->fail_read ? -1 : t->read < t->count;
	if (got == 1) {
		if (t->drain_every && t->read % t->drain_every == 0) {
			mfc_ordered_drain(run);
			t->drained = t->drained && t->written == t->read && atomic_load(&t->working) == 0;
		}
		item->weight = t->budget;
		if (t->budget)
			mfc_ordered_reserve(run, t->budget);
		raise_to(&t->heaviest, atomic_fetch_add(&t->held, t->budget) + t->budget);
		item->number = t->read++;
		item->held = malloc(16);
		atomic_fetch_add(&t->alive, 1);
	}
	atomic_store(&t->reading, false);
	return got;
}

static void work(void *context, size_t thread, void *p)
{
	struct test *t = context;
	struct item *item = p;
	(void)thread;
	raise_to(&t->most, atomic_fetch_add(&t->working, 1) + 1);
	pause_for((long)(item->number * 7919 % 13) * 100);   /* later items overtake earlier ones */
	memcpy(item->held, &item->number, sizeof item->number);
	atomic_fetch_sub(&t->working, 1);
}

static void clear(void *context, void *p)
{
	struct test *t = context;
	struct item *item = p;
	free(item->held);
	t->cleared++;
	atomic_fetch_sub(&t->alive, 1);
	atomic_fetch_sub(&t->held, item->weight);
}

static int write_item(void *context, void *p)
{
	struct test *t = context;
	struct item *item = p;
	if (atomic_exchange(&t->writing, true))
		t->overlap = true;
	size_t worked;
	memcpy(&worked, item->held, sizeof worked);
	t->order = t->order && item->number == t->written && worked == item->number;
	bool failed = t->written == t->fail_write;
	t->written += !failed;
	clear(t, p);
	t->cleared--;
	atomic_store(&t->writing, false);
	return failed ? -1 : 0;
}

static struct test run(size_t count, size_t threads, size_t fail_read, size_t fail_write, size_t drain_every, size_t budget, int *status)
{
	struct test t = { .count = count, .fail_read = fail_read, .fail_write = fail_write, .drain_every = drain_every, .budget = budget, .order = true,
		.drained = true };
	const struct mfc_ordered_steps steps = { sizeof(struct item), read_item, work, write_item, clear, &t, 0 };
	*status = mfc_ordered_run(&steps, threads);
	return t;
}

int main(void)
{
	static const size_t threads[] = { 1, 2, 3, 16 };
	int status;
	for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
		struct test t = run(500, threads[i], SIZE_MAX, SIZE_MAX, 0, 0, &status);
		check(status == 0 && t.written == 500 && t.order && !t.overlap && t.alive == 0, "%zu threads: every item is written once, in order", threads[i]);
		check(threads[i] == 1 ? t.most == 1 : t.most > 1, "%zu threads: more threads work at once", threads[i]);
		t = run(0, threads[i], SIZE_MAX, SIZE_MAX, 0, 0, &status);
		check(status == 0 && t.written == 0 && t.alive == 0, "%zu threads: no items", threads[i]);
		t = run(300, threads[i], 100, SIZE_MAX, 0, 0, &status);
		check(status == -1 && t.written == 100 && t.order && t.alive == 0, "%zu threads: what failed to be read: all before it were written", threads[i]);
		t = run(300, threads[i], SIZE_MAX, 100, 0, 0, &status);
		check(status == -1 && t.written == 100 && t.order && t.alive == 0, "%zu threads: what failed to be written: nothing after it, and nothing is left", threads[i]);
		t = run(300, threads[i], SIZE_MAX, SIZE_MAX, 7, 0, &status);
		check(status == 0 && t.written == 300 && t.order && t.drained && !t.overlap, "%zu threads: draining waits for all before", threads[i]);
		t = run(60, threads[i], SIZE_MAX, SIZE_MAX, 0, (size_t)20 << 20, &status);
		check(status == 0 && t.written == 60 && t.order && t.heaviest <= (size_t)64 << 20, "%zu threads: reserving bounds what is held", threads[i]);
		t = run(60, threads[i], SIZE_MAX, SIZE_MAX, 0, (size_t)1 << 40, &status);
		check(status == 0 && t.written == 60 && t.order && t.heaviest == (size_t)1 << 40, "%zu threads: one too large goes by itself", threads[i]);
	}
	return done();
}
