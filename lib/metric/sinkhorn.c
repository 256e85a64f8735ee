#include "metric/sinkhorn.h"

#include "wide.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The plan is a_i K_ij b_j, K_ij in proportion to exp((g_j - cost_ij)/ε) in each row: the dual g takes up what b has become, so that none grows. */
struct scaling {
	size_t n, m;
	const struct mfc_points *x, *y;
	bool squared;
	double mean;                     /* cost that is 1 */
	float *kernel;                   /* (n, m) */
	float *b, *sum;                  /* (m) */
	float *a;                        /* (n) */
	double *g, *row;                 /* (m) */
	double *coordinate;              /* (dim, m) of y */
};

/* row (m): the costs from point i of x, in units of the mean. */
MFC_WIDE static void costs(const struct scaling *s, size_t i)
{
	size_t m = s->m, dim = s->x->dim;
	double *restrict row = s->row;
	for (size_t j = 0; j < m; j++)
		row[j] = 0;
	for (size_t k = 0; k < dim; k++) {
		const double *restrict c = s->coordinate + k * m;
		double p = s->x->x[i * dim + k];
		for (size_t j = 0; j < m; j++)
			row[j] += (p - c[j]) * (p - c[j]);
	}
	if (!s->squared)
		for (size_t j = 0; j < m; j++)
			row[j] = sqrt(row[j]);
	for (size_t j = 0; j < m; j++)
		row[j] /= s->mean;
}

static void measure_mean(struct scaling *s)
{
	double sum = 0;
	s->mean = 1;
	for (size_t i = 0; i < s->n; i++) {
		costs(s, i);
		for (size_t j = 0; j < s->m; j++)
			sum += s->row[j] / (double)s->m;
	}
	s->mean = sum > 0 ? sum / (double)s->n : 1;
}

/* The kernel, its rows made right in logarithms, so that nothing vanishes. */
static void renew(struct scaling *s, double epsilon)
{
	for (size_t i = 0; i < s->n; i++) {
		double most = -INFINITY, sum = 0;
		float *row = s->kernel + i * s->m;
		costs(s, i);
		for (size_t j = 0; j < s->m; j++) {
			s->row[j] = (s->g[j] - s->row[j]) / epsilon;
			most = fmax(most, s->row[j]);
		}
		for (size_t j = 0; j < s->m; j++) {
			row[j] = expf((float)(s->row[j] - most));
			sum += row[j];
		}
		float scale = (float)(1 / (sum * (double)s->n));
		for (size_t j = 0; j < s->m; j++)
			row[j] *= scale;
	}
	for (size_t j = 0; j < s->m; j++)
		s->b[j] = 1;
}

MFC_WIDE static float dot(size_t m, const float *restrict a, const float *restrict b)
{
	float lane[16] = { 0 }, sum = 0;
	for (size_t j = 0; j < m / 16 * 16; j += 16)
		for (size_t l = 0; l < 16; l++)
			lane[l] += a[j + l] * b[j + l];
	for (size_t j = m / 16 * 16; j < m; j++)
		sum += a[j] * b[j];
	for (size_t l = 0; l < 16; l++)
		sum += lane[l];
	return sum;
}

MFC_WIDE static void add(size_t m, float a, const float *restrict row, float *restrict sum)
{
	for (size_t j = 0; j < m; j++)
		sum[j] += a * row[j];
}

/* Rows, then columns, in one pass over the kernel. */
static void iterate(struct scaling *s)
{
	memset(s->sum, 0, s->m * sizeof *s->sum);
	for (size_t i = 0; i < s->n; i++) {
		const float *row = s->kernel + i * s->m;
		s->a[i] = 1 / ((float)s->n * dot(s->m, row, s->b) + 1e-30f);
		add(s->m, s->a[i], row, s->sum);
	}
	for (size_t j = 0; j < s->m; j++)
		s->b[j] = 1 / ((float)s->m * s->sum[j] + 1e-30f);
}

static void absorb(struct scaling *s, double epsilon)
{
	for (size_t j = 0; j < s->m; j++)
		s->g[j] += epsilon * log((double)s->b[j]);
}

static double cost(struct scaling *s)
{
	double sum = 0;
	for (size_t i = 0; i < s->n; i++) {
		const float *row = s->kernel + i * s->m;
		costs(s, i);
		for (size_t j = 0; j < s->m; j++)
			sum += s->row[j] * (double)(s->a[i] * row[j] * s->b[j]);
	}
	return sum * s->mean;
}

static void solve(struct scaling *s)
{
	measure_mean(s);
	for (double epsilon = 1; ; epsilon = fmax(epsilon / 4, MFC_SINKHORN_EPSILON)) {
		bool last = epsilon <= MFC_SINKHORN_EPSILON;
		for (size_t round = 0; round < (last ? MFC_SINKHORN_ITERATIONS / 20 : 1); round++) {
			renew(s, epsilon);
			for (size_t t = 0; t < 20; t++)
				iterate(s);
			absorb(s, epsilon);
		}
		if (last)
			return;
	}
}

int mfc_sinkhorn(const struct mfc_points *x, const struct mfc_points *y, bool squared, double *out, struct mfc_error *err)
{
	size_t n = x->n, m = y->n, cells, numbers;
	struct scaling s = { .n = n, .m = m, .x = x, .y = y, .squared = squared };
	if (__builtin_mul_overflow(n, m, &cells) || __builtin_mul_overflow(m, x->dim, &numbers))
		return mfc_error_memory(err);
	s.kernel = calloc(cells, sizeof *s.kernel);
	s.a = calloc(n, sizeof *s.a);
	s.b = calloc(m, sizeof *s.b);
	s.sum = calloc(m, sizeof *s.sum);
	s.g = calloc(m, sizeof *s.g);
	s.row = calloc(m, sizeof *s.row);
	s.coordinate = calloc(numbers, sizeof *s.coordinate);
	bool room = s.kernel && s.a && s.b && s.sum && s.g && s.row && s.coordinate;
	for (size_t j = 0; room && j < m; j++)
		for (size_t k = 0; k < x->dim; k++)
			s.coordinate[k * m + j] = y->x[j * x->dim + k];
	if (room) {
		solve(&s);
		*out = cost(&s);
	}
	void *part[] = { s.kernel, s.a, s.b, s.sum, s.g, s.row, s.coordinate };
	for (size_t i = 0; i < sizeof part / sizeof *part; i++)
		free(part[i]);
	return room ? 0 : mfc_error_set(err, "out of memory: the kernel of %zu times %zu points takes %zu MiB", n, m, cells >> 18);
}
