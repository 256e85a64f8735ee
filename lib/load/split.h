/* Which part of a data set a model belongs to: lists that come with a data set, and a rule for those that come without. The parts are called
 * "train", "val" and "test". */
#ifndef MFC_SPLIT_H
#define MFC_SPLIT_H

#include "error.h"

#include <stddef.h>

/* "train", "val" or "test" for any name of one in use (training, trn; valid, validation, dev; testing, tst; in any case), or NULL. */
const char *mfc_split_name(const char *word);

/* Models and their parts, from any number of lists. */
struct mfc_splits;

/* Add a list: `size` bytes of text, called `name` in messages. *splits is NULL before the first.
 *
 * Without a split it is a table, separated by commas, tabs or semicolons (the first of them in the first line), in which a field may be quoted as
 * in CSV. The first line names the columns: the model is in modelId, model, id, name, path or file (the first of these that there is),
 * its part in split, set, subset or partition, and ShapeNet's synset may be in synsetId or synset. So ShapeNetCore's all.csv is one. A table of two
 * columns may lack that line: it is model, part.
 *
 * With a split it is a list of models, one a line (modelnet40_train.txt) or as a JSON array of strings (shuffled_train_file_list.json of
 * ShapeNet's part annotations): names between commas, brackets and quotes, without the blanks around them.
 *
 * A model is a name or a path, with or without the extension, read as mfc_layout_of would read it; the last two parts of the id count.
 * -1: a line is not as above, a part is none, a model is given two parts (both lines are named), or the list holds no model. After an error
 * splits can only be freed. Takes O(n log n) for n models in all, whatever their names, and memory in proportion to the text. */
int mfc_splits_add(struct mfc_splits **splits, const char *name, const char *split, const char *data, size_t size, struct mfc_error *err);

/* The part of the shape with this id, or NULL where no list names it. An entry with the shape's folder and name goes before one with its name
 * alone; one with another folder is not the shape's. A synset's number, with or without the leading 0, and its name are one folder.
 * An id without a folder is any entry's of that name, if all agree. splits may be NULL. */
const char *mfc_splits_of(const struct mfc_splits *splits, const char *id);

void mfc_splits_free(struct mfc_splits *splits);

/* A part by chance, for data that comes without any: share[0 … 2] of all names are train, val and test (not negative, not all 0; NULL: 0.7, 0.1,
 * 0.2). It depends on the last part of the id alone: a model keeps its part however it is packed and whatever else there is. */
const char *mfc_split_hash(const char *id, const double share[3]);

#endif
