#include "load/layout.h"

#include "rng.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_number(const void *key, const void *row)
{
	return strcmp(key, *(const char *const *)row);
}

const char *mfc_layout_synset(const char *synset)
{
	static const char *const table[][2] = {   /* sorted */
		{ "02691156", "airplane" }, { "02747177", "can" }, { "02773838", "bag" }, { "02801938", "basket" }, { "02808440", "bathtub" },
		{ "02818832", "bed" }, { "02828884", "bench" }, { "02834778", "bicycle" }, { "02843684", "birdhouse" }, { "02858304", "boat" },
		{ "02871439", "bookshelf" }, { "02876657", "bottle" }, { "02880940", "bowl" }, { "02924116", "bus" }, { "02933112", "cabinet" },
		{ "02942699", "camera" }, { "02946921", "tin_can" }, { "02954340", "cap" }, { "02958343", "car" }, { "02992529", "cellphone" },
		{ "03001627", "chair" }, { "03046257", "clock" }, { "03085013", "keyboard" }, { "03207941", "dishwasher" }, { "03211117", "monitor" },
		{ "03261776", "earphone" }, { "03325088", "faucet" }, { "03337140", "file" }, { "03467517", "guitar" }, { "03513137", "helmet" },
		{ "03593526", "jar" }, { "03624134", "knife" }, { "03636649", "lamp" }, { "03642806", "laptop" }, { "03691459", "speaker" },
		{ "03710193", "mailbox" }, { "03759954", "microphone" }, { "03761084", "microwave" }, { "03790512", "motorcycle" }, { "03797390", "mug" },
		{ "03928116", "piano" }, { "03938244", "pillow" }, { "03948459", "pistol" }, { "03991062", "pot" }, { "04004475", "printer" },
		{ "04074963", "remote_control" }, { "04090263", "rifle" }, { "04099429", "rocket" }, { "04225987", "skateboard" }, { "04256520", "sofa" },
		{ "04330267", "stove" }, { "04379243", "table" }, { "04401088", "telephone" }, { "04460130", "tower" }, { "04468005", "train" },
		{ "04530566", "vessel" }, { "04554684", "washer" }
	};
	const char *const (*row)[2] = bsearch(synset, table, sizeof table / sizeof *table, sizeof *table, by_number);
	return row ? (*row)[1] : NULL;
}

#define PARTS 4   /* the last parts of a path, from the file's name upwards */

struct part { const char *text; size_t length; };
struct parts { struct part at[PARTS]; size_t count; };   /* at[0] without its extension; those that are not there are empty */

static const struct part nothing = { "", 0 };

static bool is(struct part p, const char *text)
{
	return strlen(text) == p.length && memcmp(p.text, text, p.length) == 0;
}

/* How many digits p has from there on. */
static size_t digits(struct part p, size_t from)
{
	size_t n = from;
	while (n < p.length && isdigit((unsigned char)p.text[n]))
		n++;
	return n - from;
}

static bool is_split(struct part p)
{
	return is(p, "train") || is(p, "val") || is(p, "test");
}

static const char *synset_name(struct part p)
{
	char number[9];
	if (p.length != 8 || digits(p, 0) != 8)
		return NULL;
	memcpy(number, p.text, 8);
	number[8] = 0;
	return mfc_layout_synset(number);
}

static size_t without_extension(const char *text, size_t length)
{
	for (size_t n = length; n > 1; n--)
		if (text[n - 1] == '.')
			return n - 1;
	return length;
}

static struct parts split_path(const char *path)
{
	struct parts p = { { nothing, nothing, nothing, nothing }, 0 };
	const char *end = path + strlen(path);
	while (end > path && p.count < PARTS) {
		const char *start = end;
		while (start > path && start[-1] != '/')
			start--;
		struct part here = { start, (size_t)(end - start) };
		if (here.length > 0 && !is(here, "."))
			p.at[p.count++] = here;
		end = start > path ? start - 1 : path;
	}
	p.at[0].length = without_extension(p.at[0].text, p.at[0].length);
	return p;
}

/* Copy text into out; what is too long gives way to a hash and its end, from the first / within or else the first whole character of UTF-8. */
static size_t put(char *out, size_t room, const char *text, size_t length)
{
	if (length < room) {
		memcpy(out, text, length);
		out[length] = 0;
		return length;
	}
	const char *end = text + length, *tail = end - (room - 18), *slash = memchr(tail, '/', room - 18);
	if (slash)
		tail = slash;
	while (!slash && tail < end && ((unsigned char)*tail & 0xc0) == 0x80)
		tail++;
	int n = snprintf(out, room, "~%016" PRIx64, mfc_rng_hash(text, length));
	memcpy(out + n, tail, (size_t)(end - tail));
	out[n + (end - tail)] = 0;
	return (size_t)(n + (end - tail));
}

/* The id of the parts from that folder down to the file, without those between that are not to be named. */
static void set_id(struct mfc_layout *l, const struct parts *p, size_t folder, size_t skipped)
{
	size_t n = 0;
	for (size_t i = folder + 1; i-- > 0; ) {
		if (i < folder && i >= folder - skipped)
			continue;
		if (n)
			l->id[n++] = '/';
		n += put(l->id + n, sizeof l->label, p->at[i].text, p->at[i].length);
	}
}

static void set_label(struct mfc_layout *l, struct part folder)
{
	const char *name = synset_name(folder);
	put(l->label, sizeof l->label, name ? name : folder.text, name ? strlen(name) : folder.length);
}

/* ShapeNetCore v1 and v2: the model is the folder. */
static bool named_by_folder(struct mfc_layout *l, struct parts p)
{
	size_t model = is(p.at[1], "models") ? 2 : 1;
	if (p.count <= model || (!is(p.at[0], "model") && !is(p.at[0], "model_normalized")))
		return false;
	bool category = p.count > model + 1;
	p.at[0] = p.at[model];
	p.at[1] = category ? p.at[model + 1] : nothing;
	set_id(l, &p, category, 0);
	set_label(l, p.at[1]);
	return true;
}

/* CATEGORY/SPLIT/NAME and SPLIT/NAME. */
static bool within_split(struct mfc_layout *l, const struct parts *p)
{
	if (p->count < 2 || !is_split(p->at[1]))
		return false;
	bool category = p->count > 2, number = p->at[0].length < 10 && digits(p->at[0], 0) == p->at[0].length;
	put(l->split, sizeof l->split, p->at[1].text, p->at[1].length);
	set_label(l, p->at[2]);
	if (category)
		set_id(l, p, 2, number ? 0 : 1);
	else
		set_id(l, p, number ? 1 : 0, 0);
	return true;
}

static bool below_synset(struct mfc_layout *l, const struct parts *p)
{
	for (size_t i = 1; i < p->count; i++)
		if (synset_name(p->at[i])) {
			set_id(l, p, i, i == 2 && is(p->at[1], "points"));
			set_label(l, p->at[i]);
			return true;
		}
	return false;
}

/* The organ in a name of MedShapeNet's without its extension, or nothing. */
static struct part organ(struct part name)
{
	static const char suffix[] = ".nii.g_";
	bool total = name.length > 0 && name.text[0] == 's';
	size_t begin = total ? 5 : 6, end = name.length;
	if (digits(name, total) != begin - total || end < begin + 2 || name.text[begin] != '_' || !isalpha((unsigned char)name.text[begin + 1]))
		return nothing;
	begin++;
	if (total) {
		const char *at = memmem(name.text + begin, end - begin, suffix, sizeof suffix - 1);
		if (!at)
			return nothing;
		end = (size_t)(at - name.text);
	}
	return (struct part){ name.text + begin, end - begin };
}

static bool is_category_member(const struct parts *p)
{
	size_t n = p->at[1].length;
	struct part name = p->at[0];
	return p->count > 1 && name.length > n + 1 && memcmp(name.text, p->at[1].text, n) == 0 && name.text[n] == '_' &&
	    digits(name, n + 1) == name.length - n - 1;
}

bool mfc_layout_numbered(const char *path)
{
	struct parts p = split_path(path);
	return is_category_member(&p);
}

struct mfc_layout mfc_layout_of(const char *path)
{
	struct mfc_layout l = { .id = "", .label = "", .split = "" };
	struct parts p = split_path(path);
	if (named_by_folder(&l, p) || within_split(&l, &p) || below_synset(&l, &p))
		return l;
	bool stl = p.count && strcasecmp(p.at[0].text + p.at[0].length, ".stl") == 0;
	bool flat = p.count < 2 || (p.at[1].length >= 11 && strncasecmp(p.at[1].text, "MedShapeNet", 11) == 0);
	struct part in_name = stl ? organ(p.at[0]) : nothing;
	/* A folder may sort organs into classes, "rib" for rib_left_2; one of another name says nothing where the file's is certain. */
	if (!flat && !(in_name.length && memmem(p.at[0].text, p.at[0].length, ".nii.g_", 7) &&
	    !memmem(in_name.text, in_name.length, p.at[1].text, p.at[1].length)))
		in_name = nothing;
	if (is_category_member(&p)) {
		set_id(&l, &p, 1, 0);
	} else if (is(p.at[1], "models") && (p.count == 2 || is(p.at[2], "models-OBJ"))) {
		set_id(&l, &p, 0, 0);
	} else if (p.count) {
		while (path[0] == '/' || (path[0] == '.' && path[1] == '/'))
			path++;
		put(l.id, sizeof l.id, path, (size_t)(p.at[0].text + p.at[0].length - path));
	}
	if (!is(p.at[1], "models"))
		set_label(&l, in_name.length ? in_name : p.at[1]);
	return l;
}
