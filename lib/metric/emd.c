#include "metric/emd.h"

#include "metric/transport.h"

#define LINE double
#include "metric/line-kernel.h"

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

/* A cloud, and where its coordinates are counted from (dim). */
struct side { size_t n; const float *points; double *origin; };

/* The longest side of the box around both clouds, its lowest corner in origin (dim). */
static double box(struct side x, struct side y, size_t dim, double *origin)
{
	double most = 0;
	for (size_t k = 0; k < dim; k++) {
		float low = x.points[k], high = low;
		for (size_t i = 0; i < x.n + y.n; i++) {
			float c = i < x.n ? x.points[i * dim + k] : y.points[(i - x.n) * dim + k];
			low = c < low ? c : low;
			high = c > high ? c : high;
		}
		origin[k] = (double)low;
		most = fmax(most, (double)high - (double)low);
	}
	return most;
}

/* The power of two that brings a length near 1, so that squares neither overflow nor vanish. */
static double unit(double length)
{
	int exponent;
	frexp(length, &exponent);
	return length > 0 ? ldexp(1, -exponent) : 1;
}

/* The mean of a cloud; that of points in one place is there exactly. */
static void centroid(struct side x, size_t dim)
{
	for (size_t k = 0; k < dim; k++) {
		double sum = 0;
		for (size_t i = 0; i < x.n; i++)
			sum += (double)x.points[i * dim + k] - (double)x.points[k];
		x.origin[k] = (double)x.points[k] + sum / (double)x.n;
	}
}

/* Where the coordinates of both clouds are counted from, and t->size; returns the scale, which leaves them between -1 and 1. Whatever the transport,
 * squares cost |x̄ - ȳ|² more than from each cloud's own centroid: that is *apart. */
static double place(struct mfc_transport *t, struct side x, struct side y, size_t dim, bool squared, double *apart)
{
	double own = fmax(box(x, x, dim, x.origin), box(y, y, dim, y.origin));
	*apart = 0;
	if (!squared) {
		double scale = unit(box(x, y, dim, x.origin));
		memcpy(y.origin, x.origin, dim * sizeof *y.origin);
		t->size = fmax(1e-6, fmin(1, scale / unit(own)));   /* floats tell no less apart */
		return scale;
	}
	centroid(x, dim);
	centroid(y, dim);
	for (size_t k = 0; k < dim; k++)
		*apart += (x.origin[k] - y.origin[k]) * (x.origin[k] - y.origin[k]);
	t->size = 0.5;   /* measured: of what squares differ by on real shapes, the better part */
	return unit(own);
}

/* Some of the points of a cloud, evenly in the order of `all`, in which neighbours are near. */
static int take_some(struct mfc_pricing *to, const struct mfc_pricing *all, size_t some, struct side side, double scale, struct mfc_error *err)
{
	size_t dim = all->dim;
	float *taken = malloc(some * dim * sizeof *taken);
	if (!taken)
		return mfc_error_memory(err);
	for (size_t i = 0; i < some; i++)
		memcpy(taken + i * dim, side.points + (size_t)all->index[i * all->n / some] * dim, dim * sizeof *taken);
	int status = mfc_pricing_build(to, some, dim, taken, side.origin, scale, all->squared, err);
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
static int build(struct mfc_transport *t, struct side *from, struct side *to, size_t dim, double scale, bool squared, struct mfc_error *err)
{
	size_t n = from->n, m = to->n, a = n, b = m;
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
	if (mfc_pricing_build(&t->from, n, dim, from->points, from->origin, scale, squared, err) ||
	    mfc_pricing_build(&t->to, m, dim, to->points, to->origin, scale, squared, err))
		return -1;
	/* Rows in one place are searched from once, columns are not. */
	if (n == m && repeats(&t->to, dim, to->points) > repeats(&t->from, dim, from->points)) {
		struct mfc_pricing swap = t->from;
		struct side other = *from;
		t->from = t->to;
		t->to = swap;
		*from = *to;
		*to = other;
	}
	size_t some = n == m ? n / SOME : n;
	t->some_from.n = 0;
	if (some == 0)
		return 0;
	return take_some(&t->some_from, &t->from, some, *from, scale, err) || take_some(&t->some_to, &t->to, some, *to, scale, err) ? -1 : 0;
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
	s->cost += (double)units * (s->t->to.squared ? scale * scale * d2 : scale * sqrt(d2));
}

/* The bound of these prices with the best duals of the rows, whatever duals the solver had. */
static double certificate(struct mfc_transport *t)
{
	for (size_t i = 0; i < t->n; i++)
		t->u[i] = mfc_pricing_two(&t->to, t->row + i * t->dim, t->offer[i].at, t->offer[i].next).first;
	return mfc_transport_bound(t);
}

/* One coordinate: the sorted points, in order, are the solution. */
static int on_a_line(size_t n, const float *x, size_t m, const float *y, bool squared, struct mfc_emd_result *out, struct mfc_error *err)
{
	const float along = 1;
	double *a = calloc(n + m, sizeof *a);
	if (!a)
		return mfc_error_memory(err);
	line_project(n, 1, x, &along, a);
	line_project(m, 1, y, &along, a + n);
	out->emd = out->bound = line_emd(n, a, m, a + n, squared);
	free(a);
	return 0;
}

int mfc_emd(struct mfc_emd_work *work, size_t n, const float *x, size_t m, const float *y, size_t dim, bool squared, double limit,
    struct mfc_emd_result *out, struct mfc_error *err)
{
	struct mfc_transport *t = &work->t;
	bool solved = false;
	double apart;
	if (n > m)
		return mfc_emd(work, m, y, n, x, dim, squared, limit, out, err);
	if (dim == 1 && n > 0)
		return on_a_line(n, x, m, y, squared, out, err);
	if (make_room(t, n, m, dim, err))
		return -1;
	double *origin = calloc(dim, 2 * sizeof *origin);
	if (!origin)
		return mfc_error_memory(err);
	struct side from = { n, x, origin }, to = { m, y, origin + dim };
	double scale = place(t, from, to, dim, squared, &apart);
	int status = build(t, &from, &to, dim, scale, squared, err);
	free(origin);
	if (status)
		return -1;
	double units = (double)t->supply * (double)n * (squared ? scale * scale : scale);   /* that cost 1 */
	double most = (limit * (1 + 1e-12) - apart) * units;   /* wider than rounding */
	size_t free_rows = mfc_auction(t, most);
	if (free_rows != SIZE_MAX && mfc_flow_solve(t, free_rows, most, &solved, err))
		return -1;
	*out = (struct mfc_emd_result){ INFINITY, apart + certificate(t) / units };
	if (!solved)
		return 0;
	struct sum sum = { t, from.points, to.points, 0 };
	mfc_flow_each(t, add, &sum);
	out->emd = sum.cost / ((double)t->supply * (double)n);
	return 0;
}
