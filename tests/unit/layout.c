/* What paths say: every layout of layout.h's table, near misses, and names that do not fit. */
#include "check.h"
#include "load/layout.h"

#include <stdlib.h>
#include <string.h>

static void check_path(const char *path, const char *id, const char *label, const char *split)
{
	struct mfc_layout l = mfc_layout_of(path);
	check(!strcmp(l.id, id) && !strcmp(l.label, label) && !strcmp(l.split, split), "%s is %s, %s, %s", path, l.id, l.label, l.split);
}

static void shapenet(void)
{
	check_path("02691156/a1b2/model.obj", "02691156/a1b2", "airplane", "");
	check_path("ShapeNetCore.v1/02691156/02691156/a1b2/model.obj", "02691156/a1b2", "airplane", "");
	check_path("02691156/02691156/a1b2/models/model_normalized.obj", "02691156/a1b2", "airplane", "");
	check_path("ShapeNetCore.v2/02691156/a1b2/models/model_normalized.obj", "02691156/a1b2", "airplane", "");
	check_path("02691156/a1b2/models/model_normalized.ply", "02691156/a1b2", "airplane", "");
	check_path("02691156/a1b2/model_normalized.ply", "02691156/a1b2", "airplane", "");
	check_path("02691156/a1b2/models/model.obj", "02691156/a1b2", "airplane", "");
	check_path("02691156/a1b2/models/model_normalized.surface.ply", "02691156/a1b2/models/model_normalized.surface", "airplane", "");
	check_path("x/02691156/a1b2/models/hull.obj", "02691156/a1b2/models/hull", "airplane", "");
	check_path("02691156/a1b2/pointcloud.npy", "02691156/a1b2/pointcloud", "airplane", "");
	check_path("a1b2/models/model_normalized.obj", "a1b2", "", "");
	check_path("a1b2/model.obj", "a1b2", "", "");
	check_path("airplane/crrc-k2/models/model_normalized.obj", "airplane/crrc-k2", "airplane", "");
	check_path("train/t1/models/model_normalized.obj", "train/t1", "train", "");
	check_path("ShapeNetCore.v2.PC15k/02958343/train/c3.npy", "02958343/c3", "car", "train");
	check_path("02958343/val/c3.npy", "02958343/c3", "car", "val");
	check_path("test/c3.npy", "c3", "", "test");
	check_path("02958343/train/17.npy", "02958343/train/17", "car", "train");
	check_path("02958343/test/17.npy", "02958343/test/17", "car", "test");
	check_path("val/17.npy", "val/17", "", "val");
	check_path("02958343/train/12345678901234567890123456789012.npy", "02958343/12345678901234567890123456789012", "car", "train");
	check_path("part_v0/04379243/points/d4.pts", "04379243/d4", "table", "");
	check_path("part_v0_normal/04379243/d4.txt", "04379243/d4", "table", "");
	check_path("99999999/a1b2/model.obj", "99999999/a1b2", "99999999", "");
	check_path("models-OBJ/models/7223820f.obj", "7223820f", "", "");
	check_path("ShapeNetSem/models-OBJ/models/7223820f.obj", "7223820f", "", "");
	check_path("models/7223820f.obj", "7223820f", "", "");
	check_path("scans/a/models/x.obj", "scans/a/models/x", "", "");
}

static void modelnet(void)
{
	check_path("ModelNet40/night_stand/test/night_stand_0001.off", "night_stand/night_stand_0001", "night_stand", "test");
	check_path("airplane/train/ply_data_train0-17.npy", "airplane/ply_data_train0-17", "airplane", "train");
	check_path("modelnet40_normal_resampled/night_stand/night_stand_0001.txt", "night_stand/night_stand_0001", "night_stand", "");
	check_path("a/chair/chair_0001b.off", "a/chair/chair_0001b", "chair", "");
	check_path("a/chair/chair_.off", "a/chair/chair_", "chair", "");
	check_path("chair/training/x.off", "chair/training/x", "training", "");
}

static void medical(void)
{
	check_path("MedShapeNet/brain-region-aal/aal-0001.stl", "MedShapeNet/brain-region-aal/aal-0001", "brain-region-aal", "");
	check_path("s0677_vertebrae_L3.nii.g_1.stl", "s0677_vertebrae_L3.nii.g_1", "vertebrae_L3", "");
	check_path("MedShapeNet/s1273_liver.nii.g_1.stl", "MedShapeNet/s1273_liver.nii.g_1", "liver", "");
	check_path("medshapenet_all/004329_costa1right.stl", "medshapenet_all/004329_costa1right", "costa1right", "");
	check_path("008738_liver.STL", "008738_liver", "liver", "");
	check_path("rib/s0485_rib_left_2.nii.g_1.stl", "rib/s0485_rib_left_2.nii.g_1", "rib", "");
	check_path("s0677_liver.stl", "s0677_liver", "", "");
	check_path("s677_liver.nii.g_1.stl", "s677_liver.nii.g_1", "", "");
	check_path("s0677_.nii.g_1.stl", "s0677_.nii.g_1", "", "");
	check_path("08738_liver.stl", "08738_liver", "", "");
	check_path("0008738_liver.stl", "0008738_liver", "", "");
	check_path("008738_liver.obj", "008738_liver", "", "");
	check_path("008738_1.stl", "008738_1", "", "");
	check_path("008738_.stl", "008738_", "", "");
	check_path("s.stl", "s", "", "");
}

static void plain(void)
{
	check_path("scans/liver/case.1.stl", "scans/liver/case.1", "liver", "");
	check_path("bunny.obj", "bunny", "", "");
	check_path("./02691156//a1b2/./model.obj", "02691156/a1b2", "airplane", "");
	check_path(".//./b/bunny.obj", "b/bunny", "b", "");
	check_path("/abs/bunny.obj", "abs/bunny", "abs", "");
	check_path("model.obj", "model", "", "");
	check_path("models/model_normalized.obj", "model_normalized", "", "");
	check_path("a/.obj", "a/.obj", "a", "");
	check_path("a.b/c", "a.b/c", "a.b", "");
	check(!strcmp(mfc_layout_of("a/b\n\x01\xff.obj").id, "a/b\n\x01\xff"), "any bytes may be in a name");
	check_path("train.obj", "train", "", "");
	static const char *const none[] = { "", "/", "//", ".", "./.", "././/" };
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		check_path(none[i], "", "", "");
	check(mfc_layout_of("..").id[0] != 0 && mfc_layout_of("a/..").id[0] != 0, "dots alone are a name like any");
}

static void synsets(void)
{
	static const char *const few[][2] = {
		{ "02691156", "airplane" }, { "02747177", "can" }, { "02946921", "tin_can" }, { "02834778", "bicycle" }, { "02858304", "boat" },
		{ "04401088", "telephone" }, { "02992529", "cellphone" }, { "04530566", "vessel" }, { "04554684", "washer" }, { "03211117", "monitor" }
	};
	for (size_t i = 0; i < sizeof few / sizeof *few; i++)
		check(mfc_layout_synset(few[i][0]) && !strcmp(mfc_layout_synset(few[i][0]), few[i][1]), "%s is %s", few[i][0], few[i][1]);
	int known = 0;
	for (int n = 2000000; n < 5000000; n++) {
		char number[16];
		snprintf(number, sizeof number, "%08d", n);
		known += mfc_layout_synset(number) != NULL;
	}
	check(known == 57, "55 categories, boat and bicycle: %d", known);
	check(!mfc_layout_synset("") && !mfc_layout_synset("2691156") && !mfc_layout_synset("02691156x") && !mfc_layout_synset("airplane"),
	    "nothing else is one");
}

/* Two long paths that differ in one byte, at the front or at the end of a part. */
static void check_long(size_t length, const char *before, const char *behind)
{
	size_t size = strlen(before) + length + strlen(behind) + 1;
	char *path = malloc(size);
	for (int end = 0; end < 2; end++) {
		struct mfc_layout l[2];
		for (int k = 0; k < 2; k++) {
			snprintf(path, size, "%s%*s%s", before, (int)length, "", behind);
			memset(path + strlen(before), 'x', length);
			path[strlen(before) + (end ? length - 1 : 0)] = k ? 'a' : 'b';
			l[k] = mfc_layout_of(path);
		}
		check(strcmp(l[0].id, l[1].id) != 0 && strlen(l[0].id) < sizeof l->id, "%zu bytes between \"%s\" and \"%s\": %.30s, %.30s", length, before,
		    behind, l[0].id, l[1].id);
	}
	free(path);
}

static void too_long(void)
{
	static const size_t length[] = { 255, 256, 1000, 1023, 1024, 1025, 4096, 100000 };
	for (size_t i = 0; i < sizeof length / sizeof *length; i++) {
		check_long(length[i], "", ".obj");
		check_long(length[i], "a/b/", ".obj");
		check_long(length[i], "02691156/", "/model.obj");
		check_long(length[i], "", "/a1b2/model.obj");
		check_long(length[i], "02691156/train/", ".npy");
		check_long(length[i], "02691156/a1b2/", "/x.npy");
		check_long(length[i], "", "/b/c.obj");
	}
	char path[4200], folder[301];
	memset(path, 'd', sizeof path);
	for (size_t i = 99; i < 4000; i += 100)
		path[i] = '/';
	strcpy(path + 4000, "liver/case1.stl");
	struct mfc_layout l = mfc_layout_of(path);
	check(l.id[0] == '~' && !strcmp(l.id + strlen(l.id) - 12, "/liver/case1") && !strcmp(l.label, "liver"), "the end stays: …%s",
	    l.id + strlen(l.id) - 12);
	memset(folder, 0xc3, sizeof folder);
	for (size_t i = 1; i < sizeof folder; i += 2)
		folder[i] = (char)0xa9;
	snprintf(path, sizeof path, "%.300s/x.stl", folder);
	l = mfc_layout_of(path);
	check(l.label[0] == '~' && (unsigned char)l.label[17] == 0xc3 && strlen(l.label) < sizeof l.label, "no character is cut in two");
	char *slashes = malloc(1000001);
	memset(slashes, '/', 1000000);
	slashes[1000000] = 0;
	check(mfc_layout_of(slashes).id[0] == 0, "a million slashes are no name");
	free(slashes);
}

int main(void)
{
	shapenet();
	modelnet();
	medical();
	plain();
	synsets();
	too_long();
	return done();
}
