#include "net/labels.h"

#include <stdio.h>
#include <string.h>

#define SHOWN 8   /* names that an error lists */

static size_t rows(const struct mfc_value *header)
{
	size_t n = 0;
	mfc_value_as_size(mfc_value_get(mfc_value_get(header, "model"), "labels"), &n);
	return n;
}

static struct mfc_value *names_of(const struct mfc_value *header)
{
	return mfc_value_get(mfc_value_get(header, "labels"), "names");
}

static const char *key_of(const struct mfc_value *header)
{
	return mfc_value_as_string(mfc_value_get(mfc_value_get(header, "labels"), "key"));
}

static bool is_free(const char *key)
{
	static const char *const taken[] = { "", "kind", "id", "x", "eps", "t", "s", "level", "center", "scale" };
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (strcmp(key, taken[i]) == 0)
			return false;
	return true;
}

int mfc_labels_begin(struct mfc_value *header, const char *key, struct mfc_error *err)
{
	struct mfc_value map = mfc_value_map();
	if (!is_free(key))
		return mfc_error_set(err, "\"%s\" cannot be the key of labels: it is another thing's", key);
	if (mfc_value_put(&map, "key", mfc_value_str(key), err) || mfc_value_put(&map, "names", mfc_value_list(), err)) {
		mfc_value_clear(&map);
		return -1;
	}
	return mfc_value_put(header, "labels", map, err);
}

/* The place of a name among the first `count`; count where it is not there. */
static size_t place(const struct mfc_value *names, size_t count, const char *name)
{
	size_t i = 0;
	while (i < count && strcmp(names->items[i].bytes, name) != 0)
		i++;
	return i;
}

int mfc_labels_check(const struct mfc_value *header, struct mfc_error *err)
{
	const char *key = key_of(header);
	const struct mfc_value *names = names_of(header);
	if (!key || !is_free(key) || !names || names->type != MFC_LIST)
		return mfc_error_set(err, "the header's labels are not a key and a list of names");
	if (names->size > rows(header))
		return mfc_error_set(err, "the header's labels are %zu names for %zu rows", names->size, rows(header));
	for (size_t i = 0; i < names->size; i++) {
		const char *name = mfc_value_as_string(&names->items[i]);
		if (!name || !*name || strlen(name) > MFC_LABEL_BYTES)
			return mfc_error_set(err, "the header's label %zu is not a string of 1 to %d bytes", i, MFC_LABEL_BYTES);
		if (place(names, i, name) < i)
			return mfc_error_set(err, "the header's labels hold \"%s\" twice", name);
	}
	return 0;
}

int mfc_labels_find(const struct mfc_value *header, const char *name, size_t *row, struct mfc_error *err)
{
	const struct mfc_value *names = names_of(header);
	*row = name ? place(names, names->size, name) : rows(header);
	if (!name || *row < names->size)
		return 0;
	char known[160] = "";
	size_t used = 0, i = 0;
	for (; i < names->size && i < SHOWN && used + names->items[i].size + 3 < sizeof known; i++)
		used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", names->items[i].bytes);
	return mfc_error_set(err, "label \"%.100s\" is not one of the model's %zu: %s%s", name, names->size, known, i < names->size ? ", ..." : "");
}

int mfc_labels_learn(struct mfc_value *header, const char *name, struct mfc_error *err)
{
	struct mfc_value *names = names_of(header);
	if (place(names, names->size, name) < names->size)
		return 0;
	if (strlen(name) > MFC_LABEL_BYTES)
		return mfc_error_set(err, "label \"%.40s...\" is of more than %d bytes", name, MFC_LABEL_BYTES);
	if (names->size == rows(header))
		return mfc_error_set(err, "label \"%.100s\" is one more than the %zu that the model has room for (--max-labels)", name, names->size);
	return mfc_value_push(names, mfc_value_str(name), err);
}

int mfc_labels_get(const struct mfc_value *header, const struct mfc_cloud *cloud, const char **name, struct mfc_error *err)
{
	const char *key = key_of(header);
	const struct mfc_value *other = mfc_value_get(&cloud->extra, key);
	*name = strcmp(key, "label") == 0 ? cloud->label : mfc_value_as_string(other);
	if (other && !*name)
		return mfc_error_set(err, "%s: not a string", key);
	if (*name && !**name)
		*name = NULL;
	return 0;
}

int mfc_labels_set(const struct mfc_value *header, struct mfc_cloud *cloud, const char *name, struct mfc_error *err)
{
	const char *key = key_of(header);
	if (strcmp(key, "label") == 0)
		return mfc_cloud_set_label(cloud, name, err);
	if (!name) {
		mfc_value_drop(&cloud->extra, key);
		return 0;
	}
	return mfc_value_put(&cloud->extra, key, mfc_value_str(name), err);
}
