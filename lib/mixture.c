#include "mixture.h"
#include "file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT (64u << 20)   /* bytes of a file */

int mfc_cholesky(size_t n, double *a)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j <= i; j++) {
			double sum = a[i * n + j];
			for (size_t k = 0; k < j; k++)
				sum -= a[i * n + k] * a[j * n + k];
			if (i == j && !(sum > 0))
				return -1;
			a[i * n + j] = i == j ? sqrt(sum) : sum / a[j * n + j];
		}
	return 0;
}

/* A walk through the words of a line. */
struct walk { const char *name, *next, *end, *stop; size_t line; };

/* Go to the next line that holds something; false at the end. */
static int line(struct walk *w)
{
	while (w->next < w->end) {
		const char *start = w->next, *feed = memchr(start, '\n', (size_t)(w->end - start));
		w->stop = feed ? feed : w->end;
		w->next = feed ? feed + 1 : w->end;
		w->line++;
		size_t blank = strspn(start, " \t\r");
		if (start + blank < w->stop && start[blank] != '#') {
			w->next = start;   /* words come from here */
			return 1;
		}
	}
	return 0;
}

/* The next word of the line: its length, 0 at the end of the line, behind which the walk then is. */
static size_t word(struct walk *w, const char **start)
{
	while (w->next < w->stop && strchr(" \t\r", *w->next))
		w->next++;
	*start = w->next;
	while (w->next < w->stop && !strchr(" \t\r", *w->next))
		w->next++;
	size_t length = (size_t)(w->next - *start);
	if (length == 0)
		w->next = w->stop < w->end ? w->stop + 1 : w->end;
	return length;
}

static int is(const char *text, const char *start, size_t length)
{
	return strlen(text) == length && memcmp(text, start, length) == 0;
}

/* The line of names: how many coordinates, and numbers of a covariance. */
static int names(struct walk *w, size_t *dim, size_t *covariance, struct mfc_error *err)
{
	const char *start;
	size_t length, sd = 0, order = 0;
	*dim = *covariance = 0;
	if (!line(w))
		return mfc_error_set(err, "%s: no line of names", w->name);
	length = word(w, &start);
	if (!is("weight", start, length))
		return mfc_error_set(err, "%s: line %zu: names begin with \"weight\"", w->name, w->line);
	while ((length = word(w, &start)) > 0) {
		size_t column = is("mean", start, length) ? 1 : is("sd", start, length) ? 2 : is("covariance", start, length) ? 3 : 0;
		if (!column || column < order)
			return mfc_error_set(err, "%s: line %zu: after \"weight\" come \"mean\", for each coordinate, and \"sd\" or \"covariance\"", w->name,
			    w->line);
		order = column;
		*dim += column == 1;
		sd += column == 2;
		*covariance += column == 3;
	}
	if (*dim < 1 || *dim > MFC_MIXTURE_MOST || sd + (*covariance > 0) != 1 || (*covariance && *covariance != *dim * *dim))
		return mfc_error_set(err, "%s: line %zu: of %zu coordinates (1 to %d) there is one \"sd\", or %zu times \"covariance\"", w->name, w->line,
		    *dim, MFC_MIXTURE_MOST, *dim * *dim);
	return 0;
}

static int number(struct walk *w, double *out, struct mfc_error *err)
{
	const char *start;
	char text[64], *end;
	size_t length = word(w, &start);
	if (length == 0)
		return mfc_error_set(err, "%s: line %zu: fewer numbers than names", w->name, w->line);
	if (length < sizeof text) {
		memcpy(text, start, length);
		text[length] = 0;
		*out = strtod(text, &end);
		if (*end == 0 && isfinite(*out))
			return 0;
	}
	return mfc_error_set(err, "%s: line %zu: \"%.*s\" is no number", w->name, w->line, length < 60 ? (int)length : 60, start);
}

/* Row by row, or sd on the diagonal. */
static int covariance(struct walk *w, size_t dim, size_t numbers, double *c, struct mfc_error *err)
{
	double sd = 0;
	if (!numbers && number(w, &sd, err))
		return -1;
	if (!numbers && !(sd > 0))
		return mfc_error_set(err, "%s: line %zu: sd %g is not above 0", w->name, w->line, sd);
	for (size_t i = 0; i < dim * dim; i++)
		if (!numbers)
			c[i] = i % (dim + 1) == 0 ? sd * sd : 0;
		else if (number(w, &c[i], err))
			return -1;
	for (size_t i = 0; i < dim; i++)
		for (size_t j = 0; j < i; j++)
			if (c[i * dim + j] != c[j * dim + i])
				return mfc_error_set(err, "%s: line %zu: the covariance is not symmetric", w->name, w->line);
	double *copy = malloc(dim * dim * sizeof *copy);
	if (!copy)
		return mfc_error_memory(err);
	memcpy(copy, c, dim * dim * sizeof *copy);
	int bad = mfc_cholesky(dim, copy);
	free(copy);
	return bad ? mfc_error_set(err, "%s: line %zu: the covariance is not positive definite", w->name, w->line) : 0;
}

static int grow(struct mfc_mixture *m, struct mfc_error *err)
{
	if (m->count & (m->count - 1))
		return 0;
	size_t room = m->count ? 2 * m->count : 1;
	double **array[] = { &m->weight, &m->mean, &m->covariance };
	const size_t size[] = { 1, m->dim, m->dim * m->dim };
	for (size_t i = 0; i < 3; i++) {
		double *larger = reallocarray(*array[i], room, size[i] * sizeof *larger);
		if (!larger)
			return mfc_error_memory(err);
		*array[i] = larger;
	}
	return 0;
}

static int component(struct mfc_mixture *m, struct walk *w, size_t numbers, struct mfc_error *err)
{
	const char *start;
	if (grow(m, err) || number(w, &m->weight[m->count], err))
		return -1;
	if (!(m->weight[m->count] > 0))
		return mfc_error_set(err, "%s: line %zu: weight %g is not above 0", w->name, w->line, m->weight[m->count]);
	for (size_t i = 0; i < m->dim; i++)
		if (number(w, &m->mean[m->count * m->dim + i], err))
			return -1;
	if (covariance(w, m->dim, numbers, m->covariance + m->count * m->dim * m->dim, err))
		return -1;
	if (word(w, &start))
		return mfc_error_set(err, "%s: line %zu: more numbers than names", w->name, w->line);
	m->count++;
	return 0;
}

int mfc_mixture_parse(struct mfc_mixture *m, const char *name, const char *data, size_t size, struct mfc_error *err)
{
	struct walk w = { .name = name, .next = data, .end = data + size };
	size_t numbers = 0;
	double sum = 0;
	*m = (struct mfc_mixture){ 0 };
	int bad = memchr(data, 0, size) ? mfc_error_set(err, "%s: no text: it holds a byte 0", name) : names(&w, &m->dim, &numbers, err);
	while (!bad && line(&w))
		bad = component(m, &w, numbers, err);
	if (!bad && m->count == 0)
		bad = mfc_error_set(err, "%s: no component", name);
	for (size_t c = 0; !bad && c < m->count; c++)
		sum += m->weight[c];
	if (!bad && !isfinite(sum))
		bad = mfc_error_set(err, "%s: the sum of the weights is not finite", name);
	for (size_t c = 0; !bad && c < m->count; c++)
		m->weight[c] /= sum;
	if (bad)
		mfc_mixture_clear(m);
	return bad;
}

int mfc_mixture_read(struct mfc_mixture *m, const char *path, struct mfc_error *err)
{
	char *data;
	size_t size;
	*m = (struct mfc_mixture){ 0 };
	if (mfc_file_read(path, LIMIT, &data, &size, err))
		return -1;
	int status = mfc_mixture_parse(m, path, data, size, err);
	free(data);
	return status;
}

void mfc_mixture_clear(struct mfc_mixture *m)
{
	free(m->weight);
	free(m->mean);
	free(m->covariance);
	*m = (struct mfc_mixture){ 0 };
}

void mfc_mixture_moments(const struct mfc_mixture *m, double *mean, double *covariance)
{
	size_t d = m->dim;
	memset(mean, 0, d * sizeof *mean);
	memset(covariance, 0, d * d * sizeof *covariance);
	for (size_t c = 0; c < m->count; c++)
		for (size_t i = 0; i < d; i++)
			mean[i] += m->weight[c] * m->mean[c * d + i];
	for (size_t c = 0; c < m->count; c++)
		for (size_t i = 0; i < d; i++)
			for (size_t j = 0; j < d; j++)
				covariance[i * d + j] += m->weight[c] * (m->covariance[(c * d + i) * d + j] +
				    (m->mean[c * d + i] - mean[i]) * (m->mean[c * d + j] - mean[j]));
}

static size_t choose(const struct mfc_mixture *m, double u)
{
	size_t c = 0;
	while (c + 1 < m->count && u >= m->weight[c])
		u -= m->weight[c++];
	return c;
}

int mfc_mixture_draw(const struct mfc_mixture *m, uint64_t seed, uint64_t cloud, size_t n, float *x, struct mfc_error *err)
{
	size_t d = m->dim;
	double *root = malloc(m->count * d * d * sizeof *root);
	if (!root)
		return mfc_error_memory(err);
	memcpy(root, m->covariance, m->count * d * d * sizeof *root);
	for (size_t c = 0; c < m->count; c++)
		mfc_cholesky(d, root + c * d * d);
	struct mfc_rng which = mfc_rng_make(seed, MFC_RNG_LAW, cloud, 0), normals = mfc_rng_make(seed, MFC_RNG_LAW, cloud, 1);
	mfc_rng_normals(&normals, 0, n * d, x);
	for (size_t p = 0; p < n; p++) {
		float *at = x + p * d;
		size_t c = choose(m, mfc_rng_uniform(&which));
		for (size_t i = d; i-- > 0;) {   /* the last first: L is lower */
			double sum = m->mean[c * d + i];
			for (size_t j = 0; j <= i; j++)
				sum += root[(c * d + i) * d + j] * at[j];
			at[i] = (float)sum;
		}
	}
	free(root);
	return 0;
}
