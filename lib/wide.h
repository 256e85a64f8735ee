/* Hot loops marked MFC_WIDE are compiled for newer processors too, and the dynamic linker picks:
 * what a program may not assume, a function can have. */
#ifndef MFC_WIDE_H
#define MFC_WIDE_H

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define MFC_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define MFC_WIDE
#endif

#endif
