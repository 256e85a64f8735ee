/* Files of clouds in HDF5: which datasets are clouds, what they are called, and what is refused. */
#include "check.h"
#include "load/hdf5.h"

#include <string.h>

#ifndef MFC_HDF5

int main(void)
{
	struct mfc_hdf5 *file;
	struct mfc_error err = { 0 };
	check(mfc_hdf5_open(&file, "a.h5", NULL, 0, false, &err) == -1 && !file && strstr(err.message, "HDF5 needs a build with libhdf5"), "without libhdf5: \"%s\"",
	    err.message);
	mfc_hdf5_close(file);
	printf("ok %d # skip built without libhdf5\n", ++check_count);
	return done();
}

#else

#include "file.h"
#include "load/mesh.h"

#include <hdf5.h>
#include <stdlib.h>
#include <unistd.h>

#define DIMS(...) (sizeof (hsize_t[]){ __VA_ARGS__ } / sizeof(hsize_t)), (hsize_t[]){ __VA_ARGS__ }

static float number[1 << 16];   /* 0, 1, 2, ... */

static hid_t create(const char *path)
{
	return H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
}

static hid_t with_groups(void)
{
	hid_t list = H5Pcreate(H5P_LINK_CREATE);
	H5Pset_create_intermediate_group(list, 1);
	return list;
}

/* A dataset of the type, written with data of the memory type unless that is NULL. */
static void put(hid_t file, const char *path, hid_t type, hid_t memory, const void *data, int dims, const hsize_t *shape, hid_t list)
{
	hid_t space = H5Screate_simple(dims, shape, NULL), links = with_groups();
	hid_t dataset = H5Dcreate2(file, path, type, space, links, list, H5P_DEFAULT);
	if (dataset < 0 || (data && H5Dwrite(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0))
		check(0, "the test cannot write %s", path);
	H5Dclose(dataset);
	H5Pclose(links);
	H5Sclose(space);
}

static void floats(hid_t file, const char *path, int dims, const hsize_t *shape)
{
	put(file, path, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, number, dims, shape, H5P_DEFAULT);
}

/* Every member and every refusal of a file on one line each, with each cloud's shape, first and last number where they are read. */
static void listing(char *out, size_t size, const char *path, const char *data, size_t bytes, bool names)
{
	struct mfc_hdf5 *file;
	struct mfc_error err = { 0 };
	const char *member;
	char *npy = NULL;
	size_t length = 0, used = 0;
	int status;
	out[0] = 0;
	if (mfc_hdf5_open(&file, path, data, bytes, names, &err)) {
		snprintf(out, size, "! %s\n", err.message);
		return;
	}
	while ((status = mfc_hdf5_next(file, &member, &npy, &length, &err)) != 0 && used < size) {
		struct mfc_mesh mesh;
		mfc_mesh_init(&mesh);
		if (status < 0)
			used += (size_t)snprintf(out + used, size - used, "! %s\n", err.message);
		else if (names)
			used += (size_t)snprintf(out + used, size - used, "%s\n", member);
		else if (npy[length] != 0 || mfc_npy_read(&mesh, npy, length, &err))
			used += (size_t)snprintf(out + used, size - used, "%s: %s\n", member, err.message);
		else
			used += (size_t)snprintf(out + used, size - used, "%s %zux%zu %g..%g\n", member, mesh.vertices, mesh.dim, mesh.position[0],
			    mesh.position[mesh.vertices * mesh.dim - 1]);
		free(npy);
		mfc_mesh_clear(&mesh);
	}
	mfc_hdf5_close(file);
}

static void lists(const char *what, const char *path, const char *want)
{
	char got[4096];
	listing(got, sizeof got, path, NULL, 0, false);
	if (!check(strcmp(got, want) == 0, "%s", what))
		printf("# got:\n%s# wanted:\n%s", got, want);
}

/* Its listing has this in it. */
static void says(const char *what, const char *path, const char *want)
{
	char got[4096];
	listing(got, sizeof got, path, NULL, 0, false);
	if (!check(strstr(got, want) != NULL, "%s", what))
		printf("# got:\n%s# wanted: %s\n", got, want);
}

static void layouts(void)
{
	char got[4096];
	hid_t f = create("shapenet.hdf5");
	floats(f, "02691156/train", DIMS(3, 4, 3));
	floats(f, "02691156/test", DIMS(1, 4, 3));
	floats(f, "one", DIMS(5, 2));
	put(f, "double", H5T_IEEE_F64BE, H5T_NATIVE_FLOAT, number, DIMS(1, 2, 2), H5P_DEFAULT);
	H5Fclose(f);
	lists("DPM's layout, in the order of paths", "shapenet.hdf5", "02691156/test/0.npy 4x3 0..11\n02691156/train/0.npy 4x3 0..11\n"
	    "02691156/train/1.npy 4x3 12..23\n02691156/train/2.npy 4x3 24..35\ndouble/0.npy 2x2 0..3\none.npy 5x2 0..9\n");
	listing(got, sizeof got, "shapenet.hdf5", NULL, 0, true);
	check(strcmp(got, "02691156/test/0.npy\n02691156/train/0.npy\n02691156/train/1.npy\n02691156/train/2.npy\ndouble/0.npy\none.npy\n") == 0,
	    "the names alone");
}

static void modelnet(const char *path)
{
	hid_t f = create(path);
	floats(f, "data", DIMS(2, 4, 3));
	floats(f, "normal", DIMS(2, 4, 3));
	put(f, "label", H5T_STD_U8LE, H5T_NATIVE_INT, (int[]){ 0, 39 }, DIMS(2, 1), H5P_DEFAULT);
	put(f, "faceId", H5T_STD_I32LE, H5T_NATIVE_INT, (int[8]){ 0 }, DIMS(2, 4), H5P_DEFAULT);
	H5Fclose(f);
}

static void labels(void)
{
	modelnet("ply_data_train0.h5");
	lists("ModelNet40: categories and split, no normals", "ply_data_train0.h5", "airplane/train/ply_data_train0-0.npy 4x3 0..11\n"
	    "xbox/train/ply_data_train0-1.npy 4x3 12..23\n");
	modelnet("ply_data_test1.h5");
	says("ModelNet40's other split", "ply_data_test1.h5", "xbox/test/ply_data_test1-1.npy");
	modelnet("scans.h5");
	lists("labels of another file are numbers", "scans.h5", "label-0/scans-0.npy 4x3 0..11\nlabel-39/scans-1.npy 4x3 12..23\n");
	hid_t f = H5Fopen("ply_data_test1.h5", H5F_ACC_RDWR, H5P_DEFAULT);
	put(f, "pid", H5T_STD_U8LE, H5T_NATIVE_INT, (int[8]){ 0 }, DIMS(2, 4), H5P_DEFAULT);
	H5Fclose(f);
	says("and so are those of parts of shapes under ModelNet's name", "ply_data_test1.h5", "label-39/ply_data_test1-1.npy");
	f = create("g.h5");
	floats(f, "train/data", DIMS(2, 4, 3));
	put(f, "train/label", H5T_STD_I64LE, H5T_NATIVE_INT, (int[]){ -1, 40 }, DIMS(2), H5P_DEFAULT);
	floats(f, "other/data", DIMS(2, 4, 3));
	put(f, "other/label", H5T_STD_I64LE, H5T_NATIVE_INT, (int[]){ 1, 2, 3 }, DIMS(3), H5P_DEFAULT);
	H5Fclose(f);
	lists("labels within a group; too many labels are none", "g.h5", "other/data/0.npy 4x3 0..11\nother/data/1.npy 4x3 12..23\n"
	    "label--1/train/g-0.npy 4x3 0..11\nlabel-40/train/g-1.npy 4x3 12..23\n");
}

static void packed(void)
{
	hid_t f = create("packed.h5"), list = H5Pcreate(H5P_DATASET_CREATE), float_of = H5Pcreate(H5P_DATASET_CREATE);
	H5Pset_chunk(list, 3, (hsize_t[]){ 7, 64, 3 });
	H5Pset_deflate(list, 6);
	put(f, "data", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, number, DIMS(20, 500, 3), list);
	H5Pclose(list);
	H5Fclose(f);
	says("chunks of many clouds, packed", "packed.h5", "data/19.npy 500x3 28500..29999\n");
	f = create("filter.h5");
	H5Pset_chunk(float_of, 2, (hsize_t[]){ 4, 3 });
	H5Pset_filter(float_of, 32000, H5Z_FLAG_OPTIONAL, 0, NULL);
	put(f, "a", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, number, DIMS(4, 3), float_of);
	H5Pclose(float_of);
	H5Fclose(f);
	says("a filter that is not here", "filter.h5", "! a: packed with filter 32000");
}

static void not_followed(void)
{
	hid_t f = create("outside.h5"), list = H5Pcreate(H5P_DATASET_CREATE), links = with_groups();
	floats(f, "group/a", DIMS(2, 3));
	H5Lcreate_external("shapenet.hdf5", "/one", f, "external", H5P_DEFAULT, H5P_DEFAULT);
	H5Lcreate_soft("/group/a", f, "soft", H5P_DEFAULT, H5P_DEFAULT);
	H5Lcreate_hard(f, "/", f, "group/root", links, H5P_DEFAULT);
	H5Pset_external(list, "/etc/passwd", 0, 24);
	put(f, "raw", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, NULL, DIMS(2, 3), list);
	H5Pclose(list);
	list = H5Pcreate(H5P_DATASET_CREATE);
	hid_t space = H5Screate_simple(DIMS(5, 2), NULL);
	H5Pset_virtual(list, space, "shapenet.hdf5", "/one", space);
	put(f, "virtual", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, NULL, DIMS(5, 2), list);
	H5Sclose(space);
	H5Pclose(list);
	H5Pclose(links);
	H5Fclose(f);
	lists("other files are not read, circles not followed", "outside.h5", "group/a.npy 2x3 0..5\n"
	    "! raw: external storage: its numbers are in other files, which are not read\n"
	    "! virtual: a virtual dataset: its numbers are in other files, which are not read\n");
}

static void refused(void)
{
	hid_t f = create("none.h5");
	put(f, "integers", H5T_STD_I32LE, H5T_NATIVE_INT, (int[12]){ 0 }, DIMS(4, 3), H5P_DEFAULT);
	floats(f, "line", DIMS(12));
	floats(f, "volume", DIMS(2, 4, 17));
	floats(f, "empty", DIMS(0, 4, 3));
	floats(f, "deep", DIMS(1, 2, 2, 2));
	H5Fclose(f);
	says("a file without clouds", "none.h5", "! no clouds: no dataset of floats");
	f = create("claims.h5");
	hid_t list = H5Pcreate(H5P_DATASET_CREATE);
	put(f, "a", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, NULL, DIMS((hsize_t)1 << 40, 2048, 3), H5P_DEFAULT);
	floats(f, "b", DIMS(2, 3));
	H5Pset_chunk(list, 3, (hsize_t[]){ 1, 4, 3 });
	put(f, "c", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, NULL, DIMS((hsize_t)1 << 40, (hsize_t)1 << 20, 3), list);
	H5Pclose(list);
	H5Fclose(f);
	says("more numbers than there are; what follows is read", "claims.h5", "are stored (in a file of");
	says("and so are chunks beyond reason", "claims.h5", "\nb.npy 2x3 0..5\n! c: a cloud in ");
	f = create("nested.h5");
	char path[400] = "";
	for (int i = 0; i < 100; i++)
		strcat(path, "g/");
	strcat(path, "a");
	floats(f, path, DIMS(2, 3));
	H5Fclose(f);
	says("groups without end", "nested.h5", "! more than 64 groups within each other");
	says("a file that is not there", "nothing.h5", "! No such file or directory");
}

/* Bytes in memory, whole and cut: nothing may crash. */
static void memory(void)
{
	char got[4096], want[4096];
	char *data, *copy, *npy;
	size_t size, bytes;
	struct mfc_error err;
	int survived = 0;
	listing(want, sizeof want, "ply_data_train0.h5", NULL, 0, false);
	if (mfc_file_read("ply_data_train0.h5", 1 << 20, &data, &size, &err)) {
		check(0, "%s", err.message);
		return;
	}
	unlink("ply_data_train0.h5");
	listing(got, sizeof got, "b.zip/ply_data_train0.h5", data, size, false);
	check(strcmp(got, want) == 0, "a file in memory is as one on disk");
	for (size_t length = 0; length < size; length += 97) {
		copy = malloc(length + 1);
		memcpy(copy, data, length);
		copy[length] = 0;
		listing(got, sizeof got, "cut.h5", copy, length, false);
		survived += got[0] == '!';
		free(copy);
	}
	check(survived == (int)((size + 96) / 97), "a cut file is refused at each of %d lengths", survived);
	struct mfc_hdf5 *a, *b;
	const char *first, *second;
	int both = mfc_hdf5_open(&a, "x.h5", data, size, true, &err) == 0;
	both = mfc_hdf5_open(&b, "ply_data_test0.h5", data, size, true, &err) == 0 && both;
	both = both && mfc_hdf5_next(a, &first, &npy, &bytes, &err) == 1 && mfc_hdf5_next(b, &second, &npy, &bytes, &err) == 1;
	check(both && strcmp(first, "label-0/x-0.npy") == 0 && strcmp(second, "airplane/test/ply_data_test0-0.npy") == 0, "two files open at once");
	mfc_hdf5_close(a);
	mfc_hdf5_close(b);
	free(data);
}

int main(void)
{
	char folder[] = "/tmp/mfc-hdf5-XXXXXX";
	if (!mkdtemp(folder) || chdir(folder))
		return 1;
	for (int i = 0; i < 1 << 16; i++)
		number[i] = (float)i;
	layouts();
	labels();
	packed();
	not_followed();
	refused();
	memory();
	static const char *const made[] = { "shapenet.hdf5", "ply_data_test1.h5", "scans.h5", "g.h5", "packed.h5", "filter.h5", "outside.h5", "none.h5",
		"claims.h5", "nested.h5" };
	for (size_t i = 0; i < sizeof made / sizeof *made; i++)
		unlink(made[i]);
	rmdir(folder);
	return done();
}

#endif
