#include "waiting.h"

#include <pthread.h>
#include <time.h>

static struct {
	pthread_mutex_t lock;
	unsigned inside[MFC_WAITINGS];   /* threads in such a call */
	double since;                    /* up to when the time was accounted for; 0: nothing yet */
	double spent[MFC_WAITINGS];
} state = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* The time since the last change goes to what the process did meanwhile. The lock is held. */
static void account(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	double now = (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
	enum mfc_waiting what = state.inside[MFC_WORKS] ? MFC_WORKS : state.inside[MFC_WAITS_OUTPUT] ? MFC_WAITS_OUTPUT :
	    state.inside[MFC_WAITS_INPUT] ? MFC_WAITS_INPUT : MFC_WORKS;
	if (state.since > 0)
		state.spent[what] += now - state.since;
	state.since = now;
}

void mfc_waiting_enter(enum mfc_waiting what)
{
	pthread_mutex_lock(&state.lock);
	account();
	state.inside[what]++;
	pthread_mutex_unlock(&state.lock);
}

void mfc_waiting_leave(enum mfc_waiting what)
{
	pthread_mutex_lock(&state.lock);
	account();
	state.inside[what]--;
	pthread_mutex_unlock(&state.lock);
}

void mfc_waiting_spent(double spent[MFC_WAITINGS])
{
	pthread_mutex_lock(&state.lock);
	account();
	for (int i = 0; i < MFC_WAITINGS; i++)
		spent[i] = state.spent[i];
	pthread_mutex_unlock(&state.lock);
}
