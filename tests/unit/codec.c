/* msgpack: every type there and back in its shortest form, hostile bytes, a fixed number of mutations. */
#include "bytes.h"
#include "check.h"
#include "rng.h"
#include "stream/codec.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Decode the first value of some bytes; what mfc_decoder_next returned. */
static int decode(const void *bytes, size_t size, size_t limit, struct mfc_value *v, struct mfc_error *err)
{
	struct mfc_decoder d;
	FILE *in = input_of(bytes, size);
	mfc_decoder_init(&d, in, limit);
	int got = mfc_decoder_next(&d, v, err);
	mfc_decoder_clear(&d);
	fclose(in);
	return got;
}

/* The wire bytes decode, and encode to themselves: they are the shortest form of their value. */
static void canonical(const char *what, const void *bytes, size_t size)
{
	struct mfc_error err = { 0 };
	struct mfc_value v;
	char *back = NULL;
	size_t length = 0;
	int got = decode(bytes, size, 1 << 20, &v, &err);
	FILE *out = open_memstream(&back, &length);
	int packed = mfc_encode(out, &v, NULL, &err);
	fclose(out);
	check(got == 1 && packed == 0 && length == size && memcmp(back, bytes, size) == 0, "%s there and back %s", what, err.message);
	free(back);
	mfc_value_clear(&v);
}

static void refuse(const char *bytes, size_t size, const char *why)
{
	struct mfc_error err = { 0 };
	struct mfc_value v;
	int got = decode(bytes, size, 1 << 20, &v, &err);
	check(got == -1 && strstr(err.message, why) && v.type == MFC_NIL, "refused: %s", err.message);
}

static void types(void)
{
	canonical("nil", "\xc0", 1);
	canonical("true", "\xc3", 1);
	canonical("0", "\0", 1);
	canonical("127", "\x7f", 1);
	canonical("128", "\xcc\x80", 2);
	canonical("65535", "\xcd\xff\xff", 3);
	canonical("2^32-1", "\xce\xff\xff\xff\xff", 5);
	canonical("2^64-1", "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 9);
	canonical("-1", "\xff", 1);
	canonical("-33", "\xd0\xdf", 2);
	canonical("-32768", "\xd1\x80\0", 3);
	canonical("-2^31", "\xd2\x80\0\0\0", 5);
	canonical("-2^63", "\xd3\x80\0\0\0\0\0\0\0", 9);
	canonical("1.5 as float", "\xca\x3f\xc0\0\0", 5);
	canonical("1.5 as double", "\xcb\x3f\xf8\0\0\0\0\0\0", 9);
	canonical("an empty string", "\xa0", 1);
	canonical("a string with a zero", "\xa3" "a\0b", 4);
	canonical("an empty bin", "\xc4\0", 2);
	canonical("a bin", "\xc4\2\0\xff", 4);
	canonical("a fixext", "\xd4\x05x", 3);
	canonical("an ext of 3", "\xc7\3\xfb" "abc", 6);
	canonical("an empty list", "\x90", 1);
	canonical("an empty map", "\x80", 1);
	canonical("a map of lists", "\x82\xa1" "a\x93\1\2\3\xa1" "b\x80", 10);
	char large[70003] = "\xc6\0\1\x11\x70";   /* 70,000 - 2 */
	canonical("a bin of 69,998 bytes", (large[4] = 0x6e, large), 5 + 69998);
	char list[3 + 4096] = "\xdc\x10";
	canonical("a list of 4,096", list, sizeof list);
	canonical("8 lists in each other", "\x91\x91\x91\x91\x91\x91\x91\x90", 8);
}

static void hostile(void)
{
	refuse("\xdd\xff\xff\xff\xff", 5, "4294967295 items");
	refuse("\xdf\xff\xff\xff\xff", 5, "4294967295 items");
	refuse("\xdc\x10\x01", 3, "4097 items");
	refuse("\xde\0\x41", 3, "65 items");
	refuse("\xc6\xff\xff\xff\xff", 5, "--max-record");
	refuse("\xdb\xff\xff\xff\xff", 5, "a string of 4294967295 bytes");
	refuse("\xdb\0\x10\0\1", 5, "a string of 1048577 bytes");
	refuse("\xc9\xff\xff\xff\xff\1", 6, "--max-record");
	refuse("\x91\x91\x91\x91\x91\x91\x91\x91\x90", 9, "nested");
	refuse("\xc1", 1, "0xc1");
	/* 64 lists of 4,096 items would be a small input for a large tree, but each item is a byte that must be there */
	refuse("\x93\xdc\x10\0\xdc\x10\0", 7, "ends within");
	static const char whole[] = "\x84\xa2id\xa1" "a\xa1x\xc4\x03" "abc\xa1t\xcb\x3f\xf8\0\0\0\0\0\0\xa1l\x92\1\xcd\1\0";
	struct mfc_error err;
	struct mfc_value v;
	int ok = decode(whole, sizeof whole - 1, 1 << 20, &v, &err) == 1;
	mfc_value_clear(&v);
	for (size_t cut = 1; cut < sizeof whole - 1; cut++)
		ok = ok && decode(whole, cut, 1 << 20, &v, &err) == -1 && strstr(err.message, "ends within");
	check(ok, "cut at every byte: the input ends within a record");
	check(decode("", 0, 1 << 20, &v, &err) == 0, "an empty input is a clean end");
	check(decode(whole, sizeof whole - 1, sizeof whole - 1, &v, &err) == 1, "a record as long as allowed");
	mfc_value_clear(&v);
	check(decode(whole, sizeof whole - 1, sizeof whole - 2, &v, &err) == -1 && strstr(err.message, "--max-record"), "and one byte longer: %s", err.message);
}

/* A length from the wire must not become an allocation: 90 MiB are promised within the bound, five bytes are there. */
static void memory(void)
{
	struct mfc_error err;
	struct mfc_value v;
	struct rusage before, after;
	getrusage(RUSAGE_SELF, &before);
	int got = decode("\xc6\x05\xa0\0\0", 5, 100u << 20, &v, &err);
	getrusage(RUSAGE_SELF, &after);
	check(got == -1 && after.ru_maxrss - before.ru_maxrss < 8 << 10, "94 MB promised and not there cost %ld KiB", after.ru_maxrss - before.ru_maxrss);
}

/* Values that come in pieces, from a pipe, one byte at a time; and offsets. */
static void pieces(void)
{
	static const char bytes[] = "\x93\1\2\3\xc4\3" "abc\x81\xa1k\xc3";
	struct mfc_error err;
	struct mfc_decoder d;
	struct mfc_value v;
	int fd[2];
	if (pipe(fd))
		return;
	pid_t child = fork();
	if (child == 0) {
		close(fd[0]);
		for (size_t i = 0; i < sizeof bytes - 1; i++)
			if (write(fd[1], bytes + i, 1) != 1)
				_exit(1);
		_exit(0);
	}
	close(fd[1]);
	FILE *in = fdopen(fd[0], "rb");
	mfc_decoder_init(&d, in, 1 << 20);
	const uint64_t offset[] = { 0, 4, 9, 13 };
	int ok = 1;
	for (int i = 0; i < 3; i++) {
		ok = ok && d.offset == offset[i] && mfc_decoder_next(&d, &v, &err) == 1;
		mfc_value_clear(&v);
	}
	check(ok && d.offset == offset[3] && mfc_decoder_next(&d, &v, &err) == 0, "three values byte by byte, each with its offset");
	mfc_decoder_clear(&d);
	fclose(in);
}

/* Bytes of a valid value changed at random: an error or a value, never a crash; with the sanitizers, never a leak. */
static void mutations(void)
{
	static const char whole[] = "\x85\xa2id\xa1" "a\xa1x\x83\xa5shape\x92\2\1\xa5" "dtype\xa3<f4\xa4" "data\xc4\x08" "abcdefgh\xa1t\xcb\x3f\xf8\0\0\0\0\0\0\xa1l\x92\1\xcd\1\0\xa1" "e\xd6\1abcd";
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_TEST, 0, 0);
	struct mfc_error err;
	size_t values = 0, errors = 0;
	for (int round = 0; round < 3000; round++) {
		char bytes[sizeof whole - 1];
		struct mfc_value v = mfc_value_nil();
		memcpy(bytes, whole, sizeof bytes);
		for (uint64_t i = 0, n = 1 + mfc_rng_below(&rng, 4); i < n; i++)
			bytes[mfc_rng_below(&rng, sizeof bytes)] = (char)mfc_rng_bits(&rng);
		err.message[0] = 0;
		int got = decode(bytes, sizeof bytes, 1 << 20, &v, &err);
		values += got == 1;
		errors += got == -1 && err.message[0] && v.type == MFC_NIL;
		mfc_value_clear(&v);
	}
	check(values + errors == 3000 && values > 100 && errors > 100, "3,000 mutations: %zu values, %zu errors", values, errors);
}

int main(void)
{
	types();
	hostile();
	memory();
	pieces();
	mutations();
	return done();
}
