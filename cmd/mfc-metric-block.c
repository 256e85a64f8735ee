/* Blocks of pairs, for work that is shared out among jobs: block I of M is every M-th pair from the I-th on. Its file is a stream of one record for
 * each matrix, in the order in which they are computed: {"id": measure, "values": ARRAY [pairs] of <f8}; the header says which block it is, and of
 * what. */
#include "mfc-metric.h"

#include "array.h"
#include "rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static uint64_t hash(const struct metric *m, const struct metric_set *set)
{
	uint64_t key = set->count;
	for (size_t i = 0; i < set->count; i++) {
		const struct mfc_cloud *c = &set->cloud[i];
		const char *label = m->by_label && c->label ? c->label : "";
		key = mfc_rng_mix(mfc_rng_mix(key, c->n), mfc_rng_hash(label, strlen(label)));
		key = mfc_rng_mix(key, mfc_rng_hash(c->x, c->n * c->dim * sizeof *c->x));
		if (set->shape[i].normals)
			key = mfc_rng_mix(key, mfc_rng_hash(set->shape[i].normals, c->n * c->dim * sizeof(float)));
	}
	return key;
}

void metric_block_origin(const struct metric *m, struct metric_origin *o)
{
	char metrics[128] = "", tau[40] = "", points[80] = "";
	for (size_t k = 0; k < METRIC_PAIRS; k++)
		if (m->wanted[k])
			strcat(strcat(metrics, *metrics ? "," : ""), metric_name(m, k));
	if (m->wanted[METRIC_FSCORE])
		snprintf(tau, sizeof tau, " --tau %.17g", m->tau);
	if (m->points)
		snprintf(points, sizeof points, " --points %zu --seed %zu", m->points, (size_t)m->cli.seed);
	snprintf(o->options, sizeof o->options, "%s%s%s --convention %s --normalize %s%s%s%s", m->across ? "pairs of " : "", metrics, tau,
	    m->convention->name, m->normalize, points, m->bootstrap ? " --bootstrap" : "", m->by_label ? " --by-label" : "");
	o->reference = hash(m, &m->reference);
	o->generated = hash(m, &m->generated);
}

bool metric_block_described(const struct mfc_value *header, struct metric_origin *o, size_t *block, size_t *blocks)
{
	const struct mfc_value *v = mfc_value_get(header, "block"), *r = mfc_value_get(v, "reference"), *g = mfc_value_get(v, "generated");
	const char *options = mfc_value_as_string(mfc_value_get(v, "options"));
	if (!r || r->type != MFC_UINT || !g || g->type != MFC_UINT || !options || !mfc_value_as_size(mfc_value_get(v, "number"), block) ||
	    !mfc_value_as_size(mfc_value_get(v, "of"), blocks))
		return false;
	o->reference = r->natural;
	o->generated = g->natural;
	snprintf(o->options, sizeof o->options, "%s", options);
	return *block < *blocks;
}

static bool same_origin(const struct metric_origin *a, const struct metric_origin *b)
{
	return strcmp(a->options, b->options) == 0 && a->reference == b->reference && a->generated == b->generated;
}

/* Whether an earlier run has left this block where -o says, whole. */
static bool done_before(const struct metric *m, const struct metric_origin *want)
{
	struct mfc_error err;
	struct mfc_reader *reader;
	struct mfc_value record = mfc_value_nil();
	struct metric_origin origin = { 0 };
	size_t block, blocks;
	bool same = false;
	struct stat st;
	FILE *in = stat(m->cli.output, &st) == 0 && S_ISREG(st.st_mode) ? fopen(m->cli.output, "rb") : NULL;
	if (!in)
		return false;
	if (mfc_reader_open(&reader, in, m->cli.output, m->cli.max_record, &err) == 0) {
		int event = mfc_reader_next_value(reader, &record, &err);
		same = event == MFC_HEADER && metric_block_described(mfc_reader_header(reader), &origin, &block, &blocks) && same_origin(&origin, want) &&
		    block == m->block && blocks == m->blocks;
		while (event > 0 && same)
			event = mfc_reader_next_value(reader, &record, &err);
		same = same && event == MFC_END;
		mfc_value_clear(&record);
		mfc_reader_close(reader);
	}
	fclose(in);
	return same;
}

bool metric_block_begin(struct metric *m)
{
	struct mfc_error err;
	struct mfc_value header = mfc_value_map(), block = mfc_value_map();
	struct metric_origin origin = { 0 };
	metric_block_origin(m, &origin);
	if (strcmp(m->cli.output, "-") != 0 && done_before(m, &origin)) {
		cli_note("%s: done before", m->cli.output);
		return false;
	}
	if (mfc_value_put(&block, "options", mfc_value_str(origin.options), &err) ||
	    mfc_value_put(&block, "reference", mfc_value_uint(origin.reference), &err) ||
	    mfc_value_put(&block, "generated", mfc_value_uint(origin.generated), &err) || mfc_value_put(&block, "number", mfc_value_uint(m->block), &err) ||
	    mfc_value_put(&block, "of", mfc_value_uint(m->blocks), &err) || mfc_value_put(&header, "block", block, &err))
		cli_die("%s", err.message);
	cli_output_header(&m->cli, &header, m->points > 0);
	mfc_value_clear(&header);
	return true;
}

size_t metric_block_exchange(const struct mfc_distances *d, size_t block, size_t blocks, double *matrix, double *list, bool back)
{
	size_t columns = d->b ? d->b_count : d->a_count, number = 0, kept = 0;
	for (size_t i = 0; i < d->a_count; i++)
		for (size_t j = d->b ? 0 : i + 1; j < columns; j++) {
			if (number++ % blocks != block)
				continue;
			if (list && !back)
				list[kept] = matrix[i * columns + j];
			if (list && back)
				matrix[i * columns + j] = list[kept];
			if (list && back && !d->b)
				matrix[j * columns + i] = list[kept];
			kept++;
		}
	return kept;
}

void metric_block_put(struct metric *m, const struct mfc_distances *d, const char *measure, double *matrix)
{
	struct mfc_error err;
	struct mfc_value record = mfc_value_map(), values;
	size_t count = metric_block_exchange(d, m->block, m->blocks, matrix, NULL, false);
	double *list = calloc(count + 1, sizeof *list);
	if (!list)
		cli_die("out of memory");
	metric_block_exchange(d, m->block, m->blocks, matrix, list, false);
	if (mfc_array_make(&values, "<f8", 1, &count, list, &err) || mfc_value_put(&record, "id", mfc_value_str(measure), &err) ||
	    mfc_value_put(&record, "values", values, &err) || mfc_writer_value(cli_output(&m->cli), &record, &err))
		cli_die("%s", err.message);
	mfc_value_clear(&record);
	free(list);
}
