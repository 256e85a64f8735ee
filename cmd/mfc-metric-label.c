/* The rows of the table: one, or one for each label and one for all. */
#include "mfc-metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t pairs_of(size_t clouds)
{
	return clouds * (clouds - (clouds > 0)) / 2;
}

static size_t count(const struct metric_set *set, const char *label)
{
	size_t n = 0;
	for (size_t i = 0; i < set->count; i++)
		n += metric_bears(&set->cloud[i], label);
	return n;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The labels of both sets, each once, in the order of their bytes. */
static const char **list_labels(const struct metric *m, size_t *labels)
{
	const struct metric_set *sets[] = { &m->reference, &m->generated };
	const char **label = calloc(m->reference.count + m->generated.count, sizeof *label);
	size_t n = 0, kept = 0;
	if (!label)
		cli_die("out of memory");
	for (size_t s = 0; s < 2; s++)
		for (size_t i = 0; i < sets[s]->count; i++)
			if (sets[s]->cloud[i].label)
				label[n++] = sets[s]->cloud[i].label;
	qsort(label, n, sizeof *label, by_text);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || strcmp(label[i], label[i - 1]) != 0)
			label[kept++] = label[i];
	*labels = kept;
	return label;
}

static void warn_unlabelled(const struct metric_set *set)
{
	size_t without = 0;
	for (size_t i = 0; i < set->count; i++)
		without += !set->cloud[i].label;
	if (without > 0)
		cli_warn("warning: %s: %zu of %zu clouds have no label and count among all only", set->name, without, set->count);
}

/* A label that only one side knows has no figures. */
static void missing(struct metric_row *row)
{
	const struct mfc_set_metrics none = { NAN, NAN, NAN };
	for (size_t k = 0; k < METRIC_PAIRS; k++)
		row->value[k] = row->error[k] = none;
	row->jsd = row->jsd_error = row->jsd_scale = NAN;
	cli_warn("warning: label %s: %zu generated and %zu reference clouds: nothing to compare", row->label, row->generated, row->reference);
}

struct metric_row *metric_rows(struct metric *m, size_t *rows)
{
	size_t labels = 0, all = m->reference.count + m->generated.count;
	const char **label = m->by_label ? list_labels(m, &labels) : NULL;
	struct metric_row *row = calloc(labels + 1, sizeof *row);
	if (!row)
		cli_die("out of memory");
	if (m->by_label && labels == 0)
		cli_die("%s, %s: no cloud has a label to tell apart by", m->reference.name, m->generated.name);
	if (m->by_label) {
		warn_unlabelled(&m->reference);
		warn_unlabelled(&m->generated);
	}
	for (size_t i = 0; i < labels; i++) {
		row[i] = (struct metric_row){ .label = label[i], .generated = count(&m->generated, label[i]), .reference = count(&m->reference, label[i]) };
		m->pairs += row[i].generated && row[i].reference ? pairs_of(row[i].generated + row[i].reference) : 0;
	}
	row[labels] = (struct metric_row){ .generated = m->generated.count, .reference = m->reference.count };
	m->pairs += pairs_of(all);
	for (size_t i = 0; i <= labels; i++) {
		if (row[i].generated == 0 || row[i].reference == 0) {
			missing(&row[i]);
			continue;
		}
		metric_evaluate(m, &row[i]);
		m->done += pairs_of(row[i].generated + row[i].reference);
	}
	free(label);
	*rows = labels + 1;
	return row;
}
