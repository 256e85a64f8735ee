/* The model file: there and back, a flipped bit anywhere in it, and its versions. */
#include "net/model.h"

#include "check.h"
#include "file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char path[] = "m.mfc";

static char *bytes;
static size_t size;

static int reads(struct mfc_error *err)
{
	struct mfc_model model;
	int status = mfc_model_read(&model, path, err);
	mfc_model_clear(&model);
	return status;
}

/* Every stride-th bit in turn is another one. */
static void flips(const char *what, size_t stride)
{
	struct mfc_error err = { .message = "" };
	size_t tried = 0, unnoticed = 0, unnamed = 0, first = 0;
	int fd = open(path, O_WRONLY);
	for (size_t bit = 0; bit < 8 * size; bit += stride) {
		char other = (char)(bytes[bit / 8] ^ 1 << bit % 8);
		if (pwrite(fd, &other, 1, (off_t)(bit / 8)) != 1)
			break;
		if (reads(&err) == 0 && unnoticed++ == 0)
			first = bit;
		unnamed += strncmp(err.message, "m.mfc: ", 7) != 0;
		tried++;
		if (pwrite(fd, &bytes[bit / 8], 1, (off_t)(bit / 8)) != 1)
			break;
	}
	close(fd);
	check(tried == (8 * size + stride - 1) / stride && unnoticed == 0,
	    "%s: of %zu flipped bits %zu are not noticed, the first of them bit %zu of byte %zu", what, tried, unnoticed, first % 8, first / 8);
	check(unnamed == 0, "and %zu without naming the file", unnamed);
	check(reads(&err) == 0, "as it was it is read");
}

static void load(void)
{
	struct mfc_error err;
	free(bytes);
	if (mfc_file_read(path, 1 << 20, &bytes, &size, &err))
		check(0, "%s", err.message);
}

/* Put other bytes for those that occur once, as many, from `from` on. */
static void patch(const char *of, const char *by, size_t length)
{
	char *at = memmem(bytes, size, of, length);
	int fd = open(path, O_WRONLY);
	if (!at || pwrite(fd, by, length, at - bytes) != (ssize_t)length)
		check(0, "cannot patch %s", of);
	close(fd);
}

int main(void)
{
	char folder[] = "/tmp/mfc-model-XXXXXX";
	struct mfc_error err = { .message = "" };
	struct mfc_model model, again;
	struct mfc_value header = mfc_value_map(), list = mfc_value_list();
	const struct mfc_score_config config = { .dim = 2, .width = 4, .latents = 1, .latent_width = 4, .embed = 4, .heads = 1, .blocks = 1,
		.frequencies = 5, .labels = 2, .arch = MFC_ARCH_LATENT };
	const struct mfc_denoiser denoiser = { .sd = 1 };
	if (!mkdtemp(folder) || chdir(folder))
		return 1;
	for (size_t i = 0; i < 3; i++)
		mfc_value_push(&list, mfc_value_real(0.1 * (double)i), &err);
	struct mfc_value labels = mfc_value_map();
	mfc_value_put(&labels, "key", mfc_value_str("label"), &err);
	mfc_value_put(&labels, "names", mfc_value_list(), &err);
	mfc_value_put(&header, "labels", labels, &err);
	mfc_value_put(&header, "other", list, &err);
	if (!check(mfc_model_create(&model, &config, &denoiser, 1, &header, &err) == 0 && mfc_model_write(&model, path, false, &err) == 0, "written: %s",
	        err.message))
		return done();
	load();
	check(mfc_model_read(&again, path, &err) == 0 &&
	    memcmp(model.state.params, again.state.params, mfc_model_bytes(&model.net, true)) == 0, "and read, the same numbers: %s", err.message);
	mfc_model_write(&again, path, false, &err);
	char *before = bytes;
	size_t length = size;
	bytes = NULL;
	load();
	check(size == length && memcmp(before, bytes, size) == 0, "written again, the same bytes");
	free(before);
	mfc_model_clear(&again);

	flips("a whole model", 17);
	patch("embed.weight", "embad.weight", 12);
	check(reads(&err) && strstr(err.message, "m.mfc: tensor \"embad.weight\" is not one of"), "a damaged name: %s", err.message);
	patch("embed.weight", "embed.weight", 12);
	const char *x = (const char *)memmem(bytes, size, "embed.bias", 10) + 40;
	int fd = open(path, O_WRONLY);
	check(pwrite(fd, "\x7f", 1, x - bytes) == 1 && reads(&err) &&
	    strcmp(err.message, "m.mfc: tensor \"embed.bias\": damaged: its checksum is not that of its arrays") == 0, "a damaged number: %s", err.message);
	check(pwrite(fd, x, 1, x - bytes) == 1 && reads(&err) == 0, "mended");
	close(fd);
	patch("format\x02", "format\x03", 7);
	check(reads(&err) && strcmp(err.message, "m.mfc: a model of format 3, newer than the 2 that this program knows: a newer mfc reads it") == 0,
	    "a newer one: %s", err.message);
	patch("format\x02", "format\x01", 7);
	check(reads(&err) && strstr(err.message, "damaged: the checksum in the trailer"), "a damaged version: %s", err.message);

	mfc_model_write(&model, path, true, &err);
	load();
	flips("the average alone", 3);
	mfc_model_clear(&model);
	mfc_value_clear(&header);
	free(bytes);
	unlink(path);
	if (chdir("/") || rmdir(folder))
		check(0, "something was left in %s", folder);
	return done();
}
