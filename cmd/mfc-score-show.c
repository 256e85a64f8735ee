/* mfc-score show: a model's card. */
#include "mfc-score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A header is a stranger's: with ? for control characters, so that a line is one. */
static void put_name(FILE *out, const char *name)
{
	char *copy = strdup(name);
	if (!copy)
		cli_die("out of memory");
	mfc_error_defuse(copy);
	fputs(copy, out);
	free(copy);
}

static void show_value(FILE *out, const struct mfc_value *v)
{
	switch (v->type) {
	case MFC_BOOL: fputs(v->boolean ? "yes" : "no", out); break;
	case MFC_INT: fprintf(out, "%lld", (long long)v->integer); break;
	case MFC_UINT: fprintf(out, "%llu", (unsigned long long)v->natural); break;
	case MFC_FLOAT32:
	case MFC_FLOAT64: fprintf(out, "%.6g", v->real); break;
	case MFC_STR: put_name(out, v->bytes); break;
	case MFC_LIST:
		for (size_t i = 0; i < v->size; i++) {
			fputs(i ? " " : "", out);
			show_value(out, &v->items[i]);
		}
		break;
	default: fputs("?", out);
	}
}

/* A line for every key of a map of the header. */
static void show_map(FILE *out, const struct mfc_value *header, const char *name)
{
	const struct mfc_value *map = mfc_value_get(header, name);
	for (size_t i = 0; map && map->type == MFC_MAP && i < map->size; i++) {
		if (map->items[2 * i + 1].type == MFC_MAP)   /* of training: a row of the log that is not complete */
			continue;
		fprintf(out, "%s.", name);
		show_value(out, &map->items[2 * i]);
		fputc('\t', out);
		show_value(out, &map->items[2 * i + 1]);
		fputc('\n', out);
	}
}

static void show_tensors(FILE *out, const struct mfc_model *model)
{
	fputs("tensor\tshape\trms\trms_ema\n", out);
	for (size_t i = 0; i < model->net.tensors; i++) {
		const struct mfc_tensor *t = &model->net.tensor[i];
		double x = 0, ema = 0;
		for (size_t j = 0; j < t->count; j++) {
			x += (double)model->state.params[t->offset + j] * model->state.params[t->offset + j];
			ema += (double)model->state.ema[t->offset + j] * model->state.ema[t->offset + j];
		}
		fprintf(out, "%s\t%zu", t->name, t->shape[0]);
		if (t->dims == 2)
			fprintf(out, "x%zu", t->shape[1]);
		fprintf(out, "\t%.5g\t%.5g\n", sqrt(x / (double)t->count), sqrt(ema / (double)t->count));
	}
}

static void show_card(FILE *out, const struct mfc_model *model, const struct mfc_levels *levels)
{
	const struct mfc_value *history = mfc_value_get(&model->header, "history");
	fprintf(out, "parameters\t%zu\ntensors\t%zu\ndim\t%zu\noptimiser\t%s\n", model->net.parameters, model->net.tensors,
	    model->net.config.dim, model->state.m ? "kept" : "not kept");
	show_map(out, &model->header, "model");
	const struct mfc_value *labels = model->net.config.labels ? mfc_value_get(&model->header, "labels") : NULL;
	const struct mfc_value *names = mfc_value_get(labels, "names");
	if (labels) {
		fputs("label_key\t", out);
		put_name(out, mfc_value_as_string(mfc_value_get(labels, "key")));
		putc('\n', out);
	}
	for (size_t i = 0; names && i < names->size; i++) {
		fprintf(out, "label.%zu\t", i);
		put_name(out, mfc_value_as_string(&names->items[i]));
		putc('\n', out);
	}
	show_map(out, &model->header, "training");
	show_map(out, &model->header, "normalize");
	for (size_t k = 0; k < levels->count; k++) {
		const struct mfc_level *l = &levels->level[k];
		fprintf(out, "level.%zu\ts from %g to %g, %zu particles, %zu clouds a step, weight %.3f\n", k,
		    fmin(mfc_levels_s_high(levels, k), MFC_S_MAX), l->s_low, l->points, l->batch, mfc_levels_weight(levels, k));
	}
	for (size_t i = 0; history && history->type == MFC_LIST && i < history->size; i++) {
		const struct mfc_value *argv = mfc_value_get(&history->items[i], "argv");
		fprintf(out, "history.%zu\t", i);
		if (argv)
			show_value(out, argv);
		fputc('\n', out);
	}
}

int score_show(int argc, char **argv)
{
	static struct cli cli;
	const char *path = NULL, *slim = NULL;
	bool tensors = false;
	const struct cli_option table[] = {
		{ "model", 'm', "MODEL", "the model (mfc-model(5)), also as operand", CLI_STRING, &path },
		{ "tensors", 0, NULL, "every parameter tensor, its shape and root mean square", CLI_FLAG, &tensors },
		{ "slim", 0, "FILE", "write a copy that only denoises: the average of the parameters, a quarter in size", CLI_STRING, &slim },
		{ 0 }
	};
	struct mfc_error err;
	struct mfc_model model;
	struct mfc_levels levels;
	cli = (struct cli){ .program = "mfc-score show", .synopsis = "[--tensors] [--slim FILE] MODEL", .purpose = "Print a model's card." };
	cli_parse(&cli, argc, argv, table);
	if (!path && cli.operands)
		path = cli_input(&cli);
	if (slim && path && strcmp(slim, path) == 0)
		cli_usage("--slim %s: that is the model itself", slim);
	sampler_model(&model, &levels, path);
	if (slim && mfc_model_write(&model, slim, true, &err))
		cli_die("%s", err.message);
	FILE *out = cli_output_file(&cli, false);
	if (tensors)
		show_tensors(out, &model);
	else
		show_card(out, &model, &levels);
	cli_output_file_end(&cli);
	mfc_model_clear(&model);
	return 0;
}
