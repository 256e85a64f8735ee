/* mfc-stream(5): segments of header, records, trailer. */
#ifndef MFC_STREAM_H
#define MFC_STREAM_H

#include "cloud.h"
#include "stream/codec.h"

enum mfc_event { MFC_END = 0, MFC_RECORD = 1, MFC_HEADER = 2 };

struct mfc_reader;

/* Read from `in` (not closed by the reader); `name` is what errors call it and is copied. Values above max_record bytes
 * are refused. */
int mfc_reader_open(struct mfc_reader **reader, FILE *in, const char *name, size_t max_record, struct mfc_error *err);
/* Bytes that were read from `in` already, to be taken before the rest. */
int mfc_reader_preload(struct mfc_reader *reader, const char *data, size_t size, struct mfc_error *err);
void mfc_reader_close(struct mfc_reader *reader);
/* Before the first next: sum up the bytes of each segment, for which a trailer's "crc32" is then held against them. */
void mfc_reader_sum(struct mfc_reader *reader);
/* Whether the trailer that was read last had one. */
bool mfc_reader_summed(const struct mfc_reader *reader);
/* Go on with another input as if it had been joined to the one before, which was read to its end: ids go on being counted, while records and
 * bytes are numbered anew. */
int mfc_reader_next_input(struct mfc_reader *reader, FILE *in, const char *name, struct mfc_error *err);

/* What comes next: MFC_HEADER (a segment begins: ask mfc_reader_header), MFC_RECORD, MFC_END after the trailer of the last
 * segment, or -1. An empty input, a stream of another program, a missing or wrong trailer are errors; they name the input, the
 * record's number (from 1, over all segments), its id where known and the byte offset. next_value gives the record as it is; next gives it as a
 * cloud, checked, with its key set (ids are counted over all segments), and checks dim against the header; a model or a block of distances, whose
 * headers tell, is an error.
 * The cloud or value is cleared first and belongs to the caller. */
int mfc_reader_next(struct mfc_reader *reader, struct mfc_cloud *cloud, struct mfc_error *err);
int mfc_reader_next_value(struct mfc_reader *reader, struct mfc_value *record, struct mfc_error *err);
/* The header of the segment being read: a map, borrowed until the next MFC_HEADER. */
const struct mfc_value *mfc_reader_header(const struct mfc_reader *reader);
/* The byte of the input behind what was returned last. */
uint64_t mfc_reader_position(const struct mfc_reader *reader);

struct mfc_writer {
	FILE *out;
	const char *name;   /* for messages; borrowed */
	size_t count;       /* records since the header */
	bool open;          /* a header was written and its trailer was not */
	bool sums;          /* the caller's wish: trailers have "crc32", */
	uint32_t sum;       /* that of the segment so far */
};

void mfc_writer_init(struct mfc_writer *writer, FILE *out, const char *name);
/* Begin a segment: writes the trailer of the one that is open, then header, which must be a map; "mfc" and "kind" are put
 * first whatever it holds. */
int mfc_writer_header(struct mfc_writer *writer, const struct mfc_value *header, struct mfc_error *err);
int mfc_writer_cloud(struct mfc_writer *writer, const struct mfc_cloud *cloud, struct mfc_error *err);
int mfc_writer_value(struct mfc_writer *writer, const struct mfc_value *record, struct mfc_error *err);
/* What was written goes on its way at once. */
int mfc_writer_flush(struct mfc_writer *writer, struct mfc_error *err);
/* Write the trailer of the open segment, if any, and flush. Not called when something failed: a stream without trailer
 * says that it was cut short. */
int mfc_writer_end(struct mfc_writer *writer, struct mfc_error *err);

#endif
