/* mfc-stream(5): a value and a cloud that were read can be written, and what is written reads back as the same bytes. */
#include "fuzz.h"
#include "stream/stream.h"

#include <math.h>

#define MAX_RECORD 65536

static FILE *nothing(void)
{
	static FILE *f;
	if (!f)
		f = fopen("/dev/null", "rb");
	REQUIRE(f);
	return f;
}

/* Bytes in memory, behind one FILE for all inputs: to make one takes longer than all the rest. */
struct memory { FILE *out; char *bytes; size_t size; };

static void encode(struct memory *m, const struct mfc_value *v)
{
	if (!m->out)
		m->out = open_memstream(&m->bytes, &m->size);
	REQUIRE(m->out);
	rewind(m->out);
	REQUIRE(mfc_encode(m->out, v, NULL, NULL) == 0 && fflush(m->out) == 0);
}

/* A decoder's buffer is large beside the inputs: one serves them all. */
static void restart(struct mfc_decoder *d, const char *data, size_t size)
{
	if (!d->in)
		mfc_decoder_init(d, nothing(), MAX_RECORD);
	d->start = d->end = 0;
	d->offset = 0;
	REQUIRE(mfc_decoder_preload(d, data, size, NULL) == 0);
}

static void require_same_again(const struct mfc_value *v)
{
	static struct mfc_decoder d;
	static struct memory first, second;
	struct mfc_value again;
	encode(&first, v);
	restart(&d, first.bytes, first.size);
	REQUIRE(mfc_decoder_next(&d, &again, NULL) == 1 && d.offset == first.size);
	encode(&second, &again);
	REQUIRE(first.size == second.size && memcmp(first.bytes, second.bytes, first.size) == 0);
	mfc_value_clear(&again);
}

static void values(const char *data, size_t size)
{
	static struct mfc_decoder d;
	struct mfc_value v;
	struct mfc_error err = { 0 };
	int got;
	restart(&d, data, size);
	while ((got = mfc_decoder_next(&d, &v, &err)) == 1) {
		require_same_again(&v);
		mfc_value_clear(&v);
	}
	if (got < 0)
		require_message(&err);
	else
		REQUIRE(d.offset == size);
}

static void require_cloud(const struct mfc_cloud *cloud)
{
	struct mfc_value record;
	REQUIRE(cloud->id && cloud->n > 0 && cloud->dim > 0);
	for (size_t i = 0; i < cloud->n * cloud->dim; i++)
		REQUIRE(isfinite(cloud->x[i]) && (!cloud->eps || isfinite(cloud->eps[i])));
	REQUIRE(isnan(cloud->t) || (cloud->t >= 0 && cloud->t <= 1));
	REQUIRE(mfc_cloud_to_record(cloud, &record, NULL) == 0);
	require_same_again(&record);
	mfc_value_clear(&record);
}

static void clouds(const char *data, size_t size)
{
	struct mfc_reader *r;
	struct mfc_cloud cloud;
	struct mfc_error err = { 0 };
	int event;
	mfc_cloud_init(&cloud);
	REQUIRE(mfc_reader_open(&r, nothing(), "input", MAX_RECORD, &err) == 0 && mfc_reader_preload(r, data, size, &err) == 0);
	while ((event = mfc_reader_next(r, &cloud, &err)) > 0) {
		if (event == MFC_RECORD)
			require_cloud(&cloud);
		else
			REQUIRE(mfc_reader_header(r)->type == MFC_MAP);
	}
	if (event < 0)
		require_message(&err);
	mfc_cloud_clear(&cloud);
	mfc_reader_close(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = exact_copy(data, size);
	values(copy, size);
	clouds(copy, size);
	free(copy);
	return 0;
}
