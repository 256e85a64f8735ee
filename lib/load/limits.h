/* How much is believed of what archives and files claim. */
#ifndef MFC_LIMITS_H
#define MFC_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MFC_MAX_MEMBER ((size_t)1 << 30)        /* bytes of one file, unpacked */
#define MFC_MAX_RATIO 250                       /* unpacked to packed bytes; more, beyond MFC_RATIO_FREE bytes, is a bomb */
#define MFC_RATIO_FREE ((size_t)16 << 20)
#define MFC_MAX_MEMBERS ((size_t)1 << 22)       /* of an archive, with those of the archives within it */
#define MFC_ARCHIVE_DEPTH 5                     /* archives within archives */
#define MFC_NESTED_MEMORY ((size_t)64 << 20)    /* larger ones are read as they come, not from memory */

#define MFC_SIZE_UNKNOWN UINT64_MAX

/* Is it more than what was packed can honestly hold? */
static inline bool mfc_is_bomb(uint64_t unpacked, uint64_t packed)
{
	return unpacked > MFC_RATIO_FREE && (unpacked - MFC_RATIO_FREE) / MFC_MAX_RATIO >= packed;
}

#endif
