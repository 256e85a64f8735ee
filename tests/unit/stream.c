/* Streams written and read: segments, counts, ids, unknown keys, what is wrong with the rest. (tests/contract.bats has the messages.) */
#include "bytes.h"
#include "check.h"
#include "rng.h"
#include "stream/history.h"
#include "stream/stream.h"

#include <math.h>
#include <string.h>

/* A stream of one segment with clouds of the given ids, of 3 particles in dim 2. */
static char *write_stream(const char *const *id, size_t count, int end, size_t *size)
{
	struct mfc_error err;
	struct mfc_writer w;
	struct mfc_cloud c;
	struct mfc_value header = mfc_value_map();
	char *bytes = NULL;
	FILE *out = open_memstream(&bytes, size);
	mfc_value_put(&header, "kind", mfc_value_str("nonsense"), &err);
	mfc_value_put(&header, "colour", mfc_value_str("red"), &err);
	mfc_value_put(&header, "dim", mfc_value_uint(2), &err);
	mfc_writer_init(&w, out, "memory");
	int ok = mfc_writer_header(&w, &header, &err) == 0;
	mfc_cloud_init(&c);
	for (size_t i = 0; i < count; i++) {
		mfc_cloud_set_id(&c, id[i], &err);
		mfc_cloud_resize(&c, 3, 2, &err);
		c.x[5] = (float)i;
		ok = ok && mfc_writer_cloud(&w, &c, &err) == 0;
	}
	ok = ok && w.count == count && w.open && (!end || mfc_writer_end(&w, &err) == 0) && w.open == !end;
	mfc_cloud_clear(&c);
	mfc_value_clear(&header);
	if (fclose(out) || !ok)
		check(0, "writing: %s", err.message);
	return bytes;
}

/* Read all: events as letters (H, R, .), or ! for an error. */
static const char *read_all(const char *bytes, size_t size, uint64_t *key, struct mfc_error *err)
{
	static char events[64];
	struct mfc_reader *r;
	struct mfc_cloud c;
	FILE *in = input_of(bytes, size);
	size_t n = 0;
	int event;
	mfc_cloud_init(&c);
	mfc_reader_open(&r, in, "input", 1 << 20, err);
	while ((event = mfc_reader_next(r, &c, err)) > 0 && n < 60) {
		if (event == MFC_RECORD && key)
			*key++ = c.key;
		events[n++] = event == MFC_HEADER ? 'H' : 'R';
	}
	events[n++] = event < 0 ? '!' : '.';
	events[n] = 0;
	mfc_cloud_clear(&c);
	mfc_reader_close(r);
	fclose(in);
	return events;
}

static void whole(void)
{
	static const char *const id[] = { "a", "b", "a" };
	struct mfc_error err = { 0 };
	size_t size;
	uint64_t key[6];
	char *bytes = write_stream(id, 3, 1, &size);
	check(strcmp(read_all(bytes, size, key, &err), "HRRR.") == 0, "a segment of three clouds %s", err.message);
	check(key[0] == mfc_cloud_key("a", 0) && key[1] == mfc_cloud_key("b", 0) && key[2] == mfc_cloud_key("a", 1), "whose keys count each id");
	check(memcmp(bytes + 1, "\xa3mfc\1\xa4kind\xa6header", 17) == 0, "mfc and kind stand first whatever the header held");

	char *two = malloc(2 * size);
	memcpy(two, bytes, size);
	memcpy(two + size, bytes, size);
	check(strcmp(read_all(two, 2 * size, key, &err), "HRRRHRRR.") == 0, "joined streams are a stream");
	check(key[3] == mfc_cloud_key("a", 2) && key[4] == mfc_cloud_key("b", 1), "whose ids go on being counted");
	free(two);

	int ok = 1;
	for (size_t cut = 0; cut < size; cut++) {
		const char *events = read_all(bytes, cut, NULL, &err);
		ok = ok && events[strlen(events) - 1] == '!' && strncmp(err.message, "input: ", 7) == 0;
	}
	check(ok, "cut at every byte, it is an error that names the input");

	struct mfc_rng rng = mfc_rng_make(2, MFC_RNG_TEST, 0, 0);
	size_t good = 0;
	for (int round = 0; round < 2000; round++) {
		char *bad = malloc(size);
		memcpy(bad, bytes, size);
		bad[mfc_rng_below(&rng, size)] = (char)mfc_rng_bits(&rng);
		bad[mfc_rng_below(&rng, size)] ^= (char)(1 << mfc_rng_below(&rng, 8));
		err.message[0] = 0;
		const char *events = read_all(bad, size, NULL, &err);
		int failed = events[strlen(events) - 1] == '!';
		good += !failed;
		ok = ok && failed == (err.message[0] != 0);
		free(bad);
	}
	check(ok && good < 2000, "2,000 mutations: %zu are still streams, the others errors in words", good);
	free(bytes);
}

/* Two inputs, one after the other, are counted as one; a broken first leaves no trace in the second. */
static void inputs(void)
{
	static const char *const id[] = { "a" };
	struct mfc_error err;
	struct mfc_reader *r;
	struct mfc_cloud c;
	size_t size;
	char *bytes = write_stream(id, 1, 1, &size);
	FILE *in = input_of(bytes, size), *next = input_of(bytes, size);
	mfc_cloud_init(&c);
	mfc_reader_open(&r, in, "one", 1 << 20, &err);
	while (mfc_reader_next(r, &c, &err) > 0)
		;
	int ok = mfc_reader_next_input(r, next, "two", &err) == 0 && mfc_reader_next(r, &c, &err) == MFC_HEADER && mfc_reader_next(r, &c, &err) == MFC_RECORD;
	check(ok && c.key == mfc_cloud_key("a", 1), "a second input goes on counting ids");
	check(mfc_reader_next(r, &c, &err) == MFC_END, "and ends by itself");
	fclose(next);
	next = input_of(bytes, size - 3);
	mfc_reader_next_input(r, next, "three", &err);
	int event;
	while ((event = mfc_reader_next(r, &c, &err)) > 0)
		;
	check(event < 0 && strncmp(err.message, "three: byte ", 12) == 0, "bytes are numbered anew: %s", err.message);
	mfc_cloud_clear(&c);
	mfc_reader_close(r);
	fclose(in);
	fclose(next);
	free(bytes);
}

/* Many ids, so that the table of occurrences grows. */
static void many(void)
{
	struct mfc_error err;
	struct mfc_reader *r;
	struct mfc_cloud c;
	char names[3000][8];
	const char *id[3000];
	size_t size;
	for (int i = 0; i < 3000; i++) {
		snprintf(names[i], sizeof names[i], "n%d", i % 1500);
		id[i] = names[i];
	}
	char *bytes = write_stream(id, 3000, 1, &size);
	FILE *in = input_of(bytes, size);
	int ok = 1, n = 0, event;
	mfc_cloud_init(&c);
	mfc_reader_open(&r, in, "input", 1 << 20, &err);
	while ((event = mfc_reader_next(r, &c, &err)) > 0)
		if (event == MFC_RECORD) {
			ok = ok && c.key == mfc_cloud_key(id[n], n >= 1500);
			n++;
		}
	check(event == 0 && n == 3000 && ok, "1,500 ids twice");
	mfc_cloud_clear(&c);
	mfc_reader_close(r);
	fclose(in);
	free(bytes);
}

static void writer(void)
{
	static const char *const id[] = { "a", "b" };
	struct mfc_error err = { 0 };
	size_t size;
	char *bytes = write_stream(id, 2, 0, &size);
	check(strcmp(read_all(bytes, size, NULL, &err), "HRR!") == 0 && strstr(err.message, "cut short: no trailer after record 2"), "no trailer: %s", err.message);
	free(bytes);
	struct mfc_writer w;
	struct mfc_value header = mfc_value_map();
	FILE *full = fopen("/dev/full", "wb");
	if (full) {
		mfc_writer_init(&w, full, "full");
		int bad = mfc_writer_header(&w, &header, &err) || mfc_writer_end(&w, &err);
		check(bad && strstr(err.message, "full: cannot write: No space left"), "a full disk: %s", err.message);
		fclose(full);
	}
}

static void provenance(void)
{
	struct mfc_error err;
	struct mfc_value header = mfc_value_map();
	char *argv[] = { "mfc-x", "--y", NULL };
	uint64_t seed = UINT64_MAX;
	check(mfc_history_count(&header, "mfc-x") == 0, "no history");
	check(mfc_history_append(&header, "mfc-x", "1.0", 2, argv, &seed, &err) == 0 && mfc_history_append(&header, "mfc-z", "1.0", 1, argv, NULL, &err) == 0 &&
	    mfc_history_append(&header, "mfc-x", "1.0", 2, argv, NULL, &err) == 0, "three stages");
	const struct mfc_value *list = mfc_value_get(&header, "history");
	size_t number;
	check(list && list->size == 3 && mfc_history_count(&header, "mfc-x") == 2, "of which two are mfc-x");
	check(mfc_value_as_size(mfc_value_get(&list->items[0], "seed"), &number) && number == SIZE_MAX, "the seed, all 64 bits of it");
	check(!mfc_value_get(&list->items[1], "seed"), "none where nothing is drawn");
	check(mfc_value_get(&list->items[0], "argv")->size == 2, "the arguments");
	mfc_value_clear(&header);
	mfc_value_put(&header, "x", mfc_value_nil(), &err);
	header = mfc_value_map();
	mfc_value_put(&header, "history", mfc_value_str("long ago"), &err);
	check(mfc_history_append(&header, "mfc-x", "1.0", 2, argv, NULL, &err) == 0 && mfc_history_count(&header, "mfc-x") == 1, "a history that is no list is begun anew");
	mfc_value_clear(&header);
}

int main(void)
{
	whole();
	inputs();
	many();
	writer();
	provenance();
	return done();
}
