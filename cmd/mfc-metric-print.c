/* The table of figures, as TSV or JSON. */
#include "mfc-metric.h"

#include "load/text.h"

#include <math.h>
#include <string.h>

enum { MOST = 2 * 3 * METRIC_PAIRS + 3 };
struct figure { char name[32]; double value; };

static size_t put(struct figure *f, size_t count, const struct metric *m, const char *name, const char *of, double value, double error)
{
	snprintf(f[count].name, sizeof f->name, "%s%s", name, of);
	f[count++].value = value;
	if (!m->bootstrap)
		return count;
	snprintf(f[count].name, sizeof f->name, "%s%s-error", name, of);
	f[count++].value = error;
	return count;
}

/* What is printed, in this order: nothing of what was not asked for. */
static size_t figures(const struct metric *m, const struct metric_row *row, struct figure f[MOST])
{
	static const char *const statistic[] = { "mmd-", "cov-", "1nna-" };
	size_t count = 0;
	if (m->paper) {
		count = put(f, count, m, metric_name(m, METRIC_EMD), "", 1e2 * row->value[METRIC_EMD].mmd, 1e2 * row->error[METRIC_EMD].mmd);
		return put(f, count, m, "cd", "", 1e3 * row->value[METRIC_CD].mmd, 1e3 * row->error[METRIC_CD].mmd);
	}
	for (size_t s = 0; s < 3; s++)
		for (size_t k = 0; k < METRIC_PAIRS; k++) {
			const struct mfc_set_metrics *v = &row->value[k], *e = &row->error[k];
			const double value[] = { v->mmd, v->cov, v->nna }, error[] = { e->mmd, e->cov, e->nna };
			if (m->wanted[k])
				count = put(f, count, m, statistic[s], metric_name(m, k), value[s], error[s]);
		}
	if (!m->wanted[METRIC_JSD])
		return count;
	count = put(f, count, m, "jsd", "", row->jsd, row->jsd_error);
	strcpy(f[count].name, "jsd-scale");
	f[count++].value = row->jsd_scale;
	return count;
}

void metric_put_number(FILE *out, int digits, double x)
{
	if (isnan(x))
		fputs("\tnan", out);
	else
		fprintf(out, "\t%.*g", digits, x);
}

void metric_put_text(FILE *out, const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		const char *special = strchr("\t\n\r\\", *c);
		if (special)
			fprintf(out, "\\%c", "tnr\\"[special - "\t\n\r\\"]);
		else if (*c < 32 || *c == 127)
			fprintf(out, "\\x%02x", *c);
		else if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)   /* U+0080 … U+009F */
			fprintf(out, "\\u%04x", *++c);
		else
			putc(*c, out);
	}
}

/* What is no UTF-8 becomes U+FFFD: a reader of JSON would refuse it. */
static void put_json_text(FILE *out, const char *text)
{
	putc('"', out);
	for (size_t length; *text; text += length ? length : 1)
		if ((length = mfc_text_utf8_length(text)) != 1)
			fprintf(out, "%.*s", length ? (int)length : 3, length ? text : "\xef\xbf\xbd");
		else if (*text < 32)
			fprintf(out, "\\u%04x", (unsigned)*text);
		else
			fprintf(out, strchr("\"\\", *text) ? "\\%c" : "%c", *text);
	putc('"', out);
}

static void print_tsv(FILE *out, const struct metric *m, const struct metric_row *row, size_t rows)
{
	struct figure f[MOST];
	char points[48];
	size_t count = figures(m, row, f);
	fputs(m->by_label ? "label\t" : "", out);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s\t", f[i].name);
	fprintf(out, "generated\treference\tpoints\tnormalize\tconvention%s\n", m->wanted[METRIC_FSCORE] ? "\ttau" : "");
	for (; rows--; row++) {
		if (m->by_label) {
			metric_put_text(out, row->label ? row->label : "all");
			putc('\t', out);
		}
		count = figures(m, row, f);
		for (size_t i = 0; i < count; i++)
			fprintf(out, isnan(f[i].value) ? "nan\t" : "%.9g\t", f[i].value);
		metric_points(m, row->label, points);
		fprintf(out, "%zu\t%zu\t%s\t%s\t%s", row->generated, row->reference, points, m->normalize, m->convention->name);
		if (m->wanted[METRIC_FSCORE])
			fprintf(out, "\t%g", m->tau);
		putc('\n', out);
	}
}

/* The pairs of a JSON object. */
static void print_object(FILE *out, const struct metric *m, const struct metric_row *row)
{
	struct figure f[MOST];
	char points[48];
	size_t count = figures(m, row, f);
	for (size_t i = 0; i < count; i++)
		fprintf(out, isnan(f[i].value) ? "\"%s\": null, " : "\"%s\": %.12g, ", f[i].name, f[i].value);
	metric_points(m, row->label, points);
	fprintf(out, strchr(points, '-') ? "\"generated\": %zu, \"reference\": %zu, \"points\": \"%s\"" :
		"\"generated\": %zu, \"reference\": %zu, \"points\": %s", row->generated, row->reference, points);
}

/* The last row is that of all clouds. */
static void print_json(FILE *out, const struct metric *m, const struct metric_row *row, size_t rows)
{
	putc('{', out);
	print_object(out, m, &row[rows - 1]);
	if (m->wanted[METRIC_FSCORE])
		fprintf(out, ", \"tau\": %g", m->tau);
	fprintf(out, ", \"normalize\": \"%s\", \"convention\": \"", m->normalize);
	metric_convention_print(out, m);
	fputs(m->by_label ? "\", \"labels\": {" : "\"", out);
	for (size_t i = 0; i + 1 < rows; i++) {
		fputs(i ? ", " : "", out);
		put_json_text(out, row[i].label);
		fputs(": {", out);
		print_object(out, m, &row[i]);
		putc('}', out);
	}
	fputs(m->by_label ? "}}\n" : "}\n", out);
}

void metric_print(FILE *out, const struct metric *m, const struct metric_row *row, size_t rows, bool json)
{
	(json ? print_json : print_tsv)(out, m, row, rows);
}
