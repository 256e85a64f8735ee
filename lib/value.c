#include "value.h"

#include <stdlib.h>
#include <string.h>

struct mfc_value mfc_value_nil(void) { return (struct mfc_value){ .type = MFC_NIL }; }
struct mfc_value mfc_value_bool(bool b) { return (struct mfc_value){ .type = MFC_BOOL, .boolean = b }; }
struct mfc_value mfc_value_uint(uint64_t u) { return (struct mfc_value){ .type = MFC_UINT, .natural = u }; }
struct mfc_value mfc_value_real(double r) { return (struct mfc_value){ .type = MFC_FLOAT64, .real = r }; }
struct mfc_value mfc_value_list(void) { return (struct mfc_value){ .type = MFC_LIST }; }
struct mfc_value mfc_value_map(void) { return (struct mfc_value){ .type = MFC_MAP }; }

struct mfc_value mfc_value_int(int64_t i)
{
	if (i >= 0)
		return mfc_value_uint((uint64_t)i);
	return (struct mfc_value){ .type = MFC_INT, .integer = i };
}

static struct mfc_value make_bytes(enum mfc_type type, const void *data, size_t size)
{
	char *bytes = malloc(size + 1);
	if (!bytes)
		return (struct mfc_value){ .type = MFC_LOST };
	if (size)
		memcpy(bytes, data, size);
	bytes[size] = 0;
	return (struct mfc_value){ .type = type, .size = size, .bytes = bytes };
}

struct mfc_value mfc_value_str(const char *s) { return make_bytes(MFC_STR, s, strlen(s)); }
struct mfc_value mfc_value_bin(const void *data, size_t size) { return make_bytes(MFC_BIN, data, size); }

/* Children of a list or map; 0 for a scalar. */
static size_t children(const struct mfc_value *v)
{
	return v->type == MFC_LIST ? v->size : v->type == MFC_MAP ? 2 * v->size : 0;
}

static bool has_bytes(const struct mfc_value *v)
{
	return v->type == MFC_STR || v->type == MFC_BIN || v->type == MFC_EXT;
}

void mfc_value_clear(struct mfc_value *v)
{
	for (size_t i = 0; i < children(v); i++)
		mfc_value_clear(&v->items[i]);
	if (v->type == MFC_LIST || v->type == MFC_MAP)
		free(v->items);
	else if (has_bytes(v))
		free(v->bytes);
	*v = mfc_value_nil();
}

/* Children are kept in a power of two, which follows from their number and need not be stored. */
static size_t capacity(size_t count)
{
	size_t c = 4;
	while (c < count)
		c *= 2;
	return c;
}

size_t mfc_value_bytes(const struct mfc_value *v)
{
	size_t bytes = sizeof *v, items = v->type == MFC_LIST ? v->size : v->type == MFC_MAP ? 2 * v->size : 0;
	if (v->type == MFC_STR || v->type == MFC_BIN || v->type == MFC_EXT)
		bytes += v->size;
	for (size_t i = 0; i < items; i++)
		bytes += mfc_value_bytes(&v->items[i]);
	return bytes;
}

int mfc_value_room(struct mfc_value *v, size_t size, struct mfc_error *err)
{
	v->size = size;
	size_t count = children(v);
	v->items = calloc(capacity(count), sizeof *v->items);
	if (!v->items) {
		*v = mfc_value_nil();
		return mfc_error_memory(err);
	}
	return 0;
}

int mfc_value_copy(struct mfc_value *to, const struct mfc_value *from, struct mfc_error *err)
{
	*to = *from;
	if (has_bytes(from)) {
		*to = make_bytes(from->type, from->bytes, from->size);
		to->ext = from->ext;
		if (to->type != MFC_LOST)
			return 0;
		*to = mfc_value_nil();
		return mfc_error_memory(err);
	}
	size_t count = children(from);
	if (from->type != MFC_LIST && from->type != MFC_MAP)
		return 0;
	if (mfc_value_room(to, from->size, err))
		return -1;
	for (size_t i = 0; i < count; i++)
		if (mfc_value_copy(&to->items[i], &from->items[i], err)) {
			mfc_value_clear(to);   /* the rest is still nil */
			return -1;
		}
	return 0;
}

/* Room for `more` children beyond those there. */
static int grow(struct mfc_value *v, size_t more)
{
	size_t count = children(v), now = capacity(count), wanted = capacity(count + more);
	if (v->items && wanted == now)
		return 0;
	struct mfc_value *items = realloc(v->items, wanted * sizeof *items);
	if (!items)
		return -1;
	v->items = items;
	return 0;
}

int mfc_value_push(struct mfc_value *list, struct mfc_value item, struct mfc_error *err)
{
	if (list->type != MFC_LIST || item.type == MFC_LOST || grow(list, 1)) {
		mfc_value_clear(&item);
		return list->type != MFC_LIST ? mfc_error_set(err, "not a list") : mfc_error_memory(err);
	}
	list->items[list->size++] = item;
	return 0;
}

int mfc_value_put(struct mfc_value *map, const char *key, struct mfc_value item, struct mfc_error *err)
{
	struct mfc_value *old = mfc_value_get(map, key);
	if (item.type == MFC_LOST)
		return mfc_error_memory(err);
	if (old) {
		mfc_value_clear(old);
		*old = item;
		return 0;
	}
	struct mfc_value name = mfc_value_str(key);
	if (map->type != MFC_MAP || name.type == MFC_LOST || grow(map, 2)) {
		mfc_value_clear(&name);
		mfc_value_clear(&item);
		return map->type != MFC_MAP ? mfc_error_set(err, "not a map") : mfc_error_memory(err);
	}
	map->items[2 * map->size] = name;
	map->items[2 * map->size + 1] = item;
	map->size++;
	return 0;
}

bool mfc_value_drop(struct mfc_value *map, const char *key)
{
	struct mfc_value *v = mfc_value_get(map, key);
	if (!v)
		return false;
	size_t i = (size_t)(v - map->items) / 2;
	mfc_value_clear(&map->items[2 * i]);
	mfc_value_clear(&map->items[2 * i + 1]);
	memmove(&map->items[2 * i], &map->items[2 * i + 2], 2 * (map->size - i - 1) * sizeof *map->items);
	map->size--;
	return true;
}

struct mfc_value *mfc_value_get(const struct mfc_value *map, const char *key)
{
	if (!map || map->type != MFC_MAP)
		return NULL;
	size_t length = strlen(key);
	for (size_t i = 0; i < map->size; i++) {
		const struct mfc_value *k = &map->items[2 * i];
		if (k->type == MFC_STR && k->size == length && memcmp(k->bytes, key, length) == 0)
			return &map->items[2 * i + 1];
	}
	return NULL;
}

const char *mfc_value_as_string(const struct mfc_value *v)
{
	return v && v->type == MFC_STR && strlen(v->bytes) == v->size ? v->bytes : NULL;
}

bool mfc_value_as_real(const struct mfc_value *v, double *out)
{
	if (!v)
		return false;
	switch (v->type) {
	case MFC_INT: *out = (double)v->integer; return true;
	case MFC_UINT: *out = (double)v->natural; return true;
	case MFC_FLOAT32:
	case MFC_FLOAT64: *out = v->real; return true;
	default: return false;
	}
}

bool mfc_value_as_size(const struct mfc_value *v, size_t *out)
{
	if (!v)
		return false;
	if (v->type == MFC_UINT) {
		*out = v->natural;
		return true;
	}
	if ((v->type == MFC_FLOAT32 || v->type == MFC_FLOAT64) && v->real >= 0 && v->real < 9e15 && v->real == (double)(size_t)v->real) {
		*out = (size_t)v->real;
		return true;
	}
	return false;
}
