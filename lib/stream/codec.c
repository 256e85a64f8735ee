#include "stream/codec.h"

#include "deflate.h"
#include "waiting.h"

#include <errno.h>
#include <msgpack.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 65536   /* bytes asked of the input at a time, at least */

void mfc_decoder_init(struct mfc_decoder *decoder, FILE *in, size_t max_record)
{
	*decoder = (struct mfc_decoder){ .in = in, .max_record = max_record };
}

void mfc_decoder_clear(struct mfc_decoder *decoder)
{
	free(decoder->buffer);
	*decoder = (struct mfc_decoder){ 0 };
}

/* Room for one more read: unread bytes move to the front, the buffer doubles as bytes really arrive. */
static int make_room(struct mfc_decoder *d, struct mfc_error *err)
{
	if (d->capacity - d->end >= CHUNK)
		return 0;
	if (d->start) {
		memmove(d->buffer, d->buffer + d->start, d->end - d->start);
		d->end -= d->start;
		d->start = 0;
	}
	if (d->capacity - d->end >= CHUNK)
		return 0;
	size_t capacity = d->capacity ? 2 * d->capacity : 4 * CHUNK;
	char *buffer = realloc(d->buffer, capacity);
	if (!buffer)
		return mfc_error_memory(err);
	d->buffer = buffer;
	d->capacity = capacity;
	return 0;
}

int mfc_decoder_preload(struct mfc_decoder *d, const char *data, size_t size, struct mfc_error *err)
{
	while (size > 0) {
		if (make_room(d, err))
			return -1;
		size_t part = d->capacity - d->end < size ? d->capacity - d->end : size;
		memcpy(d->buffer + d->end, data, part);
		d->end += part;
		data += part;
		size -= part;
	}
	return 0;
}

/* See to it that `count` bytes are there from start on: 1, 0 when the input ends before, -1 on error. Takes what a pipe has and does not
 * wait for more than is needed. */
static int need(struct mfc_decoder *d, size_t count, struct mfc_error *err)
{
	if (count > d->max_record)
		return mfc_error_set(err, "a record of more than %zu bytes (--max-record)", d->max_record);
	while (d->end - d->start < count) {
		if (make_room(d, err))
			return -1;
		ssize_t got;
		mfc_waiting_enter(MFC_WAITS_INPUT);
		do
			got = read(fileno(d->in), d->buffer + d->end, d->capacity - d->end);
		while (got < 0 && errno == EINTR);
		mfc_waiting_leave(MFC_WAITS_INPUT);
		if (got < 0)
			return mfc_error_set(err, "cannot read: %s", strerror(errno));
		if (got == 0)
			return 0;
		d->end += (size_t)got;
	}
	return 1;
}

/* What the first byte of a msgpack object says: bytes of its length field, fixed bytes of body, the length or count when it stands in the byte
 * itself; kind 's'calar, 'b'ytes or 't'ext of the body follow, 'l'ist or 'm'ap. */
struct shape { char kind; unsigned field; unsigned extra; uint64_t value; };

static int first_byte(unsigned char b, struct shape *s)
{
	if (b <= 0x7f || b >= 0xe0 || b == 0xc0 || b == 0xc2 || b == 0xc3)
		*s = (struct shape){ 's', 0, 0, 0 };
	else if (b <= 0x8f)
		*s = (struct shape){ 'm', 0, 0, b & 0x0f };
	else if (b <= 0x9f)
		*s = (struct shape){ 'l', 0, 0, b & 0x0f };
	else if (b <= 0xbf)
		*s = (struct shape){ 't', 0, 0, b & 0x1f };
	else if (b >= 0xc4 && b <= 0xc6)                                /* bin */
		*s = (struct shape){ 'b', 1u << (b - 0xc4), 0, 0 };
	else if (b >= 0xc7 && b <= 0xc9)                                /* ext: its type is one byte more */
		*s = (struct shape){ 'b', 1u << (b - 0xc7), 1, 0 };
	else if (b == 0xca || b == 0xcb)                                /* float */
		*s = (struct shape){ 'b', 0, 0, b == 0xca ? 4 : 8 };
	else if (b >= 0xcc && b <= 0xd3)                                /* uint, int */
		*s = (struct shape){ 'b', 0, 0, 1u << ((b - 0xcc) % 4) };
	else if (b >= 0xd4 && b <= 0xd8)                                /* fixext */
		*s = (struct shape){ 'b', 0, 1, 1u << (b - 0xd4) };
	else if (b >= 0xd9 && b <= 0xdb)                                /* str */
		*s = (struct shape){ 't', 1u << (b - 0xd9), 0, 0 };
	else if (b >= 0xdc && b <= 0xdf)                                /* array, map */
		*s = (struct shape){ b <= 0xdd ? 'l' : 'm', b % 2 ? 4 : 2, 0, 0 };
	else
		return -1;                                              /* 0xc1 is never used */
	return 0;
}

/* The length of the next object, whose bytes are then all there, with every bound checked on the way: 1, 0 at the end of the input, -1. */
static int scan(struct mfc_decoder *d, size_t *length, struct mfc_error *err)
{
	uint64_t left[MFC_MAX_DEPTH + 1] = { 1 };
	size_t depth = 0, at = 0, objects = 0;
	for (;;) {
		while (left[depth] == 0) {
			if (depth == 0) {
				*length = at;
				return 1;
			}
			depth--;
		}
		left[depth]--;
		if (++objects > MFC_MAX_OBJECTS)
			return mfc_error_set(err, "more than %d values in a record", MFC_MAX_OBJECTS);
		int got = need(d, at + 1, err);
		if (got <= 0)
			return got == 0 && at == 0 ? 0 : got == 0 ? mfc_error_set(err, "the input ends within a record") : -1;
		struct shape s;
		if (first_byte((unsigned char)d->buffer[d->start + at], &s))
			return mfc_error_set(err, "byte 0x%02x is no msgpack", (unsigned char)d->buffer[d->start + at]);
		at++;
		if ((got = need(d, at + s.field, err)) <= 0)
			return got < 0 ? -1 : mfc_error_set(err, "the input ends within a record");
		for (unsigned i = 0; i < s.field; i++)
			s.value = s.value << 8 | (unsigned char)d->buffer[d->start + at + i];
		at += s.field + s.extra;
		if (s.kind == 't' && s.value > MFC_MAX_STR)
			return mfc_error_set(err, "a string of %llu bytes, more than %u", (unsigned long long)s.value, MFC_MAX_STR);
		if (s.kind == 'b' || s.kind == 't') {
			if ((got = need(d, at + s.value, err)) <= 0)
				return got < 0 ? -1 : mfc_error_set(err, "the input ends within a record");
			at += s.value;
		} else if (s.kind != 's') {
			if (s.value > (s.kind == 'm' ? MFC_MAX_MAP : MFC_MAX_LIST))
				return mfc_error_set(err, "a %s of %llu items, more than %d", s.kind == 'm' ? "map" : "list",
				    (unsigned long long)s.value, s.kind == 'm' ? MFC_MAX_MAP : MFC_MAX_LIST);
			if (depth == MFC_MAX_DEPTH)
				return mfc_error_set(err, "maps and lists nested deeper than %d", MFC_MAX_DEPTH);
			left[++depth] = s.kind == 'm' ? 2 * s.value : s.value;
		}
	}
}

static int convert(const msgpack_object *o, struct mfc_value *v, struct mfc_error *err);

static int convert_items(const msgpack_object *o, struct mfc_value *v, struct mfc_error *err)
{
	bool list = o->type == MSGPACK_OBJECT_ARRAY;
	*v = list ? mfc_value_list() : mfc_value_map();
	size_t size = list ? o->via.array.size : o->via.map.size;
	if (mfc_value_room(v, size, err))
		return -1;
	for (size_t i = 0; i < size; i++)
		if (list ? convert(&o->via.array.ptr[i], &v->items[i], err)
		         : convert(&o->via.map.ptr[i].key, &v->items[2 * i], err) || convert(&o->via.map.ptr[i].val, &v->items[2 * i + 1], err)) {
			mfc_value_clear(v);
			return -1;
		}
	return 0;
}

/* Depth is bounded by the scan. */
static int convert(const msgpack_object *o, struct mfc_value *v, struct mfc_error *err)
{
	*v = mfc_value_nil();
	switch (o->type) {
	case MSGPACK_OBJECT_NIL: return 0;
	case MSGPACK_OBJECT_BOOLEAN: *v = mfc_value_bool(o->via.boolean); return 0;
	case MSGPACK_OBJECT_POSITIVE_INTEGER: *v = mfc_value_uint(o->via.u64); return 0;
	case MSGPACK_OBJECT_NEGATIVE_INTEGER: *v = mfc_value_int(o->via.i64); return 0;
	case MSGPACK_OBJECT_FLOAT32:
	case MSGPACK_OBJECT_FLOAT64:
		*v = mfc_value_real(o->via.f64);
		v->type = o->type == MSGPACK_OBJECT_FLOAT32 ? MFC_FLOAT32 : MFC_FLOAT64;
		return 0;
	case MSGPACK_OBJECT_STR: *v = mfc_value_bin(o->via.str.ptr, o->via.str.size); break;
	case MSGPACK_OBJECT_BIN: *v = mfc_value_bin(o->via.bin.ptr, o->via.bin.size); break;
	case MSGPACK_OBJECT_EXT: *v = mfc_value_bin(o->via.ext.ptr, o->via.ext.size); break;
	default: return convert_items(o, v, err);
	}
	if (v->type == MFC_LOST) {
		*v = mfc_value_nil();
		return mfc_error_memory(err);
	}
	if (o->type == MSGPACK_OBJECT_STR)
		v->type = MFC_STR;
	if (o->type == MSGPACK_OBJECT_EXT) {
		v->type = MFC_EXT;
		v->ext = o->via.ext.type;
	}
	return 0;
}

int mfc_decoder_next(struct mfc_decoder *d, struct mfc_value *value, struct mfc_error *err)
{
	size_t length = 0, offset = 0;
	*value = mfc_value_nil();
	int got = scan(d, &length, err);
	if (got <= 0)
		return got;
	msgpack_unpacked unpacked;
	msgpack_unpacked_init(&unpacked);
	int status;
	msgpack_unpack_return result = msgpack_unpack_next(&unpacked, d->buffer + d->start, length, &offset);
	if (result == MSGPACK_UNPACK_NOMEM_ERROR)   /* nothing is too deep: the scan has seen to that */
		status = mfc_error_memory(err);
	else if (result != MSGPACK_UNPACK_SUCCESS || offset != length)
		status = mfc_error_set(err, "a record that msgpack-c cannot unpack");
	else
		status = convert(&unpacked.data, value, err) ? -1 : 1;
	msgpack_unpacked_destroy(&unpacked);
	if (status == 1) {
		if (d->sums)
			d->sum = mfc_crc32(d->sum, d->buffer + d->start, length);
		d->start += length;
		d->offset += length;
	}
	return status;
}

struct sink { FILE *out; uint32_t *sum; };

static int write_bytes(void *to, const char *data, size_t size)
{
	struct sink *sink = to;
	if (sink->sum)
		*sink->sum = mfc_crc32(*sink->sum, data, size);
	return size && fwrite(data, 1, size, sink->out) != size ? -1 : 0;
}

static int pack(msgpack_packer *p, const struct mfc_value *v)
{
	int bad = 0;
	switch (v->type) {
	case MFC_NIL: return msgpack_pack_nil(p);
	case MFC_BOOL: return v->boolean ? msgpack_pack_true(p) : msgpack_pack_false(p);
	case MFC_INT: return msgpack_pack_int64(p, v->integer);
	case MFC_UINT: return msgpack_pack_uint64(p, v->natural);
	case MFC_FLOAT32: return msgpack_pack_float(p, (float)v->real);
	case MFC_FLOAT64: return msgpack_pack_double(p, v->real);
	case MFC_STR: return msgpack_pack_str(p, v->size) || msgpack_pack_str_body(p, v->bytes, v->size);
	case MFC_BIN: return msgpack_pack_bin(p, v->size) || msgpack_pack_bin_body(p, v->bytes, v->size);
	case MFC_EXT: return msgpack_pack_ext(p, v->size, v->ext) || msgpack_pack_ext_body(p, v->bytes, v->size);
	case MFC_LIST:
		bad = msgpack_pack_array(p, v->size);
		for (size_t i = 0; !bad && i < v->size; i++)
			bad = pack(p, &v->items[i]);
		return bad;
	case MFC_MAP:
		bad = msgpack_pack_map(p, v->size);
		for (size_t i = 0; !bad && i < 2 * v->size; i++)
			bad = pack(p, &v->items[i]);
		return bad;
	case MFC_LOST: break;
	}
	return -1;
}

/* The bounds of scan: what no reader takes is not written. */
static int check(const struct mfc_value *v, size_t depth, struct mfc_error *err)
{
	bool map = v->type == MFC_MAP;
	size_t most = map ? MFC_MAX_MAP : MFC_MAX_LIST;
	if (v->type == MFC_STR && v->size > MFC_MAX_STR)
		return mfc_error_set(err, "a string of %zu bytes, more than %u", v->size, MFC_MAX_STR);
	if (!map && v->type != MFC_LIST)
		return 0;
	if (v->size > most)
		return mfc_error_set(err, "a %s of %zu items, more than %zu", map ? "map" : "list", v->size, most);
	if (depth == MFC_MAX_DEPTH)
		return mfc_error_set(err, "maps and lists nested deeper than %d", MFC_MAX_DEPTH);
	for (size_t i = 0; i < (map ? 2 : 1) * v->size; i++)
		if (check(&v->items[i], depth + 1, err))
			return -1;
	return 0;
}

int mfc_encode(FILE *out, const struct mfc_value *v, uint32_t *sum, struct mfc_error *err)
{
	struct sink sink = { out, sum };
	msgpack_packer packer;
	msgpack_packer_init(&packer, &sink, write_bytes);
	errno = 0;
	if (check(v, 0, err))
		return -1;
	if (pack(&packer, v))
		return mfc_error_set(err, "cannot write: %s", errno ? strerror(errno) : "unknown error");
	return 0;
}
