/* msgpack bytes ↔ struct mfc_value. The only user of msgpack-c. Nothing is allocated on a length from the wire before
 * the bytes it promises are there: a record's headers are scanned first, with bounds. */
#ifndef MFC_CODEC_H
#define MFC_CODEC_H

#include "value.h"
#include <stdio.h>

#define MFC_MAX_DEPTH 8          /* nesting of maps and lists */
#define MFC_MAX_MAP 64           /* pairs of one map */
#define MFC_MAX_LIST 4096        /* items of one list */
#define MFC_MAX_OBJECTS 262144   /* values of one record, those in maps and lists among them: each takes 100 bytes of memory */
#define MFC_MAX_STR (1u << 20)   /* bytes of one string; binary data may be as long as a record */
#define MFC_MAX_RECORD (100u << 20)  /* default bound on the bytes of one value */

/* A source of values; read from a FILE through one growing buffer. */
struct mfc_decoder {
	FILE *in;
	size_t max_record;
	char *buffer;
	size_t start, end, capacity;  /* unread bytes are buffer[start, end) */
	uint64_t offset;              /* of buffer[start] from the beginning of the input, in bytes */
	bool sums;                    /* the caller's wish: */
	uint32_t sum;                 /* the CRC-32 of what was taken, and of what the caller has put here before */
};

void mfc_decoder_init(struct mfc_decoder *decoder, FILE *in, size_t max_record);
/* Bytes that come before what `in` still has; before the first next. */
int mfc_decoder_preload(struct mfc_decoder *decoder, const char *data, size_t size, struct mfc_error *err);
void mfc_decoder_clear(struct mfc_decoder *decoder);
/* The next value: 1, 0 at a clean end of input, -1 on error (offset is then that of the value that failed). */
int mfc_decoder_next(struct mfc_decoder *decoder, struct mfc_value *value, struct mfc_error *err);

/* Write v to out in the shortest msgpack form of its type; sum, unless it is NULL, becomes the CRC-32 of what it stands for and of these bytes. */
int mfc_encode(FILE *out, const struct mfc_value *v, uint32_t *sum, struct mfc_error *err);

#endif
