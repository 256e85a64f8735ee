/* The distances from the files of all blocks, joined by cat in any order. */
#include "mfc-metric.h"

#include "array.h"

#include <stdlib.h>
#include <string.h>

struct metric_piece { char *measure; double *value; size_t count; };
struct metric_block { struct metric_piece *piece; size_t pieces, next; bool there; };

/* A segment begins: the block that it is. */
static struct metric_block *begin_block(struct metric *m, const struct mfc_value *header, const struct metric_origin *want, const char *name)
{
	struct metric_origin is = { 0 };
	size_t block, blocks;
	if (!metric_block_described(header, &is, &block, &blocks))
		cli_die("%s: not a block of mfc-metric --block", name);
	if (strcmp(is.options, want->options) != 0)
		cli_die("%s: block %zu/%zu is of other options: %s, where this is %s", name, block, blocks, is.options, want->options);
	if (is.reference != want->reference || is.generated != want->generated)
		cli_die("%s: block %zu/%zu is of other clouds than %s", name, block, blocks,
		    is.reference != want->reference ? m->reference.name : m->generated.name);
	if (!m->block_list) {
		m->merges = blocks;
		m->block_list = blocks > 1 << 20 ? NULL : calloc(blocks, sizeof *m->block_list);
		if (!m->block_list)
			cli_die("%s: out of memory: %zu blocks", name, blocks);
	}
	if (blocks != m->merges)
		cli_die("%s: block %zu/%zu among blocks of %zu", name, block, blocks, m->merges);
	if (m->block_list[block].there)
		cli_die("%s: block %zu/%zu is there twice", name, block, blocks);
	m->block_list[block].there = true;
	return &m->block_list[block];
}

/* Does a header begin within the array? The bytes that a file lacks at its end are then those of the one behind it. */
static bool swallowed(const struct mfc_array *a)
{
	static const char header[] = "\xa3mfc\x01\xa4kind\xa6header";
	return memmem(a->data, a->count * a->item, header, sizeof header - 1) != NULL;
}

static void add_piece(const struct metric *m, struct metric_block *b, const struct mfc_value *record, const char *name)
{
	struct mfc_error err;
	struct mfc_array a;
	char where[400];
	snprintf(where, sizeof where, "%s: block %td/%zu", name, b - m->block_list, m->merges);
	const struct mfc_value *id = mfc_value_get(record, "id");
	if (!id || id->type != MFC_STR)
		cli_die("%s: a record without \"id\", the measure that it is of", where);
	if (mfc_array_check(mfc_value_get(record, "values"), &a, &err))
		cli_die("%s: values: %s", where, err.message);
	if (swallowed(&a))
		cli_die("%s is cut short: another begins within its %s", where, id->bytes);
	b->piece = realloc(b->piece, (b->pieces + 1) * sizeof *b->piece);
	double *value = malloc((a.count + 1) * sizeof *value);
	char *measure = strdup(id->bytes);
	if (!b->piece || !value || !measure)
		cli_die("out of memory");
	if (mfc_array_doubles(&a, 0, a.count, value, &err))
		cli_die("%s: values: %s", where, err.message);
	for (size_t i = 0; i < a.count; i++)   /* infinite where a bound left the pair out */
		if (!(value[i] >= 0))
			cli_die("%s: %s: value %zu is %g, no distance", where, measure, i, value[i]);
	b->piece[b->pieces++] = (struct metric_piece){ measure, value, a.count };
}

void metric_block_read(struct metric *m)
{
	struct mfc_error err;
	struct mfc_reader *reader;
	struct mfc_value record = mfc_value_nil();
	struct metric_block *block = NULL;
	const char *name = cli_name(m->merge_path);
	struct metric_origin want = { 0 };
	FILE *in = cli_open(m->merge_path);
	int event;
	metric_block_origin(m, &want);
	if (mfc_reader_open(&reader, in, name, m->cli.max_record, &err))
		cli_die("%s", err.message);
	while ((event = mfc_reader_next_value(reader, &record, &err)) > 0)
		if (event == MFC_HEADER)
			block = begin_block(m, mfc_reader_header(reader), &want, name);
		else
			add_piece(m, block, &record, name);
	if (event < 0)
		cli_die("%s", err.message);
	for (size_t b = 0; b < m->merges; b++)
		if (!m->block_list[b].there)
			cli_die("%s: block %zu/%zu is missing", name, b, m->merges);
	mfc_value_clear(&record);
	mfc_reader_close(reader);
	if (in != stdin)
		fclose(in);
}

void metric_block_get(struct metric *m, const struct mfc_distances *d, const char *measure, double *matrix)
{
	for (size_t b = 0; b < m->merges; b++) {
		struct metric_block *block = &m->block_list[b];
		struct metric_piece *piece = block->next < block->pieces ? &block->piece[block->next++] : NULL;
		if (piece && strcmp(piece->measure, measure) != 0)
			cli_die("%s: block %zu/%zu has %s where %s should be", cli_name(m->merge_path), b, m->merges, piece->measure, measure);
		if (!piece || piece->count != metric_block_exchange(d, b, m->merges, matrix, NULL, true))
			cli_die("%s: block %zu/%zu does not hold as many pairs as it should", cli_name(m->merge_path), b, m->merges);
		metric_block_exchange(d, b, m->merges, matrix, piece->value, true);
	}
}

void metric_block_clear(struct metric *m)
{
	for (size_t b = 0; b < m->merges; b++) {
		for (size_t i = 0; i < m->block_list[b].pieces; i++) {
			free(m->block_list[b].piece[i].measure);
			free(m->block_list[b].piece[i].value);
		}
		free(m->block_list[b].piece);
	}
	free(m->block_list);
}
