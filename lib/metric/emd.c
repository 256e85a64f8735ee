#include "metric/emd.h"

#include "metric/transport.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SOME 8   /* of so many points one is in the auction that comes first */

struct mfc_emd_work { struct mfc_transport t; };

int mfc_emd_work_create(struct mfc_emd_work **work, struct mfc_error *err)
{
	*work = calloc(1, sizeof **work);
	return *work ? 0 : mfc_error_memory(err);
}

static void clear(struct mfc_transport *t)
{
	mfc_pricing_clear(&t->from);
	mfc_pricing_clear(&t->to);
	mfc_pricing_clear(&t->some_from);
	mfc_pricing_clear(&t->some_to);
	free(t->row);
	free(t->u);
	free(t->offer);
	free(t->column);
	free(t->owner);
	free(t->queue);
	mfc_flow_free(t->flow);
	*t = (struct mfc_transport){ 0 };
}

void mfc_emd_work_free(struct mfc_emd_work *work)
{
	if (!work)
		return;
	clear(&work->t);
	free(work);
}

static int make_room(struct mfc_transport *t, size_t n, size_t m, size_t dim, struct mfc_error *err)
{
	size_t numbers;
	if (n < 1 || m < 1 || dim < 1 || n > INT32_MAX / 4 || m > INT32_MAX / 4 || __builtin_mul_overflow(n, dim, &numbers))
		return mfc_error_set(err, "a transport of %zu points to %zu in %zu dimensions", n, m, dim);
	if (n <= t->room && m <= t->room_m && dim <= t->room_dim)
		return 0;
	clear(t);
	t->row = calloc(numbers, sizeof *t->row);
	t->u = calloc(n, sizeof *t->u);
	t->offer = calloc(n, sizeof *t->offer);
	t->column = calloc(n, sizeof *t->column);
	t->owner = calloc(m, sizeof *t->owner);
	t->queue = calloc(n, sizeof *t->queue);
	if (!t->row || !t->u || !t->offer || !t->column || !t->owner || !t->queue || mfc_flow_create(&t->flow, n, m, err)) {
		clear(t);
		return mfc_error_memory(err);
	}
	t->room = n;
	t->room_m = m;
	t->room_dim = dim;
	return 0;
}

/* The cube around both clouds: its lowest corner in origin (dim). The power of two that brings its side near 1 is returned, so that squares
 * neither overflow nor vanish. */
static double cube(size_t n, const float *x, size_t m, const float *y, size_t dim, double *origin)
{
	double most = 0;
	int exponent;
	for (size_t k = 0; k < dim; k++) {
		float low = x[k], high = low;
		for (size_t i = 0; i < n + m; i++) {
			float c = i < n ? x[i * dim + k] : y[(i - n) * dim + k];
			low = c < low ? c : low;
			high = c > high ? c : high;
		}
		origin[k] = (double)low;
		most = fmax(most, (double)high - (double)low);
	}
	frexp(most, &exponent);
	return most > 0 ? ldexp(1, -exponent) : 1;
}

/* Some of the points of a cloud, evenly in the order of `all`, in which neighbours are near. */
static int take_some(struct mfc_pricing *to, const struct mfc_pricing *all, size_t some, const float *points, const double *origin, double scale,
    struct mfc_error *err)
{
	size_t dim = all->dim;
	float *taken = malloc(some * dim * sizeof *taken);
	if (!taken)
		return mfc_error_memory(err);
	for (size_t i = 0; i < some; i++)
		memcpy(taken + i * dim, points + (size_t)all->index[i * all->n / some] * dim, dim * sizeof *taken);
	int status = mfc_pricing_build(to, some, dim, taken, origin, scale, err);
	free(taken);
	return status;
}

/* How many points, in the order of p, lie where the one before lies. */
static size_t repeats(const struct mfc_pricing *p, size_t dim, const float *points)
{
	size_t count = 0;
	for (size_t i = 1; i < p->n; i++)
		count += memcmp(points + (size_t)p->index[i] * dim, points + (size_t)p->index[i - 1] * dim, dim * sizeof *points) == 0;
	return count;
}

/* Take in both clouds; which of them are the rows is said in *from, *to. */
static int build(struct mfc_transport *t, size_t n, const float **from, size_t m, const float **to, size_t dim, const double *origin, double scale,
    struct mfc_error *err)
{
	size_t a = n, b = m;
	const float *x = *from, *y = *to;
	while (b > 0) {
		size_t rest = a % b;
		a = b;
		b = rest;
	}
	t->n = n;
	t->m = m;
	t->dim = dim;
	t->supply = (int64_t)(m / a);
	t->demand = (int64_t)(n / a);
	if (mfc_pricing_build(&t->from, n, dim, x, origin, scale, err) || mfc_pricing_build(&t->to, m, dim, y, origin, scale, err))
		return -1;
	/* Rows in one place are searched from once, columns are not. */
	if (n == m && repeats(&t->to, dim, y) > repeats(&t->from, dim, x)) {
		struct mfc_pricing swap = t->from;
		t->from = t->to;
		t->to = swap;
		*from = y;
		*to = x;
	}
	size_t some = n == m ? n / SOME : n;
	t->some_from.n = 0;
	if (some == 0)
		return 0;
	return take_some(&t->some_from, &t->from, some, *from, origin, scale, err) || take_some(&t->some_to, &t->to, some, *to, origin, scale, err) ? -1 : 0;
}

struct sum { const struct mfc_transport *t; const float *x, *y; double cost; };

static void add(void *context, size_t row, size_t column, int64_t units)
{
	struct sum *s = context;
	size_t dim = s->t->dim;
	const float *p = s->x + (size_t)s->t->from.index[row] * dim, *q = s->y + (size_t)s->t->to.index[column] * dim;
	double d2 = 0, scale = 0;
	for (size_t k = 0; k < dim; k++)
		scale = fmax(scale, fabs((double)p[k] - (double)q[k]));
	for (size_t k = 0; k < dim && scale > 0; k++) {
		double d = ((double)p[k] - (double)q[k]) / scale;
		d2 += d * d;
	}
	s->cost += (double)units * scale * sqrt(d2);
}

/* The bound of these prices with the best duals of the rows, whatever duals the solver had. */
static double certificate(struct mfc_transport *t)
{
	for (size_t i = 0; i < t->n; i++)
		t->u[i] = mfc_pricing_two(&t->to, t->row + i * t->dim, t->offer[i].at, t->offer[i].next).first;
	return mfc_transport_bound(t);
}

int mfc_emd(struct mfc_emd_work *work, size_t n, const float *x, size_t m, const float *y, size_t dim, double limit,
    struct mfc_emd_result *out, struct mfc_error *err)
{
	struct mfc_transport *t = &work->t;
	bool solved = false;
	if (n > m)
		return mfc_emd(work, m, y, n, x, dim, limit, out, err);
	if (make_room(t, n, m, dim, err))
		return -1;
	double *origin = malloc(dim * sizeof *origin);
	if (!origin)
		return mfc_error_memory(err);
	double scale = cube(n, x, m, y, dim, origin), own = fmin(cube(n, x, n, x, dim, origin), cube(m, y, m, y, dim, origin));
	t->size = fmax(1e-6, fmin(1, scale / own));   /* floats tell no less apart */
	cube(n, x, m, y, dim, origin);
	int status = build(t, n, &x, m, &y, dim, origin, scale, err);
	free(origin);
	if (status)
		return -1;
	double units = (double)t->supply * (double)n, most = limit * scale * units * (1 + 1e-12);   /* wider than rounding */
	size_t free_rows = mfc_auction(t, most);
	if (free_rows != SIZE_MAX && mfc_flow_solve(t, free_rows, most, &solved, err))
		return -1;
	*out = (struct mfc_emd_result){ INFINITY, certificate(t) / scale / units };
	if (!solved)
		return 0;
	struct sum sum = { t, x, y, 0 };
	mfc_flow_each(t, add, &sum);
	out->emd = sum.cost / units;
	return 0;
}
