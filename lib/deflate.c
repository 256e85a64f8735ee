#include "deflate.h"

#include <libdeflate.h>

uint32_t mfc_crc32(uint32_t crc, const void *data, size_t size)
{
	return libdeflate_crc32(crc, data, size);
}

struct mfc_inflater *mfc_inflater_new(void)
{
	return (struct mfc_inflater *)libdeflate_alloc_decompressor();
}

void mfc_inflater_free(struct mfc_inflater *inflater)
{
	libdeflate_free_decompressor((struct libdeflate_decompressor *)inflater);
}

int mfc_inflate(struct mfc_inflater *inflater, const void *packed, size_t packed_size, void *to, size_t size)
{
	struct libdeflate_decompressor *d = (struct libdeflate_decompressor *)inflater;
	enum libdeflate_result got = libdeflate_deflate_decompress(d, packed, packed_size, to, size, NULL);
	return got == LIBDEFLATE_SUCCESS ? 0 : got == LIBDEFLATE_BAD_DATA ? 1 : 2;
}
