/* reference.c in double: what is left is the rounding of D to float, and the order of sums. */
#include "double.h"

#define TOLERANCE 1e-6
#define GRADIENT_TOLERANCE 1e-9
#define PRECISION "double"
#include "reference.c"
