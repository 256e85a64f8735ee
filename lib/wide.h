/* Hot loops marked MFC_WIDE are compiled for newer processors too, and the dynamic linker picks:
 * what a program may not assume, a function can have. */
#ifndef MFC_WIDE_H
#define MFC_WIDE_H

#include <stdint.h>   /* for __GLIBC__ */

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define MFC_CLONES(...) __attribute__((target_clones(__VA_ARGS__)))
#else   /* a sanitizer's own code would run before the sanitizer, in what the linker asks */
#define MFC_CLONES(...)
#endif
#define MFC_WIDE MFC_CLONES("avx512f", "avx2", "default")

#endif
