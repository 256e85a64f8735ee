/* Values: trees that own their memory. */
#include "check.h"
#include "value.h"

#include <string.h>

int main(void)
{
	struct mfc_error err;
	struct mfc_value map = mfc_value_map(), copy, list = mfc_value_list();
	double real;
	size_t size;

	/* a map keeps order, replaces in place, drops */
	for (int i = 0; i < 20; i++) {
		char key[8];
		snprintf(key, sizeof key, "k%d", i);
		mfc_value_put(&map, key, mfc_value_uint((uint64_t)i), &err);
	}
	check(map.size == 20, "20 keys");
	check(mfc_value_put(&map, "k3", mfc_value_str("three"), &err) == 0 && map.size == 20, "a key that is there is replaced");
	check(strcmp(mfc_value_as_string(&map.items[7]), "three") == 0, "in its place");
	check(mfc_value_drop(&map, "k0") && map.size == 19 && !mfc_value_get(&map, "k0"), "a key can be dropped");
	check(!mfc_value_drop(&map, "k0"), "once");
	check(strcmp(map.items[0].bytes, "k1") == 0 && strcmp(map.items[36].bytes, "k19") == 0, "the order of the others stays");

	/* a deep copy shares nothing */
	for (int i = 0; i < 9; i++)
		mfc_value_push(&list, mfc_value_real(i / 2.0), &err);
	mfc_value_push(&list, mfc_value_bin("a\0b", 3), &err);
	mfc_value_put(&map, "list", list, &err);
	check(mfc_value_copy(&copy, &map, &err) == 0, "a map can be copied");
	mfc_value_clear(&map);
	check(map.type == MFC_NIL, "a cleared value is nil");
	const struct mfc_value *l = mfc_value_get(&copy, "list");
	check(l && l->size == 10 && l->items[9].size == 3 && memcmp(l->items[9].bytes, "a\0b", 3) == 0, "the copy lives on, zero bytes included");
	check(mfc_value_as_real(&l->items[3], &real) && real == 1.5, "and holds the numbers");
	mfc_value_clear(&copy);

	/* ownership passes also where it fails */
	struct mfc_value number = mfc_value_uint(1);
	check(mfc_value_push(&number, mfc_value_str("x"), &err) == -1, "a number is no list: %s", err.message);
	check(mfc_value_put(&number, "a", mfc_value_str("x"), &err) == -1, "nor a map: %s", err.message);
	check(!mfc_value_get(&number, "a") && !mfc_value_get(NULL, "a"), "get of what is no map is NULL");

	/* a string that there was no memory for became nil, in silence */
	struct mfc_value lost = { .type = MFC_LOST }, items = mfc_value_list(), pairs = mfc_value_map();
	check(mfc_value_push(&items, lost, &err) == -1 && err.scarce && items.size == 0, "a lost value is no item: %s", err.message);
	mfc_value_put(&pairs, "a", mfc_value_uint(1), &err);
	check(mfc_value_put(&pairs, "a", lost, &err) == -1 && err.scarce && mfc_value_as_size(mfc_value_get(&pairs, "a"), &size) && size == 1,
	    "nor does it replace one");
	mfc_value_clear(&items);
	mfc_value_clear(&pairs);

	/* conversions */
	struct mfc_value v = mfc_value_int(-5);
	check(v.type == MFC_INT && mfc_value_as_real(&v, &real) && real == -5 && !mfc_value_as_size(&v, &size), "-5 is a number but not a size");
	v = mfc_value_int(5);
	check(v.type == MFC_UINT && mfc_value_as_size(&v, &size) && size == 5, "numbers from 0 are natural");
	v = mfc_value_real(7.0);
	check(mfc_value_as_size(&v, &size) && size == 7, "7.0 is a size");
	v = mfc_value_real(7.5);
	check(!mfc_value_as_size(&v, &size), "7.5 is none");
	v = mfc_value_real(1e300);
	check(!mfc_value_as_size(&v, &size), "nor is 1e300");
	v = mfc_value_real(0.0 / 0.0);
	check(!mfc_value_as_size(&v, &size), "nor is NaN");
	v = mfc_value_uint(UINT64_MAX);
	check(mfc_value_as_size(&v, &size) && size == SIZE_MAX, "2^64-1 is one");
	v = mfc_value_bool(true);
	check(!mfc_value_as_real(&v, &real) && !mfc_value_as_size(&v, &size), "true is no number");
	check(!mfc_value_as_string(&v) && !mfc_value_as_string(NULL), "nor a string");
	v = mfc_value_bin("a\0b", 3);
	v.type = MFC_STR;
	check(!mfc_value_as_string(&v), "a string with a zero inside is no C string");
	mfc_value_clear(&v);
	return done();
}
