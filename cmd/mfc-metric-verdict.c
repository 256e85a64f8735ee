/* mfc-metric chaos --verdict: whether signatures of failure are there, by thresholds that the reference clouds set. */
#include "mfc-metric-chaos.h"

#include "metric/signature.h"
#include "rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SUBSET 2048   /* points of a cloud by which shapes are compared */

void chaos_keep(struct chaos_side *side, const struct mfc_cloud *cloud)
{
	struct mfc_error err;
	struct mfc_rng rng = mfc_rng_make(side->m->cli.seed, MFC_RNG_SAMPLE, cloud->key, 0);
	size_t i = side->clouds - 1, n = cloud->n < SUBSET ? cloud->n : SUBSET, *index = malloc(cloud->n * sizeof *index);
	float *x = malloc(n * cloud->dim * sizeof *x);
	if ((i & (i - 1)) == 0)
		side->shape = reallocarray(side->shape, i ? 2 * i : 1, sizeof *side->shape);
	if (!index || !x || !side->shape)
		cli_die("out of memory");
	mfc_rng_choose(&rng, cloud->n, n, index);
	for (size_t k = 0; k < n; k++)
		memcpy(x + k * cloud->dim, cloud->x + index[k] * cloud->dim, cloud->dim * sizeof *x);
	free(index);
	side->shape[i] = (struct mfc_points){ .n = n, .dim = cloud->dim, .x = x };
	if (mfc_correlation_add(&side->correlation, cloud->n, cloud->dim, cloud->x, &err))
		cli_die("%s: cloud %s: %s", side->name, cloud->id, err.message);
}

static void put(FILE *out, const char *name, const char *measure, struct mfc_signature s, bool above)
{
	fprintf(out, "%s\t%s", name, measure);
	metric_put_number(out, 6, s.generated);
	metric_put_number(out, 6, s.threshold);
	bool known = !isnan(s.generated) && !isnan(s.threshold);
	fprintf(out, "\t%s\t%s\n", above ? "above" : "below", !known ? "unknown" : (above ? s.generated > s.threshold : s.generated < s.threshold) ? "yes" : "no");
}

/* Coverage by CD, of all clouds stacked. */
static struct mfc_signature coverage(const struct chaos_side *generated, const struct chaos_side *reference)
{
	struct mfc_error err;
	struct mfc_signature s;
	size_t r = reference->clouds, total = r + generated->clouds;
	struct metric *m = generated->m;
	struct mfc_points *stack = calloc(total, sizeof *stack);
	double *distance = metric_matrix(m, total, total);
	if (!stack)
		cli_die("out of memory");
	memcpy(stack, reference->shape, r * sizeof *stack);
	memcpy(stack + r, generated->shape, generated->clouds * sizeof *stack);
	struct mfc_distances d = { .a = stack, .a_count = total, .cd = distance, .threads = m->cli.threads };
	if (mfc_points_prepare(stack, total, m->cli.threads, &err) || mfc_sets_distances(&d, &err) ||
	    mfc_signature_coverage(r, generated->clouds, distance, m->cli.seed, &s, &err))
		cli_die("%s", err.message);
	mfc_points_release(stack, total);
	for (size_t i = 0; i < total; i++)
		free((float *)stack[i].x);
	free(stack);
	free(distance);
	return s;
}

static void of_clouds(FILE *out, const char *name, size_t measure, bool above, const struct chaos_side *generated, const struct chaos_side *reference)
{
	size_t r = reference->clouds, g = generated->clouds;
	double *value = malloc((r + g) * sizeof *value);
	if (!value)
		cli_die("out of memory");
	for (size_t i = 0; i < r; i++)
		value[i] = reference->value[i][measure];
	for (size_t i = 0; i < g; i++)
		value[r + i] = generated->value[i][measure];
	put(out, name, chaos_name[measure], mfc_signature_of_clouds(r, value, g, value + r, above), above);
	free(value);
}

void chaos_verdict(FILE *out, const struct chaos_side *generated, const struct chaos_side *reference)
{
	struct mfc_error err;
	struct mfc_signature correlation;
	if (reference->clouds < MFC_SIGNATURE_LEAST)
		cli_die("%s: %zu clouds are too few to set a threshold by: at least %d", reference->name, reference->clouds, MFC_SIGNATURE_LEAST);
	if (mfc_signature_correlation(&reference->correlation, &generated->correlation, generated->m->cli.seed, &correlation, &err))
		cli_die("%s", err.message);
	fputs("signature\tmeasure\tgenerated\tthreshold\tif\tthere\n", out);
	put(out, "collapse", "coverage", coverage(generated, reference), false);
	put(out, "broken chaos", "correlation", correlation, true);
	of_clouds(out, "copies", CHAOS_DUPLICATES, true, generated, reference);
	of_clouds(out, "clusters", CHAOS_NEAREST, false, generated, reference);
	of_clouds(out, "blotches", CHAOS_VARIATION + 2, true, generated, reference);
}
