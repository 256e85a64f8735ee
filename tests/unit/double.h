/* The network and its objective compiled in double, in place of the library's float: include this before any other header of the
 * project. A test that defines these functions itself links none of the library's. */
#ifndef DOUBLE_H
#define DOUBLE_H

#define MFC_DOUBLE
#pragma GCC diagnostic ignored "-Wunknown-pragmas"   /* omp simd: speed does not matter here */
/* File-local names that these files and check.h share. */
#define check layout_check
#include "net/layout.c"
#undef check
#include "net/rows.c"
#include "net/layers.c"
#include "net/weights.c"
#include "net/attend.c"
#include "net/tape.c"
#include "net/embed.c"
#include "net/edges.c"
#define grow cells_grow
#include "net/cells.c"
#undef grow
#include "net/crowd.c"
#include "net/latents.c"
#include "net/pooled.c"
#include "net/local.c"
#include "net/pair.c"
#include "net/score.c"
#define reserve denoiser_reserve
#include "net/denoiser.c"
#undef reserve
#define grow field_grow
#define work field_work
#define gather field_gather
#include "net/field.c"
#undef gather
#undef work
#undef grow

#endif
