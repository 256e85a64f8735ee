/* What static analysis is told before each file, as it sees one file at a time: the functions for errors return -1. */
#include "error.h"

#define mfc_error_set(...) (mfc_error_set(__VA_ARGS__), -1)
#define mfc_error_prefix(...) (mfc_error_prefix(__VA_ARGS__), -1)
#define mfc_error_memory(err) (mfc_error_memory(err), -1)
