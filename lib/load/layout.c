#include "load/layout.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *mfc_layout_synset(const char *synset)
{
	static const char *const table[][2] = {
		{ "02691156", "airplane" }, { "02773838", "bag" }, { "02801938", "basket" }, { "02808440", "bathtub" }, { "02818832", "bed" },
		{ "02828884", "bench" }, { "02834778", "bicycle" }, { "02843684", "birdhouse" }, { "02858304", "boat" }, { "02871439", "bookshelf" },
		{ "02876657", "bottle" }, { "02880940", "bowl" }, { "02924116", "bus" }, { "02933112", "cabinet" }, { "02942699", "camera" },
		{ "02946921", "tin_can" }, { "02747177", "can" }, { "02954340", "cap" }, { "02958343", "car" }, { "02992529", "cellphone" },
		{ "03001627", "chair" }, { "03046257", "clock" }, { "03085013", "keyboard" }, { "03207941", "dishwasher" }, { "03211117", "monitor" },
		{ "03261776", "earphone" }, { "03325088", "faucet" }, { "03337140", "file" }, { "03467517", "guitar" }, { "03513137", "helmet" },
		{ "03593526", "jar" }, { "03624134", "knife" }, { "03636649", "lamp" }, { "03642806", "laptop" }, { "03691459", "speaker" },
		{ "03710193", "mailbox" }, { "03759954", "microphone" }, { "03761084", "microwave" }, { "03790512", "motorcycle" }, { "03797390", "mug" },
		{ "03928116", "piano" }, { "03938244", "pillow" }, { "03948459", "pistol" }, { "03991062", "pot" }, { "04004475", "printer" },
		{ "04074963", "remote_control" }, { "04090263", "rifle" }, { "04099429", "rocket" }, { "04225987", "skateboard" }, { "04256520", "sofa" },
		{ "04330267", "stove" }, { "04379243", "table" }, { "04401088", "telephone" }, { "04460130", "tower" }, { "04468005", "train" },
		{ "04530566", "vessel" }, { "04554684", "washer" }
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (strcmp(synset, table[i][0]) == 0)
			return table[i][1];
	return NULL;
}

#define PARTS 4   /* the last parts of a path, from the file's name upwards */

struct parts { char text[PARTS][128]; size_t count; };

static struct parts split_path(const char *path)
{
	struct parts p = { .count = 0 };
	const char *end = path + strlen(path);
	while (end > path && p.count < PARTS) {
		const char *start = end;
		while (start > path && start[-1] != '/')
			start--;
		if (start < end)
			snprintf(p.text[p.count++], sizeof p.text[0], "%.*s", (int)(end - start), start);
		end = start > path ? start - 1 : path;
	}
	return p;
}

static bool is_split(const char *name)
{
	return strcmp(name, "train") == 0 || strcmp(name, "val") == 0 || strcmp(name, "test") == 0;
}

static void cut_extension(char *name)
{
	char *dot = strrchr(name, '.');
	if (dot && dot != name)
		*dot = 0;
}

static void set_label(struct mfc_layout *l, const char *folder)
{
	const char *name = mfc_layout_synset(folder);
	snprintf(l->label, sizeof l->label, "%s", name ? name : folder);
}

struct mfc_layout mfc_layout_of(const char *path)
{
	struct mfc_layout l = { "", "", "" };
	struct parts p = split_path(path);
	char *file = p.text[0];
	if (p.count >= 3)
		cut_extension(file);
	if (p.count >= 4 && strcmp(p.text[1], "models") == 0 && strncmp(file, "model", 5) == 0) {   /* ShapeNetCore v2 */
		snprintf(l.id, sizeof l.id, "%s/%s", p.text[3], p.text[2]);
		set_label(&l, p.text[3]);
	} else if (p.count >= 3 && strcmp(file, "model") == 0) {                                     /* ShapeNetCore v1 */
		snprintf(l.id, sizeof l.id, "%s/%s", p.text[2], p.text[1]);
		set_label(&l, p.text[2]);
	} else if (p.count >= 3 && is_split(p.text[1])) {                                            /* PC15k, ModelNet */
		snprintf(l.id, sizeof l.id, "%s/%s", p.text[2], file);
		snprintf(l.split, sizeof l.split, "%.7s", p.text[1]);
		set_label(&l, p.text[2]);
	} else {
		snprintf(l.id, sizeof l.id, "%s", path);
		char *base = strrchr(l.id, '/');
		cut_extension(base ? base + 1 : l.id);
		if (p.count >= 2)
			set_label(&l, p.text[1]);
	}
	return l;
}
