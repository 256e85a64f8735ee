/* Clouds: to a record and back, particles selected, keys of the random numbers. */
#include "check.h"
#include "cloud.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct mfc_cloud make(size_t n, size_t dim)
{
	struct mfc_error err;
	struct mfc_cloud c;
	mfc_cloud_init(&c);
	mfc_cloud_set_id(&c, "a1", &err);
	mfc_cloud_resize(&c, n, dim, &err);
	for (size_t i = 0; i < n * dim; i++)
		c.x[i] = (float)i;
	return c;
}

static void round_trip(void)
{
	struct mfc_error err;
	struct mfc_value record, again;
	struct mfc_cloud c = make(4, 3), back;
	mfc_cloud_set_label(&c, "chair", &err);
	c.eps = calloc(12, sizeof *c.eps);
	c.eps[5] = -1.5f;
	c.t = 0.25;
	c.s = 1.5;
	c.level = 2;
	c.scale = 3;
	c.center = calloc(3, sizeof *c.center);
	c.center[1] = 0.1;
	mfc_value_put(&c.extra, "note", mfc_value_str("kept"), &err);
	check(mfc_cloud_to_record(&c, &record, &err) == 0, "a cloud becomes a record");
	static const char *const order[] = { "id", "label", "x", "eps", "t", "s", "level", "center", "scale", "note" };
	int ordered = record.size == 10;
	for (size_t i = 0; ordered && i < 10; i++)
		ordered = strcmp(record.items[2 * i].bytes, order[i]) == 0;
	check(ordered, "whose keys are in the order of the manual");
	mfc_value_copy(&again, &record, &err);
	mfc_cloud_init(&back);
	check(mfc_cloud_from_record(&back, &again, &err) == 0, "and a cloud again");
	check(strcmp(back.id, "a1") == 0 && strcmp(back.label, "chair") == 0 && back.n == 4 && back.dim == 3, "of the same names and size");
	check(memcmp(back.x, c.x, 48) == 0 && memcmp(back.eps, c.eps, 48) == 0, "the same particles and noise");
	check(back.t == 0.25 && back.s == 1.5 && back.level == 2 && back.scale == 3 && back.center[1] == 0.1, "the same numbers, to the bit");
	check(back.extra.size == 1 && strcmp(mfc_value_as_string(mfc_value_get(&back.extra, "note")), "kept") == 0, "and what nobody knows");
	mfc_value_clear(&again);
	mfc_cloud_clear(&back);
	check(mfc_cloud_copy(&back, &c, &err) == 0 && back.x != c.x && memcmp(back.x, c.x, 48) == 0 && back.center[1] == 0.1, "a copy shares nothing");
	mfc_cloud_clear(&back);
	mfc_cloud_clear(&c);
	mfc_value_clear(&record);

	c = make(1, 1);
	check(mfc_cloud_to_record(&c, &record, &err) == 0 && record.size == 2, "what is absent is not written");
	mfc_value_clear(&record);
	mfc_cloud_clear(&c);
}

/* A good record with one key put in; what the error must say, NULL when it must pass. */
static void with(const char *key, struct mfc_value v, const char *why)
{
	struct mfc_error err = { 0 };
	struct mfc_value record;
	struct mfc_cloud c = make(4, 3), back;
	mfc_cloud_to_record(&c, &record, &err);
	if (v.type == MFC_NIL)
		mfc_value_drop(&record, key);
	else
		mfc_value_put(&record, key, v, &err);
	mfc_cloud_init(&back);
	int status = mfc_cloud_from_record(&back, &record, &err);
	check(why ? status == -1 && strstr(err.message, why) : status == 0, "%s: %s", key, why ? err.message : "passes");
	mfc_cloud_clear(&back);
	mfc_cloud_clear(&c);
	mfc_value_clear(&record);
}

static struct mfc_value array(size_t n, size_t dim, float last)
{
	struct mfc_error err;
	struct mfc_value v;
	size_t shape[2] = { n, dim };
	float x[64] = { 0 };
	x[n * dim - 1] = last;
	mfc_array_make(&v, "<f4", 2, shape, x, &err);
	return v;
}

static void checks(void)
{
	with("id", mfc_value_nil(), "no id");
	with("id", mfc_value_uint(3), "no id");
	with("x", mfc_value_nil(), "no x");
	with("x", mfc_value_str("points"), "x: not an array");
	with("x", array(4, 3, NAN), "particle 3 is not finite");
	with("x", array(4, 3, -INFINITY), "particle 3 is not finite");
	with("eps", array(4, 3, 1), NULL);
	with("eps", array(3, 3, 1), "eps");
	with("eps", array(4, 3, NAN), "eps");
	with("t", mfc_value_real(1), NULL);
	with("t", mfc_value_uint(0), NULL);
	with("t", mfc_value_real(1.0001), "t: ");
	with("t", mfc_value_real(-0.1), "t: ");
	with("t", mfc_value_real(NAN), "t: ");
	with("t", mfc_value_str("1"), "t: ");
	with("s", mfc_value_real(-1), "s: ");
	with("s", mfc_value_real(150), NULL);
	with("s", mfc_value_real(INFINITY), "s: ");
	with("level", mfc_value_real(0.5), "level");
	with("level", mfc_value_int(-1), "level");
	with("label", mfc_value_uint(1), "label");
	with("scale", mfc_value_str("big"), "scale");
	struct mfc_error err;
	struct mfc_value two = mfc_value_list();
	mfc_value_push(&two, mfc_value_real(1), &err);
	mfc_value_push(&two, mfc_value_real(2), &err);
	with("center", two, "center: not of 3");
}

static void select_particles(void)
{
	struct mfc_error err;
	struct mfc_cloud c = make(4, 2);
	struct mfc_value v;
	size_t rows[1] = { 4 }, other[1] = { 3 }, index[6] = { 3, 3, 0, 1, 2, 3 };
	c.eps = calloc(8, sizeof *c.eps);
	for (int i = 0; i < 8; i++)
		c.eps[i] = (float)-i;
	mfc_array_make(&v, "|u1", 1, rows, "abcd", &err);
	mfc_value_put(&c.extra, "letters", v, &err);
	mfc_array_make(&v, "|u1", 1, other, "xyz", &err);
	mfc_value_put(&c.extra, "other", v, &err);
	check(mfc_cloud_select(&c, index, 6, &err) == 0 && c.n == 6, "six of four particles, some twice");
	int ok = 1;
	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < 2; j++)
			ok = ok && c.x[2 * i + j] == (float)(2 * index[i] + j) && c.eps[2 * i + j] == -c.x[2 * i + j];
	check(ok, "x and eps follow");
	struct mfc_array a;
	check(mfc_array_view(mfc_value_get(&c.extra, "letters"), &a) && a.shape[0] == 6 && memcmp(a.data, "ddabcd", 6) == 0, "an array with a row a particle follows");
	check(mfc_array_view(mfc_value_get(&c.extra, "other"), &a) && a.shape[0] == 3 && memcmp(a.data, "xyz", 3) == 0, "one of another length does not");
	mfc_cloud_clear(&c);
	c = make(2, 2);
	check(mfc_cloud_resize(&c, SIZE_MAX / 2, 4, &err) == -1 && c.n == 2 && c.x[3] == 3, "a size that overflows is refused, the cloud unchanged: %s", err.message);
	mfc_cloud_clear(&c);
}

int main(void)
{
	round_trip();
	checks();
	select_particles();
	check(mfc_cloud_key("a", 0) != mfc_cloud_key("b", 0) && mfc_cloud_key("a", 0) != mfc_cloud_key("a", 1), "keys differ by id and by occurrence");
	check(mfc_cloud_key("a", 1) != mfc_cloud_key("b", 1) && mfc_cloud_key("a", 1) != mfc_cloud_key("a", 2), "and by both");
	check(mfc_cloud_key("a", 3) == mfc_cloud_key("a", 3), "and are functions of them");
	return done();
}
