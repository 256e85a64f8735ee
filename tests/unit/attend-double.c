/* attend.c in double. */
#define MFC_DOUBLE
#include "net/rows.c"
#include "net/layers.c"
#include "net/attend.c"

#include "attend.c"
