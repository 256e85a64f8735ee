/* rows.c in double. */
#define MFC_DOUBLE
#include "rows.c"
