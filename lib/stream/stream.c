#include "stream/stream.h"

#include "waiting.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* How often each id has occurred: open addressing, at most half full. */
struct tally { uint64_t hash; uint64_t count; };

struct mfc_reader {
	char *name;
	struct mfc_decoder decoder;
	struct mfc_value header;
	bool inside;             /* between a header and its trailer */
	bool summed;             /* the last trailer had a checksum */
	size_t segments, count;  /* so far; records of this segment */
	size_t record;           /* records over all segments */
	size_t dim;              /* of the header, 0 when it has none */
	struct tally *tally;
	size_t used, capacity;
};

int mfc_reader_open(struct mfc_reader **reader, FILE *in, const char *name, size_t max_record, struct mfc_error *err)
{
	struct mfc_reader *r = *reader = calloc(1, sizeof *r);
	if (!r || !(r->name = strdup(name))) {
		free(r);
		*reader = NULL;
		return mfc_error_memory(err);
	}
	mfc_decoder_init(&r->decoder, in, max_record);
	return 0;
}

int mfc_reader_preload(struct mfc_reader *r, const char *data, size_t size, struct mfc_error *err)
{
	return mfc_decoder_preload(&r->decoder, data, size, err);
}

int mfc_reader_next_input(struct mfc_reader *r, FILE *in, const char *name, struct mfc_error *err)
{
	char *copy = strdup(name);
	if (!copy)
		return mfc_error_memory(err);
	free(r->name);
	r->name = copy;
	size_t max_record = r->decoder.max_record;
	bool sums = r->decoder.sums;
	mfc_decoder_clear(&r->decoder);
	mfc_decoder_init(&r->decoder, in, max_record);
	r->decoder.sums = sums;
	r->inside = false;
	r->segments = r->count = r->record = 0;
	return 0;
}

void mfc_reader_close(struct mfc_reader *r)
{
	if (!r)
		return;
	mfc_decoder_clear(&r->decoder);
	mfc_value_clear(&r->header);
	free(r->tally);
	free(r->name);
	free(r);
}

void mfc_reader_sum(struct mfc_reader *r)
{
	r->decoder.sums = true;
}

bool mfc_reader_summed(const struct mfc_reader *r)
{
	return r->summed;
}

const struct mfc_value *mfc_reader_header(const struct mfc_reader *r)
{
	return &r->header;
}

uint64_t mfc_reader_position(const struct mfc_reader *r)
{
	return r->decoder.offset;
}

/* The first bytes of the input are still in the buffer while its first value is looked at, whether that could be decoded or not. */
static const char *first_bytes(const struct mfc_decoder *d, size_t *there)
{
	*there = d->buffer ? d->end - d->start + d->offset : 0;
	return d->buffer ? d->buffer + d->start - d->offset : "";
}

/* Not an mfc stream, and what it is instead where its first bytes tell. */
static int foreign(const struct mfc_reader *r, struct mfc_error *err)
{
	static const struct { const char *magic; size_t length; const char *what; } known[] = {
		{ "PK", 2, "a zip archive" }, { "\x1f\x8b", 2, "gzip" }, { "\xfd" "7zXZ", 5, "xz" }, { "BZh", 3, "bzip2" },
		{ "(\xb5/\xfd", 4, "zstd" }, { "\x89PNG", 4, "a PNG picture" }, { "\x93NUMPY", 6, "a NumPy array" }, { "ply", 3, "a PLY file" },
		{ "\x7f" "ELF", 4, "a program" }, { "%PDF", 4, "a PDF document" }, { "7z\xbc\xaf", 4, "a 7z archive" },
		{ "{", 1, "JSON" }, { "#", 1, "text" }, { "v ", 2, "an OBJ file" }, { "OFF", 3, "an OFF file" }
	};
	size_t there;
	const char *p = first_bytes(&r->decoder, &there);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (there >= known[i].length && memcmp(p, known[i].magic, known[i].length) == 0)
			return mfc_error_set(err, "%s: not an mfc stream but %s", r->name, known[i].what);
	return mfc_error_set(err, "%s: not an mfc stream", r->name);
}

/* Does the input begin otherwise than headers do, with a map whose first key is "mfc"? Else it is cut or damaged rather than another program's, or
 * could not be read at all. */
static bool begins_otherwise(const struct mfc_decoder *d)
{
	size_t there;
	const char *p = first_bytes(d, &there);
	return there > 0 && !(there >= 5 && ((unsigned char)p[0] & 0xf0) == 0x80 && memcmp(p + 1, "\xa3mfc", 4) == 0);
}

/* Put before the message where it happened: input, record, id, byte. */
static int locate(const struct mfc_reader *r, const char *id, uint64_t offset, struct mfc_error *err)
{
	if (id)
		return mfc_error_prefix(err, "%s: record %zu (id \"%.80s\"), byte %llu", r->name, r->record, id, (unsigned long long)offset);
	return mfc_error_prefix(err, "%s: byte %llu", r->name, (unsigned long long)offset);
}

static int take_header(struct mfc_reader *r, struct mfc_value *value, struct mfc_error *err)
{
	size_t version;
	if (r->inside)
		return mfc_error_set(err, "a header before the trailer of the segment before it: the stream was cut short there");
	if (!mfc_value_as_size(mfc_value_get(value, "mfc"), &version) || version != 1)
		return mfc_error_set(err, "not version 1 of the mfc stream");
	const struct mfc_value *dim = mfc_value_get(value, "dim");
	r->dim = 0;
	if (dim && (!mfc_value_as_size(dim, &r->dim) || r->dim < 1))
		return mfc_error_set(err, "header: dim is no natural number");
	mfc_value_clear(&r->header);
	r->header = *value;
	*value = mfc_value_nil();
	r->inside = true;
	r->count = 0;
	r->segments++;
	return 0;
}

/* sum: that of the segment before its trailer. */
static int take_trailer(struct mfc_reader *r, const struct mfc_value *value, uint32_t sum, struct mfc_error *err)
{
	size_t count, said;
	const struct mfc_value *crc = mfc_value_get(value, "crc32");
	if (!r->inside)
		return mfc_error_set(err, "a trailer without a header");
	if (!mfc_value_as_size(mfc_value_get(value, "count"), &count) || count != r->count)
		return mfc_error_set(err, "the trailer does not count %zu records, as there are: some are missing", r->count);
	r->summed = r->decoder.sums && crc;
	if (r->summed && (!mfc_value_as_size(crc, &said) || said != sum))
		return mfc_error_set(err, "damaged: the checksum in the trailer is not that of what comes before");
	r->decoder.sum = 0;
	r->inside = false;
	return 0;
}

int mfc_reader_next_value(struct mfc_reader *r, struct mfc_value *record, struct mfc_error *err)
{
	for (;;) {
		mfc_value_clear(record);
		uint64_t offset = r->decoder.offset;
		uint32_t sum = r->decoder.sum;
		int got = mfc_decoder_next(&r->decoder, record, err);
		if (got < 0 && r->segments == 0 && begins_otherwise(&r->decoder) && !(err && err->scarce))
			return foreign(r, err);
		if (got < 0)
			return locate(r, NULL, offset, err);
		if (got == 0 && r->segments == 0)
			return mfc_error_set(err, "%s: empty, not even a header", r->name);
		if (got == 0 && r->inside)
			return mfc_error_set(err, "%s: byte %llu: the stream was cut short: no trailer after record %zu", r->name,
			    (unsigned long long)offset, r->record);
		if (got == 0)
			return MFC_END;
		const char *kind = mfc_value_as_string(mfc_value_get(record, "kind"));
		if (kind && strcmp(kind, "header") == 0)
			return take_header(r, record, err) ? locate(r, NULL, offset, err) : MFC_HEADER;
		if (r->segments == 0)
			return foreign(r, err);
		if (kind && strcmp(kind, "trailer") == 0) {
			if (take_trailer(r, record, sum, err))
				return locate(r, NULL, offset, err);
			continue;
		}
		r->record++;
		r->count++;
		if (record->type != MFC_MAP || !r->inside) {
			mfc_error_set(err, record->type != MFC_MAP ? "a record that is no map" : "a record outside of header and trailer");
			return locate(r, NULL, offset, err);
		}
		return MFC_RECORD;
	}
}

static int grow_tally(struct mfc_reader *r, struct mfc_error *err)
{
	size_t capacity = r->capacity ? 2 * r->capacity : 1024;
	struct tally *t = calloc(capacity, sizeof *t);
	if (!t)
		return mfc_error_memory(err);
	for (size_t i = 0; i < r->capacity; i++)
		if (r->tally[i].count) {
			size_t j = r->tally[i].hash & (capacity - 1);
			while (t[j].count)
				j = (j + 1) & (capacity - 1);
			t[j] = r->tally[i];
		}
	free(r->tally);
	r->tally = t;
	r->capacity = capacity;
	return 0;
}

/* The number of earlier clouds of this id. */
static int occurrence(struct mfc_reader *r, const char *id, uint64_t *k, struct mfc_error *err)
{
	if (2 * (r->used + 1) > r->capacity && grow_tally(r, err))
		return -1;
	uint64_t hash = mfc_cloud_key(id, 0);
	size_t j = hash & (r->capacity - 1);
	while (r->tally[j].count && r->tally[j].hash != hash)
		j = (j + 1) & (r->capacity - 1);
	r->used += r->tally[j].count == 0;
	r->tally[j].hash = hash;
	*k = r->tally[j].count++;
	return 0;
}

/* What is in a segment that is none of clouds, by its header; NULL: clouds. */
static const char *contents(const struct mfc_value *header)
{
	static const struct { const char *key, *what; } other[] = {
		{ "model", "a model" }, { "block", "a block of distances (mfc-metric --block)" }
	};
	for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
		const struct mfc_value *map = mfc_value_get(header, other[i].key);
		if (map && map->type == MFC_MAP)
			return other[i].what;
	}
	return NULL;
}

int mfc_reader_next(struct mfc_reader *r, struct mfc_cloud *cloud, struct mfc_error *err)
{
	struct mfc_value record = mfc_value_nil();
	uint64_t offset = r->decoder.offset, k;
	int event = mfc_reader_next_value(r, &record, err);
	if (event > 0 && contents(&r->header)) {
		event = mfc_error_set(err, "%s: %s, not clouds", r->name, contents(&r->header));
	} else if (event == MFC_RECORD) {
		const char *id = mfc_value_as_string(mfc_value_get(&record, "id"));
		if (mfc_cloud_from_record(cloud, &record, err))
			event = locate(r, id ? id : "", offset, err);
		else if (r->dim && cloud->dim != r->dim) {
			mfc_error_set(err, "%zu coordinates where the header says %zu", cloud->dim, r->dim);
			event = locate(r, id, offset, err);
		} else if (occurrence(r, cloud->id, &k, err)) {
			event = -1;
		} else {
			cloud->key = mfc_cloud_key(cloud->id, k);
		}
	}
	mfc_value_clear(&record);
	return event;
}

void mfc_writer_init(struct mfc_writer *w, FILE *out, const char *name)
{
	*w = (struct mfc_writer){ .out = out, .name = name };
}

static int put(struct mfc_writer *w, const struct mfc_value *v, struct mfc_error *err)
{
	mfc_waiting_enter(MFC_WAITS_OUTPUT);
	int status = mfc_encode(w->out, v, w->sums ? &w->sum : NULL, err);
	mfc_waiting_leave(MFC_WAITS_OUTPUT);
	return status ? mfc_error_prefix(err, "%s", w->name) : 0;
}

static int put_trailer(struct mfc_writer *w, struct mfc_error *err)
{
	if (!w->open)
		return 0;
	struct mfc_value trailer = mfc_value_map();
	int status = mfc_value_put(&trailer, "kind", mfc_value_str("trailer"), err) ||
	    mfc_value_put(&trailer, "count", mfc_value_uint(w->count), err) ||
	    (w->sums && mfc_value_put(&trailer, "crc32", mfc_value_uint(w->sum), err)) || put(w, &trailer, err);
	mfc_value_clear(&trailer);
	w->open = false;
	return status ? -1 : 0;
}

int mfc_writer_header(struct mfc_writer *w, const struct mfc_value *header, struct mfc_error *err)
{
	if (put_trailer(w, err))
		return -1;
	struct mfc_value first = mfc_value_map();
	int bad = mfc_value_put(&first, "mfc", mfc_value_uint(1), err) || mfc_value_put(&first, "kind", mfc_value_str("header"), err);
	for (size_t i = 0; !bad && i < header->size; i++) {
		const char *key = mfc_value_as_string(&header->items[2 * i]);
		struct mfc_value copy;
		if (!key || strcmp(key, "mfc") == 0 || strcmp(key, "kind") == 0)
			continue;
		bad = mfc_value_copy(&copy, &header->items[2 * i + 1], err) || mfc_value_put(&first, key, copy, err);
	}
	w->sum = 0;
	bad = bad || put(w, &first, err);
	mfc_value_clear(&first);
	w->open = !bad;
	w->count = 0;
	return bad ? -1 : 0;
}

int mfc_writer_value(struct mfc_writer *w, const struct mfc_value *record, struct mfc_error *err)
{
	if (put(w, record, err))
		return -1;
	w->count++;
	return 0;
}

int mfc_writer_cloud(struct mfc_writer *w, const struct mfc_cloud *cloud, struct mfc_error *err)
{
	struct mfc_value record;
	int status = mfc_cloud_to_record(cloud, &record, err) ? mfc_error_prefix(err, "%s: cloud \"%.80s\"", w->name, cloud->id)
	                                                      : mfc_writer_value(w, &record, err);
	mfc_value_clear(&record);
	return status ? -1 : 0;
}

int mfc_writer_end(struct mfc_writer *w, struct mfc_error *err)
{
	if (put_trailer(w, err))
		return -1;
	return mfc_writer_flush(w, err);
}

int mfc_writer_flush(struct mfc_writer *w, struct mfc_error *err)
{
	mfc_waiting_enter(MFC_WAITS_OUTPUT);
	errno = 0;
	int status = fflush(w->out) ? mfc_error_set(err, "%s: cannot write: %s", w->name, strerror(errno)) : 0;
	mfc_waiting_leave(MFC_WAITS_OUTPUT);
	return status;
}
