/* Lists of models and their splits, and the split by chance. */
#include "check.h"
#include "load/layout.h"
#include "load/split.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct mfc_error err;

/* Lists of one test, in turn. */
static int add(struct mfc_splits **s, const char *name, const char *split, const char *text)
{
	return mfc_splits_add(s, name, split, text, strlen(text), &err);
}

static void check_of(const struct mfc_splits *s, const char *id, const char *want)
{
	const char *got = mfc_splits_of(s, id);
	check(want ? got && !strcmp(got, want) : !got, "%s is in %s", id, got ? got : "none");
}

static void check_good(const char *what, const char *split, const char *text, const char *id, const char *want)
{
	struct mfc_splits *s = NULL;
	if (check(add(&s, "list", split, text) == 0, "%s is a list", what))
		check_of(s, id, want);
	mfc_splits_free(s);
}

static void check_bad_bytes(const char *what, const char *split, const char *text, size_t size, const char *message)
{
	struct mfc_splits *s = NULL;
	err.message[0] = 0;
	int status = mfc_splits_add(&s, "list", split, text, size, &err);
	check(status == -1 && strstr(err.message, message), "%s is refused: %.200s", what, err.message);
	mfc_splits_free(s);
}

static void check_bad(const char *what, const char *split, const char *text, const char *message)
{
	check_bad_bytes(what, split, text, strlen(text), message);
}

static void all_csv(void)
{
	struct mfc_splits *s = NULL;
	check(mfc_splits_of(NULL, "a") == NULL, "no lists, no split");
	check(add(&s, "all.csv", NULL, "id,synsetId,subSynsetId,modelId,split\r\n000003,04379243,04379243,aa,train\r\n000004,2691156,02691156,bb,val\n"
	    "000005,02691156,02691156,cc,test\n000006,03001627,03001627,cc,train\n000007,03001627,03001627,dd,test\n"
	    "000008,02691156,02691156,dd,test") == 0, "ShapeNetCore's list");
	check_of(s, "04379243/aa", "train");
	check_of(s, "02691156/bb", "val");
	check_of(s, "airplane/bb", "val");
	check_of(s, "ShapeNetCore.v2/02691156/bb", "val");
	check_of(s, "02691156/cc", "test");
	check_of(s, "03001627/cc", "train");
	check_of(s, "cc", NULL);
	check_of(s, "dd", "test");
	check_of(s, "aa", "train");
	check_of(s, "04379243/cc", NULL);
	check_of(s, "04379243/000003", NULL);
	check_of(s, "04379243/aa/x", NULL);
	check_of(s, "", NULL);
	check_of(s, "/", NULL);
	check_of(s, mfc_layout_of("v2/02691156/02691156/bb/models/model_normalized.obj").id, "val");
	check_of(s, mfc_layout_of("aa/model.obj").id, "train");
	mfc_splits_free(s);
}

static void tables(void)
{
	check_good("tabs", NULL, "split\tModel\nTRAINING\tm 1\n", "m 1", "train");
	check_good("semicolons", NULL, "x;set;name\n1;valid;c/m1.obj\n", "c/m1", "val");
	check_good("quotes", NULL, "\"name\",\"subset\"\n\"a, \"\"b\"\"\" , \"trn\"\n", "a, \"b\"", "train");
	check_good("two columns without names", NULL, "\n\nm1,test\nm2,train", "m2", "train");
	check_good("no end of line", NULL, "m1,tst", "m1", "test");
	check_good("a mark of UTF-8", NULL, "\xef\xbb\xbfmodel,split\nm1,dev\n", "m1", "val");
	check_good("the model before the id", NULL, "id,path,modelId,partition\nx,y,m1,test\n", "m1", "test");
	check_good("the id before the path", NULL, "path,id,split\ny,m1,test\n", "m1", "test");
	check_good("the first of two columns of one name", NULL, "model,model,file,split\nm1,m2,m3,test\n", "m1", "test");
	check_good("a path of v2", NULL, "path,split\nShapeNetCore.v2/03001627/m1/models/model_normalized.obj,test\n", "03001627/m1", "test");
	check_good("a path of Windows", NULL, "path,split\nD:\\x\\03001627\\m1\\model.obj,test\n", "03001627/m1", "test");
	check_good("a name with dots", NULL, "s0001_liver.nii.g_1,test\n", "liver/s0001_liver.nii.g_1", "test");
	check_good("and its extension", NULL, "rib/s0001_rib.nii.g_1.stl,test\n", "MedShapeNet/rib/s0001_rib.nii.g_1", "test");
	check_good("a row with more columns", NULL, "model,split\nm1,test,what,ever\n", "m1", "test");
	check_good("a synset beside a path", NULL, "path,synset,split\nchair/m1,02691156,test\n", "airplane/m1", NULL);
	check_good("rows that agree", NULL, "m1,test\nm1,testing\n", "m1", "test");
	check_bad("an unknown split", NULL, "m1,test\nm2,0\n", "list: line 2: \"0\" is none of train, val and test");
	check_bad("no split", NULL, "model,split\nm1,\n", "line 2: \"\" is none");
	check_bad("names that are not known", NULL, "shape,part\nm1,test\n", "line 1: \"part\" is none");
	check_bad("one column", NULL, "m1\nm2\n", "line 1: neither");
	check_bad("three columns without names", NULL, "m1,c,train\n", "line 1: neither");
	check_bad("a short row", NULL, "a,model,split\n\n1,m1\n", "line 3: 2 columns, less than 3");
	check_bad("an open quote", NULL, "m1,test\n\"m2,test\nm3,test\n", "line 2: a quote without its end");
	check_bad("an open quote among the names", NULL, "model,\"split\n", "line 1: a quote without its end");
	check_bad("no model", NULL, "model,split\n ,test\n", "line 2: no model");
	check_bad("a model that is no name", NULL, "model,split\n\\/,test\n", "line 2: no model");
	check_bad("only names of columns", NULL, "model,split\n", "list: names no model");
	check_bad("nothing", NULL, "", "list: names no model");
	check_bad("only ends of lines", NULL, "\n\r\n\n", "names no model");
	check_bad("only separators", NULL, ",,,,;;\t\t\n", "line 1: neither");
	check_bad("contradicting rows", NULL, "m1,test\nm2,val\nm1.obj,train\n", "list: line 3: m1 is train, but test in line 1 of list");
	check_bad("contradicting folders", NULL, "airplane/m1,test\n02691156/m1,val\n", "line 2: airplane/m1 is val, but test in line 1");
	check_bad_bytes("a zero byte", NULL, "m1,test\nm\0,val\n", 15, "line 2: a zero byte");
	check_bad_bytes("a zero byte at the end", NULL, "m1,test\0", 8, "line 1: a zero byte");
}

static void lists(void)
{
	struct mfc_splits *s = NULL;
	check(add(&s, "train.txt", "training", "airplane_0001\nairplane_0002\r\nchair/shared\n") == 0 &&
	    add(&s, "test.json", "TEST", "[\"shape_data/03001627/e5\", \"shape_data/02691156/e5\",\n\"shape_data\\/04379243\\/f6\",'it''em']") == 0 &&
	    add(&s, "val.txt", "valid", " table/shared,[m.off]\tn.txt\"o p\"") == 0, "three lists of models");
	check_of(s, "airplane/airplane_0002", "train");
	check_of(s, "airplane_0001", "train");
	check_of(s, "03001627/e5", "test");
	check_of(s, "chair/e5", "test");
	check_of(s, "car/e5", NULL);
	check_of(s, "04379243/f6", "test");
	check_of(s, "it", "test");
	check_of(s, "em", "test");
	check_of(s, "chair/shared", "train");
	check_of(s, "table/shared", "val");
	check_of(s, "shared", NULL);
	check_of(s, "any/m", "val");
	check_of(s, "n", "val");
	check_of(s, "x/o p", "val");
	check(add(&s, "more.txt", "test", "shared") == 0, "a list more");
	check_of(s, "chair/shared", "train");
	check_of(s, "lamp/shared", "test");
	check_of(s, "shared", "test");
	check(add(&s, "again.txt", "val", "x\ny\nairplane_0002\n") == -1 &&
	    strstr(err.message, "again.txt: line 3: airplane_0002 is val, but train in line 2 of train.txt"), "two lists disagree: %s", err.message);
	mfc_splits_free(s);
	check_bad("another split", "holdout", "m1\n", "list: \"holdout\" is none");
	check_bad("an object", "train", "{\"train\": [\"m1\"]}", "line 1: no list of models");
	check_bad("an open string", "train", "[\"m1\",\n\"m2, m3]\n", "line 2: a quote without its end");
	check_bad("an empty string", "train", "[\"\"]", "line 1: no model");
	check_bad("an empty array", "train", "[]\n", "names no model");
	check_bad("only separators", "train", " ,,[ ]\t,\r\n,", "names no model");
	check_bad("nothing", "train", "", "names no model");
	check_bad_bytes("a zero byte", "train", "m1\0m2", 5, "line 1: a zero byte");
	check_bad_bytes("a zero byte in a string", "train", "m1 \"m\0\"", 7, "line 1: a zero byte");
}

/* Lines of a megabyte; text ends where the allocation does. */
static void long_lines(void)
{
	enum { SIZE = 1 << 20 };
	static const char fill[] = { 'x', ',', '"', '/', '[', '.', '\\', 0, ' ', '\t', '\n', '\r', '-', '\'' };
	for (size_t i = 0; i < sizeof fill; i++)
		for (int table = 0; table < 2; table++) {
			struct mfc_splits *s = NULL;
			char *text = malloc(SIZE);
			memset(text, fill[i], SIZE);
			check(mfc_splits_add(&s, "long", table ? NULL : "train", text, SIZE, &err) == -1, "a megabyte of byte %d: %.100s", fill[i], err.message);
			mfc_splits_free(s);
			memcpy(text, "m1,train\n", 9);
			s = NULL;
			mfc_splits_add(&s, "long", table ? NULL : "train", text, SIZE, &err);
			mfc_splits_free(s);
			free(text);
		}
	static char text[SIZE + 64];
	int n = sprintf(text, "x,model,split\n%*s,m1,test\n", SIZE, "y");
	struct mfc_splits *s = NULL;
	check(mfc_splits_add(&s, "long", NULL, text, (size_t)n, &err) == 0, "a long column of no interest is none: %s", err.message);
	check_of(s, "m1", "test");
	memset(text, 'z', SIZE);
	text[SIZE] = 0;
	bool found = mfc_splits_of(s, text);
	memset(text, '/', SIZE / 2);
	check(!found && !mfc_splits_of(s, text), "an id of a megabyte is in no list");
	mfc_splits_free(s);
}

/* A list of ShapeNetCore's size, and one whose models have all one name. */
static void large(void)
{
	enum { ROWS = 57000, ROW = 96 };
	static char text[ROWS * ROW];
	char id[64];
	for (int same = 0; same < 2; same++) {
		struct mfc_splits *s = NULL;
		size_t size = (size_t)sprintf(text, "id,synsetId,subSynsetId,modelId,split\n");
		for (int i = 0; i < ROWS; i++)
			size += (size_t)(same ? sprintf(text + size, "%d,f%d,0,m,%s\n", i, i, i % 3 ? "train" : "test")
			    : sprintf(text + size, "%06d,%08d,02691156,%032x,%s\n", i, 2691156 + i % 2, i * 2654435761u, i % 3 ? "train" : "test"));
		clock_t start = clock();
		int status = mfc_splits_add(&s, "all.csv", NULL, text, size, &err), wrong = 0;
		double added = (double)(clock() - start) / CLOCKS_PER_SEC;
		start = clock();
		for (int i = 0; status == 0 && i < ROWS; i++) {
			sprintf(id, same ? "f%d/m" : "%08d/%032x", same ? i : 2691156 + i % 2, i * 2654435761u);
			const char *got = mfc_splits_of(s, id);
			wrong += !got || strcmp(got, i % 3 ? "train" : "test") != 0;
		}
		double found = (double)(clock() - start) / CLOCKS_PER_SEC;
		check(status == 0 && wrong == 0, "%d rows%s: %d wrong (read in %.0f ms, found in %.0f ms)", ROWS, same ? " of one name" : "", wrong,
		    1e3 * added, 1e3 * found);
		check(added + found < 5, "and that takes no quadratic time");
		mfc_splits_free(s);
	}
}

static size_t part_index(const char *part)
{
	return !strcmp(part, "train") ? 0 : !strcmp(part, "val") ? 1 : 2;
}

static void chance(void)
{
	enum { N = 100000 };
	static const double shares[][3] = { { 0.7, 0.1, 0.2 }, { 80, 10, 10 }, { 0.5, 0, 0.5 }, { 0, 0, 2 }, { 1, 0, 0 } };
	char name[64];
	for (size_t k = 0; k < sizeof shares / sizeof *shares; k++) {
		const double *s = shares[k];
		double count[3] = { 0 }, sum = s[0] + s[1] + s[2];
		for (int i = 0; i < N; i++) {
			sprintf(name, "02691156/airplane_%04d", i);
			count[part_index(mfc_split_hash(name, s))]++;
		}
		double worst = 0;
		for (size_t j = 0; j < 3; j++) {
			double p = s[j] / sum, sigma = sqrt(N * p * (1 - p));
			worst = fmax(worst, sigma > 0 ? fabs(count[j] - N * p) / sigma : count[j] == N * p ? 0 : INFINITY);
		}
		check(worst < 4, "%g:%g:%g gives %g, %g, %g of %d: %.1f sigma", s[0], s[1], s[2], count[0], count[1], count[2], N, worst);
	}
}

static void packaging(void)
{
	static const char *const path[] = {
		"ShapeNetCore.v2/02691156/%s/models/model_normalized.obj", "02691156/02691156/%s/model.obj", "%s/model.obj", "02691156/train/%s.npy",
		"%s.ply", "x/y/%s.off", "part/02691156/points/%s.pts", "models-OBJ/models/%s.obj"
	};
	int moved = 0;
	for (int i = 0; i < 1000; i++) {
		char model[40], file[128];
		sprintf(model, "%032x", i * 2654435761u);
		const char *want = mfc_split_hash(model, NULL);
		for (size_t k = 0; k < sizeof path / sizeof *path; k++) {
			sprintf(file, path[k], model);
			moved += mfc_split_hash(mfc_layout_of(file).id, NULL) != want;
		}
	}
	check(moved == 0, "a model's split does not depend on how it is packed: %d moved", moved);
	static const char *const golden[][2] = {
		{ "airplane_0627", "train" },
		{ "1a04e3eab45ca15dd86060f189eb133", "train" },
		{ "bunny", "train" },
		{ "s1273_liver.nii.g_1", "train" },
		{ "crrc-k2", "train" },
		{ "chair_0004", "val" },
		{ "chair_0007", "test" }
	};
	for (size_t i = 0; i < sizeof golden / sizeof *golden; i++)
		check(!strcmp(mfc_split_hash(golden[i][0], NULL), golden[i][1]), "%s stays in %s", golden[i][0], mfc_split_hash(golden[i][0], NULL));
}

static void names(void)
{
	check(!strcmp(mfc_split_name("Training"), "train") && !strcmp(mfc_split_name("validation"), "val") && !strcmp(mfc_split_name("tst"), "test"),
	    "splits have other names");
	check(!mfc_split_name("") && !mfc_split_name("trainval") && !mfc_split_name("0"), "these are none");
}

int main(void)
{
	names();
	all_csv();
	tables();
	lists();
	long_lines();
	large();
	chance();
	packaging();
	return done();
}
