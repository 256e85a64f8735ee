#include "net/model.h"
#include "deflate.h"
#include "file.h"
#include "net/format.h"
#include "net/labels.h"
#include "rng.h"
#include "stream/stream.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PARAMETERS ((size_t)1 << 30)

/* The arrays of a tensor's record, in the order that its checksum takes them in. */
static const char *const array_key[] = { "x", "ema", "adam_m", "adam_v" };
#define ARRAYS (sizeof array_key / sizeof *array_key)

/* The configuration as the header's "model" keeps it. */
static const struct { const char *key; size_t offset; } field[] = {
	{ "width", offsetof(struct mfc_score_config, width) },
	{ "latents", offsetof(struct mfc_score_config, latents) },
	{ "latent_width", offsetof(struct mfc_score_config, latent_width) },
	{ "embed", offsetof(struct mfc_score_config, embed) },
	{ "heads", offsetof(struct mfc_score_config, heads) },
	{ "blocks", offsetof(struct mfc_score_config, blocks) },
	{ "frequencies", offsetof(struct mfc_score_config, frequencies) },
};
#define FIELDS (sizeof field / sizeof *field)

static size_t *field_of(struct mfc_score_config *c, size_t i)
{
	return (size_t *)(void *)((char *)c + field[i].offset);
}

/* Numbers from one of a model's vectors to the next: each begins on a cache line. */
static size_t apart(const struct mfc_score *net)
{
	return (net->parameters + 15) / 16 * 16;
}

size_t mfc_model_bytes(const struct mfc_score *net, bool optimizer)
{
	return apart(net) * (optimizer ? 4 : 2) * sizeof(float);
}

static int allocate(struct mfc_model *model, bool optimizer, struct mfc_error *err)
{
	size_t bytes = mfc_model_bytes(&model->net, optimizer), step = apart(&model->net);
	void *memory;
	if (model->net.parameters > MAX_PARAMETERS)
		return mfc_error_set(err, "a network of %zu parameters is too large", model->net.parameters);
	if (posix_memalign(&memory, 64, bytes))
		return mfc_error_memory(err);
	model->memory = memset(memory, 0, bytes);
	model->state.params = model->memory;
	model->state.ema = model->memory + step;
	model->state.m = optimizer ? model->memory + 2 * step : NULL;
	model->state.v = optimizer ? model->memory + 3 * step : NULL;
	return 0;
}

static void initialise(struct mfc_model *model, uint64_t seed)
{
	for (size_t i = 0; i < model->net.tensors; i++) {
		const struct mfc_tensor *t = &model->net.tensor[i];
		float *p = model->state.params + t->offset;
		struct mfc_rng rng = mfc_rng_make(seed, MFC_RNG_INIT, i, 0);
		double bound = t->fan_in ? 1 / sqrt((double)t->fan_in) : 0;
		if (t->init == MFC_INIT_NORMAL)
			mfc_rng_normals(&rng, 0, t->count, p);
		for (size_t j = 0; j < t->count; j++)
			switch (t->init) {
			case MFC_INIT_ZERO: p[j] = 0; break;
			case MFC_INIT_ONE: p[j] = 1; break;
			case MFC_INIT_UNIFORM: p[j] = (float)((2 * mfc_rng_uniform(&rng) - 1) * bound); break;
			case MFC_INIT_NORMAL: p[j] *= 0.5f; break;   /* the standard deviation of latents and labels */
			}
	}
	memcpy(model->state.ema, model->state.params, model->net.parameters * sizeof(float));
}

static int describe_local(struct mfc_value *map, const struct mfc_score_config *c, struct mfc_error *err)
{
	struct mfc_value list = mfc_value_list();
	for (size_t k = 0; k < c->windows; k++)
		if (mfc_value_push(&list, mfc_value_real(c->window[k]), err))
			return mfc_value_clear(&list), -1;
	return mfc_value_put(map, "local", list, err) || mfc_value_put(map, "below", mfc_value_real(c->below), err) ||
	    mfc_value_put(map, "crowd", mfc_value_real(c->crowd), err);
}

static int describe(struct mfc_model *model, struct mfc_error *err)
{
	struct mfc_score_config *c = &model->net.config;
	struct mfc_value map = mfc_value_map();
	int bad = mfc_value_put(&map, "network", mfc_value_str(mfc_arch_name[c->arch]), err) ||
	    mfc_value_put(&map, "sd", mfc_value_real(model->denoiser.sd), err) ||
	    mfc_value_put(&map, "parametrization", mfc_value_str(model->denoiser.epsilon ? "epsilon" : "edm"), err);
	for (size_t i = 0; i < FIELDS; i++)
		bad = bad || mfc_value_put(&map, field[i].key, mfc_value_uint(*field_of(c, i)), err);
	if (c->labels)
		bad = bad || mfc_value_put(&map, "labels", mfc_value_uint(c->labels), err);
	if (c->windows)
		bad = bad || describe_local(&map, c, err);
	if (c->arch == MFC_ARCH_PAIRWISE)
		bad = bad || mfc_value_put(&map, "radius", mfc_value_real(c->radius), err);
	if (bad) {
		mfc_value_clear(&map);
		return -1;
	}
	if (mfc_value_put(&model->header, "dim", mfc_value_uint(c->dim), err))
		return mfc_value_clear(&map), -1;
	return mfc_value_put(&model->header, "model", map, err);
}

int mfc_model_create(struct mfc_model *model, const struct mfc_score_config *config, const struct mfc_denoiser *denoiser, uint64_t seed,
    const struct mfc_value *header, struct mfc_error *err)
{
	*model = (struct mfc_model){ .denoiser = *denoiser, .header = mfc_value_map() };
	if ((header && mfc_value_copy(&model->header, header, err)) || mfc_score_create(&model->net, config, err) || allocate(model, true, err) ||
	    describe(model, err)) {
		mfc_model_clear(model);
		return -1;
	}
	initialise(model, seed);
	return 0;
}

void mfc_model_clear(struct mfc_model *model)
{
	mfc_score_clear(&model->net);
	free(model->memory);
	mfc_value_clear(&model->header);
	*model = (struct mfc_model){ 0 };
}

static int understand_local(struct mfc_score_config *c, const struct mfc_value *map, struct mfc_error *err)
{
	const struct mfc_value *local = mfc_value_get(map, "local");
	if (local && (local->type != MFC_LIST || local->size > MFC_SCORE_MAX_WINDOWS))
		return mfc_error_set(err, "the header's model has no valid local");
	for (c->windows = 0; local && c->windows < local->size; c->windows++)
		if (!mfc_value_as_real(&local->items[c->windows], &c->window[c->windows]))
			return mfc_error_set(err, "the header's model has no valid local");
	if (local && (!mfc_value_as_real(mfc_value_get(map, "below"), &c->below) || !mfc_value_as_real(mfc_value_get(map, "crowd"), &c->crowd)))
		return mfc_error_set(err, "the header's model has a local term and lacks one of below, crowd");
	if (c->arch == MFC_ARCH_PAIRWISE && !mfc_value_as_real(mfc_value_get(map, "radius"), &c->radius))
		return mfc_error_set(err, "the header's model has no radius");
	return 0;
}

/* The network that a header describes. */
static int understand(struct mfc_model *model, const struct mfc_value *header, struct mfc_error *err)
{
	struct mfc_score_config c = { .frequencies = MFC_SCORE_PLAIN };
	const struct mfc_value *map = mfc_value_get(header, "model");
	const char *name = mfc_value_as_string(mfc_value_get(map, "network"));
	const char *form = mfc_value_as_string(mfc_value_get(map, "parametrization"));
	double *sd = &model->denoiser.sd;
	if (!map)
		return mfc_error_set(err, "not a model");
	if (!name || !mfc_arch_named(&c.arch, name))
		return mfc_error_set(err, "network \"%.40s\" is unknown here", name ? name : "");
	if (!mfc_value_as_size(mfc_value_get(header, "dim"), &c.dim))
		return mfc_error_set(err, "the header has no dim");
	for (size_t i = 0; i < FIELDS; i++)
		if ((mfc_value_get(map, field[i].key) || field_of(&c, i) != &c.frequencies) &&   /* which older models do not name */
		    !mfc_value_as_size(mfc_value_get(map, field[i].key), field_of(&c, i)))
			return mfc_error_set(err, "the header's model has no %s", field[i].key);
	if (!mfc_value_as_real(mfc_value_get(map, "sd"), sd) || !(*sd > 0) || !isfinite(*sd))
		return mfc_error_set(err, "the header's model has no valid sd");
	if (mfc_value_get(map, "parametrization") && (!form || !mfc_denoiser_named(&model->denoiser, form)))
		return mfc_error_set(err, "parametrization \"%.40s\" is unknown here", form ? form : "");
	const struct mfc_value *labels = mfc_value_get(map, "labels");
	if (labels && (!mfc_value_as_size(labels, &c.labels) || c.labels < 1))
		return mfc_error_set(err, "the header's model has no valid labels");
	if (labels && mfc_labels_check(header, err))
		return -1;
	if (understand_local(&c, map, err))
		return -1;
	return mfc_score_create(&model->net, &c, err);
}

static size_t find(const struct mfc_score *net, const char *name)
{
	size_t i = 0;
	while (i < net->tensors && strcmp(net->tensor[i].name, name) != 0)
		i++;
	return i;
}

/* One array of a tensor's record, of the tensor's shape. */
static int view_array(const struct mfc_tensor *t, const struct mfc_value *record, const char *key, struct mfc_array *a, struct mfc_error *err)
{
	if (mfc_array_check(mfc_value_get(record, key), a, err))
		return mfc_error_prefix(err, "%s", key);
	if (a->dims != t->dims || a->shape[0] != t->shape[0] || (t->dims == 2 && a->shape[1] != t->shape[1]))
		return mfc_error_set(err, "%s has another shape than the network's tensor", key);
	return 0;
}

/* Converted to float. */
static int load_array(const struct mfc_tensor *t, const struct mfc_value *record, const char *key, float *to, struct mfc_error *err)
{
	struct mfc_array a;
	if (view_array(t, record, key, &a, err))
		return -1;
	if (mfc_array_floats(&a, 0, a.count, to + t->offset, err))
		return -1;
	for (size_t i = 0; i < t->count; i++)
		if (!isfinite(to[t->offset + i]))
			return mfc_error_set(err, "%s holds a number that is not finite", key);
	return 0;
}

/* The CRC-32 of a record's arrays: of their bytes, one after the other. */
static uint32_t checksum(const struct mfc_value *record)
{
	uint32_t sum = 0;
	for (size_t i = 0; i < ARRAYS; i++) {
		const struct mfc_value *data = mfc_value_get(mfc_value_get(record, array_key[i]), "data");
		if (data && data->type == MFC_BIN)
			sum = mfc_crc32(sum, data->bytes, data->size);
	}
	return sum;
}

/* What the record says of it, which models of format 1 do not. */
static int verify(const struct mfc_value *record, struct mfc_error *err)
{
	size_t said;
	const struct mfc_value *crc = mfc_value_get(record, "crc32");
	if (crc && (!mfc_value_as_size(crc, &said) || said != checksum(record)))
		return mfc_error_set(err, "damaged: its checksum is not that of its arrays");
	return 0;
}

/* Keep a tensor's record among those that came (tensors), one for each. */
static int keep_tensor(const struct mfc_score *net, struct mfc_value *record, struct mfc_value *came, struct mfc_error *err)
{
	const char *id = mfc_value_as_string(mfc_value_get(record, "id"));
	struct mfc_array a;
	if (!id)
		return mfc_error_set(err, "a tensor's record has no id");
	size_t i = find(net, id);
	if (i == net->tensors)
		return mfc_error_set(err, "tensor \"%.40s\" is not one of the network's", id);
	if (came[i].type != MFC_NIL)
		return mfc_error_set(err, "tensor \"%s\" occurs twice", net->tensor[i].name);
	if (verify(record, err) || view_array(&net->tensor[i], record, "x", &a, err))
		return mfc_error_prefix(err, "tensor \"%s\"", net->tensor[i].name);
	came[i] = *record;
	*record = mfc_value_nil();
	return 0;
}

static int load_tensor(struct mfc_model *model, const struct mfc_tensor *t, const struct mfc_value *record, struct mfc_error *err)
{
	struct mfc_train_state *s = &model->state;
	bool averaged = mfc_value_get(record, "ema") || s->m;
	if (load_array(t, record, "x", s->params, err) || (averaged && load_array(t, record, "ema", s->ema, err)) ||
	    (s->m && (load_array(t, record, "adam_m", s->m, err) || load_array(t, record, "adam_v", s->v, err))))
		return mfc_error_prefix(err, "tensor \"%s\"", t->name);
	if (!averaged)
		memcpy(s->ema + t->offset, s->params + t->offset, t->count * sizeof *s->ema);
	return 0;
}

/* The records' numbers; each record is let go. The first one decides whether the file keeps the optimiser. */
static int load_all(struct mfc_model *model, struct mfc_value *came, struct mfc_error *err)
{
	const struct mfc_score *net = &model->net;
	for (size_t i = 0; i < net->tensors; i++)
		if (came[i].type == MFC_NIL)
			return mfc_error_set(err, "tensor \"%s\" is missing", net->tensor[i].name);
	if (net->tensors && allocate(model, mfc_value_get(&came[0], "adam_m") != NULL, err))
		return -1;
	for (size_t i = 0; i < net->tensors; i++) {
		if (load_tensor(model, &net->tensor[i], &came[i], err))
			return -1;
		mfc_value_clear(&came[i]);
	}
	return 0;
}

static int begin_model(struct mfc_model *model, const struct mfc_value *header, size_t *format, struct mfc_value **came, struct mfc_error *err)
{
	if (model->net.tensors)
		return mfc_error_set(err, "two models in one file");
	if (mfc_model_format(header, format, err) || understand(model, header, err) || mfc_value_copy(&model->header, header, err))
		return -1;
	*came = calloc(model->net.tensors, sizeof **came);
	return *came ? 0 : mfc_error_memory(err);
}

/* All records come, each whole, before there is memory for what the header claims. */
static int read_from(struct mfc_model *model, struct mfc_reader *reader, struct mfc_error *err)
{
	struct mfc_value record = mfc_value_nil(), *came = NULL;
	size_t format = 1;
	int event, status = 0;
	while (status == 0 && (event = mfc_reader_next_value(reader, &record, err)) != MFC_END)
		status = event < 0 ? -1 : event == MFC_HEADER ? begin_model(model, mfc_reader_header(reader), &format, &came, err)
		                                              : keep_tensor(&model->net, &record, came, err);
	if (status == 0 && format > 1 && !mfc_reader_summed(reader))
		status = mfc_error_set(err, "damaged: the trailer has no checksum");
	if (status == 0)
		status = load_all(model, came, err);
	mfc_value_clear(&record);
	for (size_t i = 0; came && i < model->net.tensors; i++)
		mfc_value_clear(&came[i]);
	free(came);
	return status;
}

int mfc_model_read(struct mfc_model *model, const char *path, struct mfc_error *err)
{
	*model = (struct mfc_model){ 0 };
	bool standard = strcmp(path, "-") == 0;
	FILE *in = standard ? stdin : fopen(path, "rb");
	if (!in)
		return mfc_error_set(err, "%s: %s", path, strerror(errno));
	struct mfc_reader *reader;
	int status = mfc_reader_open(&reader, in, path, MFC_MODEL_MAX_RECORD, err);
	if (status == 0) {
		mfc_reader_sum(reader);
		status = read_from(model, reader, err);
		mfc_reader_close(reader);
		if (status && strncmp(err->message, path, strlen(path)) != 0)
			mfc_error_prefix(err, "%s", path);
	}
	if (!standard)
		fclose(in);
	if (status)
		mfc_model_clear(model);
	return status;
}

static int store_tensor(const struct mfc_model *model, const struct mfc_tensor *t, bool slim, struct mfc_value *record, struct mfc_error *err)
{
	const float *from[ARRAYS] = { slim ? model->state.ema : model->state.params, model->state.ema, model->state.m, model->state.v };
	if (mfc_value_put(record, "id", mfc_value_str(t->name), err))
		return -1;
	for (size_t i = 0; i < (slim ? 1 : model->state.m ? ARRAYS : 2); i++) {
		struct mfc_value a;
		if (mfc_array_make(&a, "<f4", t->dims, t->shape, from[i] + t->offset, err) || mfc_value_put(record, array_key[i], a, err))
			return -1;
	}
	return mfc_value_put(record, "crc32", mfc_value_uint(checksum(record)), err);
}

/* The model's header, with the version that is written whatever it was read as. */
static int store_header(const struct mfc_model *model, struct mfc_writer *writer, struct mfc_error *err)
{
	struct mfc_value header;
	int status = mfc_value_copy(&header, &model->header, err) ||
	    mfc_value_put(mfc_value_get(&header, "model"), "format", mfc_value_uint(MFC_MODEL_FORMAT), err) || mfc_writer_header(writer, &header, err);
	mfc_value_clear(&header);
	return status ? -1 : 0;
}

int mfc_model_write(const struct mfc_model *model, const char *path, bool slim, struct mfc_error *err)
{
	struct mfc_file file = { 0 };
	if (mfc_file_create(&file, path, err))
		return -1;
	struct mfc_writer writer;
	mfc_writer_init(&writer, file.stream, path);
	writer.sums = true;
	int status = store_header(model, &writer, err);
	for (size_t i = 0; status == 0 && i < model->net.tensors; i++) {
		struct mfc_value record = mfc_value_map();
		status = store_tensor(model, &model->net.tensor[i], slim, &record, err) ? -1 : mfc_writer_value(&writer, &record, err);
		mfc_value_clear(&record);
	}
	if (status || mfc_writer_end(&writer, err)) {
		mfc_file_discard(&file);
		return -1;
	}
	return mfc_file_commit(&file, err);
}
