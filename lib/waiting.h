/* Where the time of a process goes: it waits for its input, for whoever reads its output, or works. The ends of a pipeline's delays: a filter that
 * waits for its input has a slow one before it, one that waits for its output a slow one behind it. */
#ifndef MFC_WAITING_H
#define MFC_WAITING_H

enum mfc_waiting { MFC_WAITS_INPUT, MFC_WAITS_OUTPUT, MFC_WORKS, MFC_WAITINGS };

/* Around a call that may wait, and around work that goes on in one of several threads. While any thread works, nothing waits; where none does, what
 * is between such calls counts as work. Any thread. */
void mfc_waiting_enter(enum mfc_waiting what);
void mfc_waiting_leave(enum mfc_waiting what);
/* Seconds of each since the first call of any of these. */
void mfc_waiting_spent(double spent[MFC_WAITINGS]);

#endif
