/* Deflate (RFC 1951) and the CRC-32 of zip, gzip and zlib (ISO 3309). The only user of libdeflate. */
#ifndef MFC_DEFLATE_H
#define MFC_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

/* The CRC-32 of bytes that follow those whose CRC-32 is `crc`, 0 for none. */
uint32_t mfc_crc32(uint32_t crc, const void *data, size_t size);

struct mfc_inflater;
/* NULL without memory; NULL may be freed. For one thread at a time. */
struct mfc_inflater *mfc_inflater_new(void);
void mfc_inflater_free(struct mfc_inflater *inflater);
/* Unpack a whole stream to exactly `size` bytes: 0, 1 where it is damaged, 2 where it unpacks to another size. */
int mfc_inflate(struct mfc_inflater *inflater, const void *packed, size_t packed_size, void *to, size_t size);

#endif
