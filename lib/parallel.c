#include "parallel.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct share {
	pthread_t id;
	bool started;
	void (*work)(void *, size_t);
	void *context;
	size_t thread;
};

static void *run(void *p)
{
	struct share *s = p;
	s->work(s->context, s->thread);
	return NULL;
}

void mfc_parallel(size_t threads, void (*work)(void *context, size_t thread), void *context)
{
	struct share *share = threads > 1 ? calloc(threads, sizeof *share) : NULL;
	for (size_t i = 1; share && i < threads; i++) {
		share[i] = (struct share){ .work = work, .context = context, .thread = i };
		share[i].started = pthread_create(&share[i].id, NULL, run, &share[i]) == 0;
	}
	work(context, 0);
	for (size_t i = 1; i < threads; i++)
		if (share && share[i].started)
			pthread_join(share[i].id, NULL);
		else
			work(context, i);
	free(share);
}

void mfc_parallel_share(size_t count, size_t threads, size_t thread, size_t *from, size_t *to)
{
	*from = count / threads * thread + (thread < count % threads ? thread : count % threads);
	*to = *from + count / threads + (thread < count % threads);
}
