#include "load/hdf5-file.h"

#ifndef MFC_HDF5

int mfc_hdf5_file_open(struct mfc_hdf5_file **file, const char *path, int in, const char *data, size_t size, struct mfc_error *err)
{
	(void)path, (void)in, (void)data, (void)size;
	*file = NULL;
	return mfc_error_set(err, "HDF5 needs a build with libhdf5 (libhdf5-dev)");
}

int mfc_hdf5_file_next(struct mfc_hdf5_file *file, const char **member, char **npy, size_t *size, struct mfc_error *err)
{
	(void)file, (void)member, (void)npy, (void)size;
	return mfc_error_set(err, "HDF5 needs a build with libhdf5 (libhdf5-dev)");
}

void mfc_hdf5_file_close(struct mfc_hdf5_file *file)
{
	(void)file;
}

#else

#define H5_USE_110_API   /* in newer releases H5Ovisit2 is as here */
#include "load/apart.h"
#include "load/npy.h"

#include <hdf5.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MEMORY ((size_t)64 << 20)     /* that libhdf5 may take beside what it is asked to read */
#define MAX_ROW ((hsize_t)1 << 30)   /* bytes of one cloud, and of the chunks it lies in */
#define MAX_CHUNKS 65536             /* chunks that one cloud lies in */
#define PER_CHUNK 8192               /* bytes that libhdf5 holds for each chunk that it reads from */
#define LABELS 4096                  /* that are read at once, or as many as a chunk holds */
#define MAX_PACKING 4096             /* no filter packs better: deflate's best is about 1030 */
#define MAX_NESTING 64               /* groups within groups; libhdf5 calls itself for each */

struct item {
	char *path;
	const char *refused;      /* why it cannot be read, or NULL */
	bool real, integer;
	int dims;                 /* 0 where it is neither (N), (N, d) nor (M, N, d) */
	hsize_t shape[3];
};

struct mfc_hdf5_file {
	hid_t file;
	hsize_t bytes;            /* of the file */
	char *stem;
	struct item *item;        /* sorted by path */
	size_t items, capacity;
	struct mfc_error *err;    /* of the call that is listing */
	/* The dataset being read: item[at], when it is open. */
	size_t at;
	hid_t dataset;            /* or -1 */
	size_t chunks;            /* bytes that its chunks take while a cloud is read, and its labels' */
	hsize_t row, rows, n, d;
	int64_t *label;           /* (rows), or NULL */
	bool modelnet;            /* the labels are ModelNet40's */
	char member[1024];
};

static herr_t innermost(unsigned n, const H5E_error2_t *e, void *out)
{
	if (n == 0 && e->desc)
		snprintf(out, 512, "%s", e->desc);
	return 0;
}

/* What failed, and libhdf5's own reason, which its next call forgets. Where it found no memory that may be for a length that the file lied about, so
 * that is the file's fault. */
static int fail(struct mfc_error *err, const char *what)
{
	char why[512] = "";
	H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, why);
	/* "file read failed: time = ..., errno = 5, error message = 'Input/output error', buf = ..." */
	char *time = strstr(why, ": time ="), *message = time ? strstr(time, "error message = '") : NULL;
	if (message) {
		message += strlen("error message = '");
		message[strcspn(message, "'")] = 0;
		memmove(time + 2, message, strlen(message) + 1);
	}
	why[strcspn(why, "\n")] = 0;
	return mfc_error_set(err, "%s%s%s", what, *why ? ": " : "", why);
}

/* A file in memory is used where it lies: libhdf5 would copy it twice. */
struct image { void *data; };

static void *image_malloc(size_t size, H5FD_file_image_op_t op, void *image)
{
	(void)size, (void)op;
	return ((struct image *)image)->data;
}

static void *image_memcpy(void *to, const void *from, size_t size, H5FD_file_image_op_t op, void *image)
{
	(void)from, (void)size, (void)op, (void)image;
	return to;
}

static void *image_realloc(void *data, size_t size, H5FD_file_image_op_t op, void *image)
{
	(void)data, (void)size, (void)op, (void)image;
	return NULL;
}

static herr_t image_free(void *data, H5FD_file_image_op_t op, void *image)
{
	(void)data, (void)op, (void)image;
	return 0;
}

static void *image_copy(void *image)
{
	struct image *copy = malloc(sizeof *copy);
	if (copy)
		*copy = *(struct image *)image;
	return copy;
}

static herr_t image_release(void *image)
{
	free(image);
	return 0;
}

static hid_t open_file(int in, const char *data, size_t size, struct mfc_error *err)
{
	union { const char *in; void *out; } bytes = { .in = data };   /* nothing writes there */
	struct image image = { bytes.out };
	H5FD_file_image_callbacks_t calls = { image_malloc, image_memcpy, image_realloc, image_free, image_copy, image_release, &image };
	char name[40];
	hid_t access = H5Pcreate(H5P_FILE_ACCESS), file = -1;
	snprintf(name, sizeof name, "/dev/fd/%d", in);
	bool ready = access >= 0 && H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0;
	if (ready && data) {
		/* Two open files of one name would be taken for one. */
		snprintf(name, sizeof name, "memory %p", bytes.out);
		ready = H5Pset_fapl_core(access, 1 << 16, false) >= 0 && H5Pset_file_image_callbacks(access, &calls) >= 0 &&
		    H5Pset_file_image(access, bytes.out, size) >= 0;
	}
	if (ready)
		file = H5Fopen(name, H5F_ACC_RDONLY, access);
	if (file < 0)
		fail(err, "cannot be read as HDF5");
	if (access >= 0)
		H5Pclose(access);
	return file;
}

/* Fill in what is known of a dataset without touching its numbers. The sources of a virtual one are opened as soon as its shape is asked for. */
static void describe(hid_t dataset, struct item *item)
{
	hid_t type = H5Dget_type(dataset), list = H5Dget_create_plist(dataset), space = -1;
	H5T_class_t class = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
	size_t bytes = type < 0 ? 0 : H5Tget_size(type);
	item->real = class == H5T_FLOAT && (bytes == 2 || bytes == 4 || bytes == 8);
	item->integer = class == H5T_INTEGER && bytes <= 8;
	if (type < 0 || list < 0)
		item->refused = "cannot be opened";
	else if (H5Pget_layout(list) == H5D_VIRTUAL)
		item->refused = "a virtual dataset: its numbers are in other files, which are not read";
	else if (H5Pget_external_count(list) != 0)
		item->refused = "external storage: its numbers are in other files, which are not read";
	else if ((space = H5Dget_space(dataset)) < 0)
		item->refused = "cannot be opened";
	int dims = space < 0 ? 0 : H5Sget_simple_extent_ndims(space);
	if (dims >= 1 && dims <= 3 && H5Sget_simple_extent_dims(space, item->shape, NULL) == dims)
		item->dims = dims;
	if (space >= 0)
		H5Sclose(space);
	if (list >= 0)
		H5Pclose(list);
	if (type >= 0)
		H5Tclose(type);
}

/* Called for every object once, along hard links only, and for a group before what is in it. */
static herr_t visit(hid_t root, const char *name, const H5O_info_t *info, void *context)
{
	struct mfc_hdf5_file *f = context;
	int nesting = 0;
	for (const char *p = name; *p; p++)
		nesting += *p == '/';
	if (nesting > MAX_NESTING)
		return mfc_error_set(f->err, "more than %d groups within each other", MAX_NESTING);
	if (info->type != H5O_TYPE_DATASET)
		return 0;
	if (f->items == f->capacity) {
		size_t capacity = f->capacity ? 2 * f->capacity : 16;
		struct item *grown = realloc(f->item, capacity * sizeof *grown);
		if (!grown)
			return mfc_error_memory(f->err);
		f->item = grown;
		f->capacity = capacity;
	}
	struct item *item = &f->item[f->items];
	*item = (struct item){ .path = strdup(name) };
	if (!item->path)
		return mfc_error_memory(f->err);
	f->items++;
	hid_t dataset = H5Dopen2(root, name, H5P_DEFAULT);
	if (dataset < 0) {
		item->refused = "cannot be opened";
		return 0;
	}
	describe(dataset, item);
	H5Dclose(dataset);
	return 0;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->path, ((const struct item *)b)->path);
}

/* The dataset of this name in the same group as another, or NULL. */
static struct item *beside(const struct mfc_hdf5_file *f, const struct item *item, const char *name)
{
	char path[1024];
	const char *slash = strrchr(item->path, '/');
	int group = slash ? (int)(slash + 1 - item->path) : 0;
	struct item key = { .path = path };
	if (snprintf(path, sizeof path, "%.*s%s", group, item->path, name) >= (int)sizeof path)
		return NULL;
	return bsearch(&key, f->item, f->items, sizeof *f->item, by_path);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static bool belongs_to_data(const struct mfc_hdf5_file *f, const struct item *item)
{
	static const char *const names[] = { "normal", "label", "faceId", "pid" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(last_part(item->path), names[i]) == 0)
			return beside(f, item, "data") != NULL;
	return false;
}

static bool holds_clouds(const struct mfc_hdf5_file *f, const struct item *item)
{
	hsize_t count = 1;
	for (int i = 0; i < item->dims; i++)
		count = item->shape[i] ? count : 0;
	bool shaped = item->dims >= 2 && item->shape[item->dims - 1] <= MFC_NPY_WIDTH && count > 0;
	if (item->refused && item->dims == 0)
		shaped = true;   /* nothing is known of it that would excuse it */
	return shaped && (item->real || (item->refused && !item->integer)) && !belongs_to_data(f, item);
}

static int list_datasets(struct mfc_hdf5_file *f, struct mfc_error *err)
{
	struct mfc_error own = { 0 };
	size_t clouds = 0;
	f->err = &own;
	if (H5Ovisit2(f->file, H5_INDEX_NAME, H5_ITER_NATIVE, visit, f, H5O_INFO_BASIC) < 0)
		return !*own.message ? fail(err, "its groups cannot be read") : own.scarce ? mfc_error_memory(err) : mfc_error_set(err, "%s", own.message);
	if (f->items)
		qsort(f->item, f->items, sizeof *f->item, by_path);
	for (size_t i = 0; i < f->items; i++)
		clouds += holds_clouds(f, &f->item[i]);
	if (clouds == 0)
		return mfc_error_set(err, "no clouds: no dataset of floats (M, N, d) or (N, d) with d at most %d", MFC_NPY_WIDTH);
	return 0;
}

void mfc_hdf5_file_close(struct mfc_hdf5_file *f)
{
	if (!f)
		return;
	if (f->dataset >= 0)
		H5Dclose(f->dataset);
	if (f->file >= 0)
		H5Fclose(f->file);
	for (size_t i = 0; i < f->items; i++)
		free(f->item[i].path);
	free(f->item);
	free(f->label);
	free(f->stem);
	free(f);
}

static int find_clouds(struct mfc_hdf5_file *f, const char *path, int in, const char *data, size_t size, struct mfc_error *err)
{
	if (!(f->stem = strdup(last_part(path))))
		return mfc_error_memory(err);
	char *dot = strrchr(f->stem, '.');
	if (dot && dot != f->stem)
		*dot = 0;
	struct stat st;
	mfc_apart_allow(MEMORY + 16 * (data ? size : fstat(in, &st) == 0 ? (size_t)st.st_size : 0));
	if ((f->file = open_file(in, data, size, err)) < 0)
		return -1;
	if (H5Fget_filesize(f->file, &f->bytes) < 0)
		return fail(err, "cannot be read as HDF5");
	return list_datasets(f, err);
}

int mfc_hdf5_file_open(struct mfc_hdf5_file **file, const char *path, int in, const char *data, size_t size, struct mfc_error *err)
{
	struct mfc_hdf5_file *f = calloc(1, sizeof *f);
	*file = NULL;
	if (!f)
		return mfc_error_memory(err);
	f->file = f->dataset = -1;
	H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
	int status = find_clouds(f, path, in, data, size, err);
	if (status)
		mfc_hdf5_file_close(f);
	else
		*file = f;
	return status;
}

/* Whether so many bytes of numbers can come out of what is stored for a dataset, and that out of the file. */
static bool believable(const struct mfc_hdf5_file *f, hid_t dataset, bool filtered, hsize_t bytes)
{
	hsize_t stored = H5Dget_storage_size(dataset);
	if (stored > f->bytes)
		return false;
	return filtered ? bytes / MAX_PACKING <= stored && stored > 0 : bytes <= stored;
}

/* The filters that a dataset needs are there. */
static int check_filters(hid_t list, int filters, struct mfc_error *err)
{
	for (int i = 0; i < filters; i++) {
		char name[64] = "";
		unsigned flags, config;
		size_t values = 0;
		H5Z_filter_t filter = H5Pget_filter2(list, (unsigned)i, &flags, &values, NULL, sizeof name, name, &config);
		if (filter < 0)
			return fail(err, "its filters cannot be read");
		if (H5Zfilter_avail(filter) <= 0)
			return mfc_error_set(err, "packed with filter %d (%.63s), which libhdf5 does not have here", filter, name);
	}
	return 0;
}

/* Where a chunk holds parts of many clouds, the chunks of one cloud must all fit the cache: else each would be unpacked again for every cloud. */
static int size_cache(struct mfc_hdf5_file *f, const struct item *item, hid_t list, hid_t access, hsize_t number, hsize_t *chunk,
    struct mfc_error *err)
{
	hsize_t size[3], chunks = 1;
	*chunk = number;
	if (H5Pget_chunk(list, 3, size) != item->dims)
		return fail(err, "its chunks cannot be read");
	for (int i = 0; i < item->dims; i++) {
		if (size[i] == 0 || __builtin_mul_overflow(*chunk, size[i], chunk))
			return mfc_error_set(err, "its chunks cannot be read");
		if (item->dims == 2 || i > 0)
			if (__builtin_mul_overflow(chunks, (item->shape[i] - 1) / size[i] + 1, &chunks))
				chunks = MAX_CHUNKS + 1;
	}
	if (*chunk > MAX_ROW || chunks > MAX_CHUNKS || *chunk * chunks > MAX_ROW)
		return mfc_error_set(err, "a cloud in %llu chunks of %llu bytes", (unsigned long long)chunks, (unsigned long long)*chunk);
	bool shared = item->dims == 3 && size[0] > 1;
	/* With one as it is stored and one as it comes out of a filter, which may have taken twice what it needed. */
	size_t held = (size_t)(2 * *chunk * (shared ? chunks + 2 : 2) + PER_CHUNK * chunks);
	if (held > f->chunks)
		f->chunks = held;
	if (shared && H5Pset_chunk_cache(access, 4 * chunks + 521, *chunk * chunks + 1, 1) < 0)
		return fail(err, "no cache");
	return 0;
}

/* Everything that can be known before numbers are read; access is prepared for opening it again. */
static int check_dataset(struct mfc_hdf5_file *f, const struct item *item, hid_t dataset, hid_t list, hid_t access, struct mfc_error *err)
{
	hid_t type = H5Dget_type(dataset);
	hsize_t bytes = type < 0 ? 0 : H5Tget_size(type), chunk = bytes;
	int filters = H5Pget_nfilters(list);
	if (type >= 0)
		H5Tclose(type);
	if (bytes == 0 || filters < 0)
		return fail(err, "cannot be opened");
	if (check_filters(list, filters, err))
		return -1;
	if (H5Pget_layout(list) == H5D_CHUNKED && size_cache(f, item, list, access, bytes, &chunk, err))
		return -1;
	for (int i = 0; i < item->dims; i++)
		if (__builtin_mul_overflow(bytes, item->shape[i], &bytes))
			return mfc_error_set(err, "a shape whose product overflows");
	if (!believable(f, dataset, filters > 0, bytes) || !believable(f, dataset, filters > 0, chunk))
		return mfc_error_set(err, "%llu bytes of numbers, but only %llu are stored (in a file of %llu)", (unsigned long long)bytes,
		    (unsigned long long)H5Dget_storage_size(dataset), (unsigned long long)f->bytes);
	return 0;
}

/* Open a dataset that has been checked; -1 with a message. */
static hid_t open_dataset(struct mfc_hdf5_file *f, const struct item *item, struct mfc_error *err)
{
	if (item->refused)
		return mfc_error_set(err, "%s", item->refused);
	hid_t access = H5Pcreate(H5P_DATASET_ACCESS), list = -1, dataset = H5Dopen2(f->file, item->path, H5P_DEFAULT);
	int status = -1;
	if (access < 0 || dataset < 0 || (list = H5Dget_create_plist(dataset)) < 0)
		fail(err, "cannot be opened");
	else
		status = check_dataset(f, item, dataset, list, access, err);
	if (list >= 0)
		H5Pclose(list);
	if (dataset >= 0)
		H5Dclose(dataset);
	dataset = -1;
	if (status == 0 && (dataset = H5Dopen2(f->file, item->path, access)) < 0)
		fail(err, "cannot be opened");
	if (access >= 0)
		H5Pclose(access);
	return dataset;
}

/* How many labels are read at once: whole chunks. */
static hsize_t labels_at_once(hid_t dataset, int dims)
{
	hsize_t size[2] = { 0 };
	hid_t list = H5Dget_create_plist(dataset);
	if (list < 0 || H5Pget_layout(list) != H5D_CHUNKED || H5Pget_chunk(list, 2, size) != dims || size[0] == 0)
		size[0] = 1;
	if (list >= 0)
		H5Pclose(list);
	return size[0] * ((LABELS - 1) / size[0] + 1);
}

/* A box of a dataset, of `all` numbers, as numbers of this type. */
static int read_part(hid_t dataset, hid_t type, const hsize_t *start, const hsize_t *count, hsize_t all, void *out, struct mfc_error *err)
{
	hid_t from = H5Dget_space(dataset), to = H5Screate_simple(1, &all, NULL);
	int status = 0;
	if (from < 0 || to < 0 || H5Sselect_hyperslab(from, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
	    H5Dread(dataset, type, to, from, H5P_DEFAULT, out) < 0)
		status = fail(err, "cannot be read");
	if (from >= 0)
		H5Sclose(from);
	if (to >= 0)
		H5Sclose(to);
	return status;
}

/* A dataset (rows) or (rows, 1), a part at a time: libhdf5 takes memory for every chunk of what it is asked for. */
static int read_integers(hid_t dataset, int dims, hsize_t rows, int64_t *out, struct mfc_error *err)
{
	hsize_t most = labels_at_once(dataset, dims);
	int status = 0;
	for (hsize_t done = 0; status == 0 && done < rows; done += most) {
		const hsize_t start[2] = { done }, count[2] = { rows - done < most ? rows - done : most, 1 };
		status = read_part(dataset, H5T_NATIVE_INT64, start, count, count[0], out + done, err);
	}
	return status ? mfc_error_prefix(err, "its label") : 0;
}

/* The integers beside a `data`, one for each cloud, if there are any. */
static int read_labels(struct mfc_hdf5_file *f, const struct item *item, struct mfc_error *err)
{
	const struct item *label = strcmp(last_part(item->path), "data") == 0 ? beside(f, item, "label") : NULL;
	if (!label || label->refused || !label->integer || item->dims != 3 || label->shape[0] != f->rows || label->dims > 2 ||
	    (label->dims == 2 && label->shape[1] != 1))
		return 0;
	hid_t dataset = open_dataset(f, label, err);
	if (dataset < 0)
		return mfc_error_prefix(err, "its label");
	int status = 0;
	mfc_apart_allow(MEMORY + f->chunks + PER_CHUNK * LABELS + f->rows * sizeof *f->label);
	if (f->rows > SIZE_MAX / sizeof *f->label || !(f->label = malloc(f->rows * sizeof *f->label)))
		status = mfc_error_memory(err);
	else
		status = read_integers(dataset, label->dims, f->rows, f->label, err);
	H5Dclose(dataset);
	/* ShapeNet's parts come under the same names, but with parts (pid) and 16 labels of their own. */
	f->modelnet = strncmp(f->stem, "ply_data", 8) == 0 && strcmp(item->path, "data") == 0 && !beside(f, item, "pid");
	for (hsize_t i = 0; status == 0 && f->modelnet && i < f->rows; i++)
		f->modelnet = f->label[i] >= 0 && f->label[i] < 40;
	return status;
}

static int open_item(struct mfc_hdf5_file *f, const struct item *item, struct mfc_error *err)
{
	hsize_t bytes = sizeof(float);
	f->chunks = 0;
	if ((f->dataset = open_dataset(f, item, err)) < 0)
		return -1;
	f->row = 0;
	f->rows = item->dims == 3 ? item->shape[0] : 1;
	f->n = item->shape[item->dims - 2];
	f->d = item->shape[item->dims - 1];
	if (__builtin_mul_overflow(bytes, f->n, &bytes) || __builtin_mul_overflow(bytes, f->d, &bytes) || bytes > MAX_ROW)
		return mfc_error_set(err, "clouds of more than %llu bytes", (unsigned long long)MAX_ROW);
	return read_labels(f, item, err);
}

/* Go on to the next dataset. */
static void close_item(struct mfc_hdf5_file *f)
{
	if (f->dataset >= 0)
		H5Dclose(f->dataset);
	f->dataset = -1;
	free(f->label);
	f->label = NULL;
	f->at++;
}

static void name_member(struct mfc_hdf5_file *f, const struct item *item)
{
	static const char *const category[40] = {   /* ModelNet40's, in the order of its labels */
		"airplane", "bathtub", "bed", "bench", "bookshelf", "bottle", "bowl", "car", "chair", "cone", "cup", "curtain", "desk", "door", "dresser",
		"flower_pot", "glass_box", "guitar", "keyboard", "lamp", "laptop", "mantel", "monitor", "night_stand", "person", "piano", "plant", "radio",
		"range_hood", "sink", "sofa", "stairs", "stool", "table", "tent", "toilet", "tv_stand", "vase", "wardrobe", "xbox"
	};
	unsigned long long row = f->row;
	if (f->label && f->modelnet) {
		const char *split = strstr(f->stem, "train") ? "train/" : strstr(f->stem, "test") ? "test/" : "";
		snprintf(f->member, sizeof f->member, "%s/%s%s-%llu.npy", category[f->label[row]], split, f->stem, row);
	} else if (f->label) {
		int group = (int)(last_part(item->path) - item->path);
		snprintf(f->member, sizeof f->member, "label-%lld/%.*s%s-%llu.npy", (long long)f->label[row], group, item->path, f->stem, row);
	} else if (item->dims == 3) {
		snprintf(f->member, sizeof f->member, "%s/%llu.npy", item->path, row);
	} else {
		snprintf(f->member, sizeof f->member, "%s.npy", item->path);
	}
}

static int read_numbers(struct mfc_hdf5_file *f, const struct item *item, float *numbers, struct mfc_error *err)
{
	const hsize_t start[3] = { item->dims == 3 ? f->row : 0 }, count3[3] = { 1, f->n, f->d }, count2[2] = { f->n, f->d };
	return read_part(f->dataset, H5T_NATIVE_FLOAT, start, item->dims == 3 ? count3 : count2, f->n * f->d, numbers, err);
}

static int read_row(struct mfc_hdf5_file *f, const struct item *item, char **npy, size_t *size, struct mfc_error *err)
{
	float *numbers;
	/* A chunk that a filter makes more of than was said is refused as it comes. */
	mfc_apart_allow(MEMORY + f->chunks + 2 * f->n * f->d * sizeof *numbers);
	if (!(*npy = mfc_npy_make(f->n, f->d, size, &numbers)))
		return mfc_error_memory(err);
	if (read_numbers(f, item, numbers, err)) {
		free(*npy);
		*npy = NULL;
		return mfc_error_prefix(err, "cloud %llu", (unsigned long long)f->row);
	}
	return 0;
}

int mfc_hdf5_file_next(struct mfc_hdf5_file *f, const char **member, char **npy, size_t *size, struct mfc_error *err)
{
	*member = f->member;
	for (; f->at < f->items; close_item(f)) {
		const struct item *item = &f->item[f->at];
		if (!holds_clouds(f, item))
			continue;
		if (f->dataset >= 0 && f->row == f->rows)
			continue;
		if ((f->dataset < 0 && open_item(f, item, err)) || (npy && read_row(f, item, npy, size, err))) {
			mfc_error_prefix(err, "%s", item->path);
			close_item(f);
			return -1;
		}
		name_member(f, item);
		f->row++;
		return 1;
	}
	return 0;
}

#endif
