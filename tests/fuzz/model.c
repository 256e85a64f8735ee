/* mfc-model(5): a model that was read is whole and finite, and denoises a cloud. */
#include "fuzz.h"
#include "net/field.h"
#include "net/model.h"

#include <math.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define POINTS 4

static void require_sound(const struct mfc_model *m)
{
	REQUIRE(m->header.type == MFC_MAP && m->net.tensors > 0 && m->denoiser.sd > 0);
	for (size_t i = 0; i < m->net.parameters; i++)
		REQUIRE(isfinite(m->state.params[i]) && isfinite(m->state.ema[i]) && (!m->state.m || isfinite(m->state.m[i] + m->state.v[i])));
}

/* The weights may be such that nothing finite comes out: it comes out all the same. */
static void denoise(const struct mfc_model *m)
{
	struct mfc_error err = { .message = "" };
	struct mfc_weights weights;
	struct mfc_field *field;
	size_t count = POINTS * m->net.config.dim;
	float *x = calloc(count, sizeof *x);
	REQUIRE(x && mfc_weights_create(&weights, &m->net, m->state.ema, &err) == 0);
	for (size_t i = 0; i < count; i++)
		x[i] = (float)i / 4;
	REQUIRE(mfc_field_create(&field, &m->net, &weights, &m->denoiser, 1, &err) == 0);
	if (mfc_field_denoise(field, POINTS, x, 0.2, (struct mfc_context){ 0 }, NULL, x, &err))
		require_message(&err);
	mfc_field_free(field);
	mfc_weights_free(&weights);
	free(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct mfc_error err = { .message = "" };
	struct mfc_model model;
	char path[64];
	if (fd < 0)
		fd = memfd_create("input", MFD_CLOEXEC);
	REQUIRE(fd >= 0 && ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (mfc_model_read(&model, path, &err)) {
		require_message(&err);
		return 0;
	}
	require_sound(&model);
	denoise(&model);
	mfc_model_clear(&model);
	return 0;
}
