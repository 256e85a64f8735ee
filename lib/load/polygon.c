#include "load/polygon.h"

#include <math.h>
#include <stdbool.h>

/* The corners that are left: where each lies in the plane, and a ring. */
struct ring {
	double x[MFC_POLYGON_CLIPPED][2];
	uint16_t before[MFC_POLYGON_CLIPPED], after[MFC_POLYGON_CLIPPED];
	size_t left, tests;   /* corners, and ears that may still be looked for */
	double slack;         /* a triangle of less than this, beside the area, has none but by rounding */
};

static void subtract(const double *a, const double *b, double out[3])
{
	out[0] = a[0] - b[0];
	out[1] = a[1] - b[1];
	out[2] = a[2] - b[2];
}

/* Newell's normal, which is the sum of the normals over the fan; its length is twice the area. Tells whether none of those turned against the
 * sum of the ones before: then the first corner sees all of the polygon. */
static bool fan_covers(const double *position, const uint32_t *vertex, size_t count, double normal[3])
{
	const double *origin = position + 3 * (size_t)vertex[0];
	double u[3], v[3], n[3];
	bool covers = true;
	normal[0] = normal[1] = normal[2] = 0;
	subtract(position + 3 * (size_t)vertex[1], origin, u);
	for (size_t i = 2; i < count; i++) {
		subtract(position + 3 * (size_t)vertex[i], origin, v);
		n[0] = u[1] * v[2] - u[2] * v[1];
		n[1] = u[2] * v[0] - u[0] * v[2];
		n[2] = u[0] * v[1] - u[1] * v[0];
		covers &= n[0] * normal[0] + n[1] * normal[1] + n[2] * normal[2] >= 0;
		for (int j = 0; j < 3; j++) {
			normal[j] += n[j];
			u[j] = v[j];
		}
	}
	return covers;
}

static void fan(const uint32_t *vertex, size_t count, uint32_t *triangle)
{
	for (size_t i = 2; i < count; i++, triangle += 3) {
		triangle[0] = vertex[0];
		triangle[1] = vertex[i - 1];
		triangle[2] = vertex[i];
	}
}

/* Leave out the axis nearest to the normal: no number is rounded, and ears stay ears. Turned so that the polygon runs counterclockwise. */
static void lay_flat(struct ring *r, const double *position, const uint32_t *vertex, size_t count, const double normal[3])
{
	double x = fabs(normal[0]), y = fabs(normal[1]), z = fabs(normal[2]);
	int out = x > y ? (x > z ? 0 : 2) : (y > z ? 1 : 2), u = (out + 1) % 3, v = (out + 2) % 3;
	if (normal[out] < 0) {
		int w = u;
		u = v;
		v = w;
	}
	for (size_t i = 0; i < count; i++) {
		r->x[i][0] = position[3 * (size_t)vertex[i] + (size_t)u];
		r->x[i][1] = position[3 * (size_t)vertex[i] + (size_t)v];
		r->before[i] = (uint16_t)(i ? i - 1 : count - 1);
		r->after[i] = (uint16_t)(i + 1 < count ? i + 1 : 0);
	}
	r->left = count;
	r->tests = 4 * count;
	r->slack = 1e-12 * fabs(normal[out]);
}

/* Above 0 where c lies to the left of the way from a to b. */
static inline double side(const double *a, const double *b, const double *c)
{
	return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

static inline bool same(const double *a, const double *b)
{
	return a[0] == b[0] && a[1] == b[1];
}

/* A corner that turns left, or not at all, and whose triangle holds no other corner; on its border neither unless `touching`. A corner where one of
 * the triangle's is does not count: a cut that leads to a hole passes twice. */
static bool is_ear(const struct ring *r, size_t b, bool touching)
{
	size_t a = r->before[b], c = r->after[b];
	const double *A = r->x[a], *B = r->x[b], *C = r->x[c];
	double turn = side(A, B, C);
	if (!(turn > r->slack))
		return turn >= -r->slack;   /* needless, or a spike */
	double low = fmin(A[0], fmin(B[0], C[0])), high = fmax(A[0], fmax(B[0], C[0]));
	for (size_t i = r->after[c]; i != a; i = r->after[i]) {
		const double *p = r->x[i];
		if (p[0] < low || p[0] > high)
			continue;
		double s = side(A, B, p), t = side(B, C, p), u = side(C, A, p);
		bool inside = touching ? s > 0 && t > 0 && u > 0 : s >= 0 && t >= 0 && u >= 0;
		if (inside && !same(p, A) && !same(p, B) && !same(p, C))
			return false;
	}
	return true;
}

/* Clip ears until three corners are left; false when a whole round found none, or the search became long. */
static bool clip(struct ring *r, const uint32_t *vertex, uint32_t *triangle)
{
	bool touching = false;
	size_t at = 0, idle = 0;
	while (r->left > 3) {
		if (r->tests-- == 0)
			return false;
		if (!is_ear(r, at, touching)) {
			at = r->after[at];
			if (++idle < r->left)
				continue;
			if (touching)
				return false;
			touching = true;
			idle = 0;
			continue;
		}
		size_t a = r->before[at], c = r->after[at];
		*triangle++ = vertex[a];
		*triangle++ = vertex[at];
		*triangle++ = vertex[c];
		r->after[a] = (uint16_t)c;
		r->before[c] = (uint16_t)a;
		r->left--;
		at = a;   /* only its neighbours have changed */
		idle = 0;
	}
	size_t a = r->before[at], c = r->after[at];
	*triangle++ = vertex[a];
	*triangle++ = vertex[at];
	*triangle++ = vertex[c];
	return side(r->x[a], r->x[at], r->x[c]) >= -r->slack;
}

static bool clip_ears(const double *position, const uint32_t *vertex, size_t count, const double normal[3], uint32_t *triangle)
{
	struct ring ring;
	lay_flat(&ring, position, vertex, count, normal);
	return clip(&ring, vertex, triangle);
}

void mfc_polygon_cut(const double *position, const uint32_t *vertex, size_t count, uint32_t *triangle)
{
	double normal[3];
	if (position && count > 3 && count <= MFC_POLYGON_CLIPPED && !fan_covers(position, vertex, count, normal) &&
	    clip_ears(position, vertex, count, normal, triangle))
		return;
	fan(vertex, count, triangle);
}
