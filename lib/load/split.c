#include "load/split.h"

#include "load/layout.h"
#include "load/mesh.h"
#include "load/text.h"
#include "rng.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES 4096   /* of a model's name or path in a list */
#define KEY_BYTES (sizeof(struct mfc_layout))

static const char *const part_name[] = { "train", "val", "test" };

enum { TRAIN, VAL, TEST, UNCLEAR };

/* The key of a model is "folder/name", or "name" where the list has no folder; "/name" stands for the name in any folder. */
struct entry {
	uint64_t hash;
	size_t key;               /* where in text */
	size_t line;
	unsigned list, part;
};

struct mfc_splits {
	struct entry *entry;      /* sorted by key once a list is in */
	size_t entries, capacity;
	char *text;
	size_t size, room;
	char **list;              /* their names */
	unsigned lists;
};

/* One list while it is read. */
struct source { struct mfc_splits *splits; const char *name; size_t line; };

static int part_of(const char *word)
{
	static const struct { const char *word; int part; } known[] = {
		{ "train", TRAIN }, { "training", TRAIN }, { "trn", TRAIN }, { "val", VAL }, { "valid", VAL }, { "validation", VAL }, { "dev", VAL },
		{ "test", TEST }, { "testing", TEST }, { "tst", TEST }
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcasecmp(word, known[i].word) == 0)
			return known[i].part;
	return -1;
}

const char *mfc_split_name(const char *word)
{
	int part = part_of(word);
	return part < 0 ? NULL : part_name[part];
}

static const char *last_part(const char *id)
{
	const char *slash = strrchr(id, '/');
	return slash ? slash + 1 : id;
}

const char *mfc_split_hash(const char *id, const double share[3])
{
	static const double usual[] = { 0.7, 0.1, 0.2 };
	const double *s = share ? share : usual;
	const char *name = last_part(id);
	double u = (double)(mfc_rng_hash(name, strlen(name)) >> 11) * 0x1p-53 * (s[0] + s[1] + s[2]);
	return part_name[u < s[0] ? TRAIN : u < s[0] + s[1] ? VAL : TEST];
}

/* A folder, or the name of the synset that its digits are: all.csv has 2691156 where the folder is 02691156. */
static const char *folder_name(const char *folder)
{
	char number[9] = "00000000";
	size_t length = strlen(folder);
	if (length > 8 || strspn(folder, "0123456789") != length)
		return folder;
	memcpy(number + 8 - length, folder, length);
	const char *name = mfc_layout_synset(number);
	return name ? name : folder;
}

/* The key of an id, or false where the id is too long to be in a list. */
static bool make_key(char key[KEY_BYTES], const char *id)
{
	const char *name = last_part(id), *folder = name > id ? name - 1 : name;
	char above[KEY_BYTES];
	while (folder > id && folder[-1] != '/')
		folder--;
	size_t length = name > folder ? (size_t)(name - folder) - 1 : 0;
	if (length >= sizeof above)
		return false;
	memcpy(above, folder, length);
	above[length] = 0;
	return (size_t)snprintf(key, KEY_BYTES, "%s%s%s", folder_name(above), length ? "/" : "", name) < KEY_BYTES;
}

static int push(struct mfc_splits *s, struct entry entry, struct mfc_error *err)
{
	if (s->entries == s->capacity) {
		size_t capacity = s->capacity ? 2 * s->capacity : 64;
		struct entry *more = realloc(s->entry, capacity * sizeof *more);
		if (!more)
			return mfc_error_memory(err);
		s->entry = more;
		s->capacity = capacity;
	}
	const char *key = s->text + entry.key;
	entry.hash = mfc_rng_hash(key, strlen(key));
	s->entry[s->entries++] = entry;
	return 0;
}

static int keep_text(struct mfc_splits *s, const char *key, struct mfc_error *err)
{
	size_t length = strlen(key) + 1;
	while (s->room - s->size < length) {
		size_t room = s->room ? 2 * s->room : 4096;
		char *more = realloc(s->text, room);
		if (!more)
			return mfc_error_memory(err);
		s->text = more;
		s->room = room;
	}
	memcpy(s->text + s->size, key, length);
	s->size += length;
	return 0;
}

/* Has a model's name an extension that is no part of it? */
static bool has_extension(const char *path)
{
	char probe[16];
	const char *extension = mfc_mesh_extension(path);
	if (!*extension || snprintf(probe, sizeof probe, "x.%s", extension) >= (int)sizeof probe)
		return false;
	return mfc_mesh_reader_for(probe) || strcasecmp(extension, "txt") == 0 || strcasecmp(extension, "npz") == 0;
}

/* A model as a list names it, in the folder `synset` where it names none itself and synset is not empty. */
static int add_model(const struct source *from, const char *synset, const char *model, size_t length, int part, struct mfc_error *err)
{
	char path[NAME_BYTES + 8], id[KEY_BYTES + 300], key[KEY_BYTES];
	struct mfc_splits *s = from->splits;
	while (length > 0 && (model[length - 1] == '/' || model[length - 1] == '\\'))
		length--;
	if (length > NAME_BYTES)
		return mfc_error_set(err, "%s: line %zu: a name of more than %d bytes", from->name, from->line, NAME_BYTES);
	snprintf(path, sizeof path, "%.*s", (int)length, model);
	for (char *p = path; (p = strchr(p, '\\')); )   /* of Windows, or JSON's \/ */
		*p = '/';
	if (!has_extension(path))
		strcat(path, ".npy");
	struct mfc_layout l = mfc_layout_of(path);
	if (length == 0 || !l.id[0])
		return mfc_error_set(err, "%s: line %zu: no model", from->name, from->line);
	bool named = strchr(l.id, '/');
	snprintf(id, sizeof id, "%s%s%s", named ? "" : synset, named || !*synset ? "" : "/", l.id);
	struct entry entry = { .key = s->size, .line = from->line, .list = s->lists - 1, .part = (unsigned)part };
	if (!make_key(key, id))
		return mfc_error_set(err, "%s: line %zu: a name that is too long", from->name, from->line);
	if (keep_text(s, key, err) || push(s, entry, err))
		return -1;
	const char *slash = strchr(key, '/');
	entry.key += slash ? (size_t)(slash - key) : 0;
	return slash ? push(s, entry, err) : 0;
}

static int by_key(const void *a, const void *b, void *text)
{
	const struct entry *x = a, *y = b;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	int order = strcmp((char *)text + x->key, (char *)text + y->key);
	if (order == 0)
		order = (x->list > y->list) - (x->list < y->list);
	return order ? order : (x->line > y->line) - (x->line < y->line);
}

/* Sort, and leave one entry of each key. */
static int settle(struct mfc_splits *s, struct mfc_error *err)
{
	size_t n = 0;
	qsort_r(s->entry, s->entries, sizeof *s->entry, by_key, s->text);
	for (size_t i = 0; i < s->entries; i++) {
		struct entry *e = &s->entry[i], *first = n ? &s->entry[n - 1] : NULL;
		const char *key = s->text + e->key;
		if (!first || first->hash != e->hash || strcmp(s->text + first->key, key) != 0)
			s->entry[n++] = *e;
		else if (first->part != e->part && *key == '/')
			first->part = UNCLEAR;
		else if (first->part != e->part)
			return mfc_error_set(err, "%s: line %zu: %.200s is %s, but %s in line %zu of %s", s->list[e->list], e->line, key,
			    part_name[e->part], part_name[first->part], first->line, s->list[first->list]);
	}
	s->entries = n;
	return 0;
}

/* The next field of a line from *p into out (cut there); *p is then what follows the separator, or NULL. Its length, or -1: a quote is not closed. */
static long next_field(const char **p, const char *stop, char separator, char *out, size_t room)
{
	const char *at = *p;
	size_t length = 0, quoted = 0;   /* quoted: the bytes up to the closing quote, whose blanks stay */
	while (at < stop && (*at == ' ' || (*at == '\t' && separator != '\t')))
		at++;
	bool quotes = at < stop && *at == '"';
	for (at += quotes; at < stop && (quotes || *at != separator); at++) {
		if (quotes && *at == '"' && (at + 1 == stop || at[1] != '"')) {
			quotes = false;
			quoted = length;
			continue;
		}
		at += quotes && *at == '"';
		if (length < room - 1)
			out[length] = *at;
		length++;
	}
	if (quotes)
		return -1;
	size_t end = length < room ? length : room - 1;
	while (end > quoted && end == length && (out[end - 1] == ' ' || out[end - 1] == '\t'))
		length = --end;
	out[end] = 0;
	*p = at < stop ? at + 1 : NULL;
	return (long)length;
}

#define NONE SIZE_MAX

struct columns { size_t model, synset, part, count; char separator; };

/* The place of a word among those of a list, or NONE. */
static size_t rank(const char *word, const char *const *list)
{
	for (size_t i = 0; list[i]; i++)
		if (strcasecmp(word, list[i]) == 0)
			return i;
	return NONE;
}

/* Columns by their names; those that are not there are NONE. -1: a quote is not closed. */
static int find_columns(const struct mfc_text *t, struct columns *c)
{
	static const char *const wanted[3][7] = {
		{ "modelId", "model", "id", "name", "path", "file" }, { "synsetId", "synset" }, { "split", "set", "subset", "partition" }
	};
	size_t best[3] = { NONE, NONE, NONE }, found[3] = { NONE, NONE, NONE };
	const char *separator = t->line, *p = t->line;
	char field[64];
	while (separator < t->stop && !strchr(",;\t", *separator))
		separator++;
	c->separator = separator < t->stop ? *separator : ',';
	for (c->count = 0; p; c->count++) {
		if (next_field(&p, t->stop, c->separator, field, sizeof field) < 0)
			return -1;
		for (size_t k = 0; k < 3; k++) {
			size_t r = rank(field, wanted[k]);
			if (r < best[k]) {
				best[k] = r;
				found[k] = c->count;
			}
		}
	}
	c->model = found[0];
	c->synset = found[1];
	c->part = found[2];
	return 0;
}

static int add_row(const struct source *from, const struct mfc_text *t, const struct columns *c, struct mfc_error *err)
{
	char model[NAME_BYTES + 2] = "", synset[256] = "", word[32] = "", other[1];
	const char *p = t->line;
	size_t column = 0, length = 0;
	for (; p; column++) {
		bool is_model = column == c->model, is_synset = column == c->synset, is_part = column == c->part;
		char *out = is_model ? model : is_synset ? synset : is_part ? word : other;
		size_t room = is_model ? sizeof model : is_synset ? sizeof synset : is_part ? sizeof word : sizeof other;
		long n = next_field(&p, t->stop, c->separator, out, room);
		if (n < 0)
			return mfc_error_set(err, "%s: line %zu: a quote without its end", from->name, from->line);
		if (is_model)
			length = (size_t)n;
	}
	size_t needed = c->model > c->part ? c->model : c->part;
	if (column <= needed)
		return mfc_error_set(err, "%s: line %zu: %zu columns, less than %zu", from->name, from->line, column, needed + 1);
	int part = part_of(word);
	if (part < 0)
		return mfc_error_set(err, "%s: line %zu: \"%s\" is none of train, val and test", from->name, from->line, word);
	return add_model(from, synset, model, length, part, err);
}

static int add_table(struct source *from, struct mfc_text *t, struct mfc_error *err)
{
	struct columns c = { .count = 0 };
	while (mfc_text_line(t)) {
		from->line = t->number;
		if (mfc_text_blank(t, t->line) == t->stop)
			continue;
		if (memchr(t->line, 0, (size_t)(t->stop - t->line)))
			return mfc_error_set(err, "%s: line %zu: a zero byte", from->name, from->line);
		if (c.count == 0) {
			if (find_columns(t, &c))
				return mfc_error_set(err, "%s: line %zu: a quote without its end", from->name, from->line);
			if (c.model != NONE && c.part != NONE)
				continue;
			if (c.count != 2)
				return mfc_error_set(err, "%s: line %zu: neither the names of the columns nor a model and its split", from->name, from->line);
			c = (struct columns){ 0, NONE, 1, 2, c.separator };
		}
		if (add_row(from, t, &c, err))
			return -1;
	}
	return 0;
}

/* Names between commas, brackets and quotes; blanks are part of a name, but not around it. */
static int add_tokens(const struct source *from, const struct mfc_text *t, int part, struct mfc_error *err)
{
	static const char between[] = " \t\r,[]", behind[] = ",[]";
	for (const char *p = t->line; p < t->stop; ) {
		if (*p == 0 || *p == '{')
			return mfc_error_set(err, "%s: line %zu: no list of models", from->name, from->line);
		if (strchr(between, *p)) {
			p++;
			continue;
		}
		bool quoted = *p == '"' || *p == '\'';
		const char *start = p + quoted, *end = quoted ? memchr(start, *p, (size_t)(t->stop - start)) : start;
		while (!quoted && end < t->stop && *end != '"' && !(*end && strchr(behind, *end)))
			end++;
		while (!quoted && end > start && strchr(between, end[-1]) && end[-1])
			end--;
		if (!end)
			return mfc_error_set(err, "%s: line %zu: a quote without its end", from->name, from->line);
		if (memchr(start, 0, (size_t)(end - start)))
			return mfc_error_set(err, "%s: line %zu: a zero byte", from->name, from->line);
		if (add_model(from, "", start, (size_t)(end - start), part, err))
			return -1;
		p = end + quoted;
	}
	return 0;
}

static int begin_list(struct mfc_splits *s, const char *name, struct mfc_error *err)
{
	char **more = realloc(s->list, (s->lists + 1) * sizeof *more);
	if (!more)
		return mfc_error_memory(err);
	s->list = more;
	char *copy = strdup(name);
	if (!copy)
		return mfc_error_memory(err);
	s->list[s->lists++] = copy;
	return 0;
}

int mfc_splits_add(struct mfc_splits **splits, const char *name, const char *split, const char *data, size_t size, struct mfc_error *err)
{
	int part = split ? part_of(split) : -1, status = 0;
	bool marked = size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0;
	struct mfc_text t = mfc_text_begin(data + 3 * marked, size - 3 * marked);
	if (split && part < 0)
		return mfc_error_set(err, "%s: \"%s\" is none of train, val and test", name, split);
	if (!*splits && !(*splits = calloc(1, sizeof **splits)))
		return mfc_error_memory(err);
	struct source from = { .splits = *splits, .name = name };
	size_t before = (*splits)->size;
	if (begin_list(*splits, name, err))
		return -1;
	if (!split)
		status = add_table(&from, &t, err);
	while (split && status == 0 && mfc_text_line(&t)) {
		from.line = t.number;
		status = add_tokens(&from, &t, part, err);
	}
	if (status == 0 && (*splits)->size == before)
		return mfc_error_set(err, "%s: names no model", name);
	return status ? -1 : settle(*splits, err);
}

/* The part of a key, UNCLEAR where it is not there. */
static unsigned find(const struct mfc_splits *s, const char *key)
{
	uint64_t hash = mfc_rng_hash(key, strlen(key));
	size_t low = 0, high = s->entries;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct entry *e = &s->entry[middle];
		int order = e->hash != hash ? (e->hash < hash ? -1 : 1) : strcmp(s->text + e->key, key);
		if (order == 0)
			return e->part;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return UNCLEAR;
}

const char *mfc_splits_of(const struct mfc_splits *splits, const char *id)
{
	char key[KEY_BYTES], any[KEY_BYTES + 1];
	if (!splits || !make_key(key, id))
		return NULL;
	unsigned part = find(splits, key);
	const char *slash = strchr(key, '/');
	snprintf(any, sizeof any, "/%s", key);
	if (part == UNCLEAR)
		part = find(splits, slash ? slash + 1 : any);
	return part == UNCLEAR ? NULL : part_name[part];
}

void mfc_splits_free(struct mfc_splits *splits)
{
	if (!splits)
		return;
	for (unsigned i = 0; i < splits->lists; i++)
		free(splits->list[i]);
	free(splits->list);
	free(splits->entry);
	free(splits->text);
	free(splits);
}
