/* Polygons cut into triangles: they cover it, on its side, once. */
#include "check.h"
#include "load/polygon.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MOST 4096
#define PI 3.14159265358979323846

static double flat[MOST][2], space[3 * MOST];
static uint32_t corner[MOST], triangle[3 * MOST];
static uint64_t state = 88172645463325252u;

static double uniform(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (double)(state >> 11) / 9007199254740992.0;
}

/* Two random directions at right angles. */
static void plane(double u[3], double v[3])
{
	double length = 0, along = 0;
	for (int j = 0; j < 3; j++) {
		u[j] = uniform() - 0.5;
		v[j] = uniform() - 0.5;
		length += u[j] * u[j];
	}
	for (int j = 0; j < 3; j++)
		along += (u[j] /= sqrt(length)) * v[j];
	length = 0;
	for (int j = 0; j < 3; j++) {
		v[j] -= along * u[j];
		length += v[j] * v[j];
	}
	for (int j = 0; j < 3; j++)
		v[j] /= sqrt(length);
}

/* The polygon `flat` in a random plane, its corners listed from a random one on. */
static void lay(size_t n)
{
	double u[3], v[3];
	size_t shift = (size_t)(uniform() * (double)n);
	plane(u, v);
	for (size_t i = 0; i < n; i++) {
		corner[i] = (uint32_t)((i + shift) % n);
		for (size_t j = 0; j < 3; j++)
			space[3 * i + j] = 5 + u[j] * flat[i][0] + v[j] * flat[i][1];
	}
}

static double doubled(const uint32_t *t, size_t count)
{
	double sum = 0;
	for (size_t i = 0; i < count; i++) {
		const double *a = flat[t[i]], *b = flat[t[(i + 1) % count]];
		sum += a[0] * b[1] - a[1] * b[0];
	}
	return sum;
}

/* Whether the triangles of the polygon, cut in space, add up to its area in the plane and none lies on the other side. */
static bool covers(size_t n)
{
	double area = doubled(corner, n), sum = 0;
	bool sided = true;
	mfc_polygon_cut(space, corner, n, triangle);
	for (size_t i = 0; i < n - 2; i++) {
		double a = doubled(triangle + 3 * i, 3);
		sided &= a * area >= -1e-9 * area * area;
		sum += fabs(a);
	}
	return sided && fabs(sum - fabs(area)) <= 1e-9 * fabs(area);
}

/* The plain fan's sum of areas is more than the polygon's: what a test needs to be of use. */
static bool fan_fails(size_t n)
{
	double sum = 0;
	for (size_t i = 2; i < n; i++) {
		uint32_t t[] = { corner[0], corner[i - 1], corner[i] };
		sum += fabs(doubled(t, 3));
	}
	return sum > fabs(doubled(corner, n)) * (1 + 1e-6);
}

static size_t star(size_t n)
{
	double turn = uniform() < 0.5 ? 1 : -1;
	for (size_t i = 0; i < n; i++) {
		double angle = turn * 2 * PI * ((double)i + 0.8 * uniform()) / (double)n, r = 0.1 + uniform();
		flat[i][0] = r * cos(angle);
		flat[i][1] = r * sin(angle);
	}
	return n;
}

/* A back with teeth. */
static size_t comb(size_t n)
{
	size_t teeth = (n - 2) / 2;
	for (size_t i = 0; i < 2 * teeth; i++) {
		flat[i][0] = (double)i;
		flat[i][1] = i % 2 ? 0.1 + uniform() : 20;
	}
	flat[2 * teeth][0] = (double)(2 * teeth - 1);
	flat[2 * teeth][1] = flat[2 * teeth + 1][1] = -1;
	flat[2 * teeth + 1][0] = 0;
	return 2 * teeth + 2;
}

/* A strip wound around a centre. */
static size_t spiral(size_t n)
{
	size_t half = n / 2;
	for (size_t i = 0; i < half; i++) {
		double angle = 0.3 * (double)i, r = 1 + 0.05 * (double)i;
		flat[i][0] = r * cos(angle);
		flat[i][1] = r * sin(angle);
		flat[2 * half - 1 - i][0] = (r + 0.4) * cos(angle);
		flat[2 * half - 1 - i][1] = (r + 0.4) * sin(angle);
	}
	return 2 * half;
}

static size_t convex(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		flat[i][0] = 3 * cos(2 * PI * (double)i / (double)n);
		flat[i][1] = sin(2 * PI * (double)i / (double)n);
	}
	return n;
}

static void family(const char *what, size_t (*make)(size_t), size_t least, size_t most, int trials, bool concave)
{
	int wrong = 0, fans = 0;
	for (int i = 0; i < trials; i++) {
		size_t n = make(least + (size_t)(uniform() * (double)(most - least + 1)));
		lay(n);
		wrong += !covers(n);
		fans += !fan_fails(n);
	}
	check(wrong == 0, "%s: %d of %zu to %zu corners are covered (%d are not)", what, trials, least, most, wrong);
	check(concave ? fans < trials / 2 : fans == trials, "%s: a fan would cover %d", what, fans);
}

/* A polygon of given corners in random planes, begun at each. */
static void fixed(const char *what, const double (*x)[2], size_t n)
{
	int wrong = 0;
	memcpy(flat, x, n * sizeof *x);
	for (int i = 0; i < 100; i++) {
		lay(n);
		wrong += !covers(n);
	}
	check(wrong == 0, "%s (%d of 100 are not covered)", what, wrong);
}

#define FIXED(what, x) fixed(what, x, sizeof (x) / sizeof *(x))

static void known(void)
{
	static const double dart[][2] = { { 0, 0 }, { 2, 1 }, { 0, 2 }, { 0.5, 1 } };
	FIXED("a quadrangle with a notch", dart);
	static const double ell[][2] = { { 0, 0 }, { 1, 0 }, { 2, 0 }, { 2, 1 }, { 1, 1 }, { 1, 2 }, { 0, 2 }, { 0, 1 } };
	FIXED("corners on its sides", ell);
	static const double holed[][2] = { { 0, 0 }, { 4, 0 }, { 4, 4 }, { 0, 4 }, { 0, 0 }, { 1, 1 }, { 1, 3 }, { 3, 3 }, { 3, 1 }, { 1, 1 } };
	FIXED("a square with a hole, reached by a cut", holed);
	static const double twice[][2] = { { 0, 0 }, { 2, 0 }, { 2, 0 }, { 2, 2 }, { 1, 0.5 }, { 0, 2 } };
	FIXED("a corner given twice", twice);
	static const double spike[][2] = { { 0, 0 }, { 2, 0 }, { 2, 2 }, { 2, 3 }, { 2, 2 }, { 1, 0.5 }, { 0, 2 } };
	FIXED("a spike without area", spike);
}

static bool is_fan(size_t n)
{
	for (size_t i = 2; i < n; i++)
		if (triangle[3 * i - 6] != corner[0] || triangle[3 * i - 5] != corner[i - 1] || triangle[3 * i - 4] != corner[i])
			return false;
	return true;
}

/* What no cutting covers: a fan, or whatever, but of its own corners, and no more than that. */
static void hopeless(void)
{
	size_t n = comb(MOST);
	lay(n);
	mfc_polygon_cut(space, corner, n, triangle);
	check(is_fan(n), "more than %d corners are a fan", MFC_POLYGON_CLIPPED);
	mfc_polygon_cut(NULL, corner, 50, triangle);
	check(is_fan(50), "unknown positions are a fan");
	memset(space, 0, sizeof space);
	mfc_polygon_cut(space, corner, 100, triangle);
	check(is_fan(100), "no area: a fan");
	for (size_t i = 0; i < 300; i++)
		space[i] = i % 7 ? 1e308 * (uniform() - 0.5) : INFINITY;
	mfc_polygon_cut(space, corner, 100, triangle);
	check(is_fan(100), "no finite area: a fan");
	for (size_t i = 0; i < MOST; i++)
		corner[i] = (uint32_t)i;
	bool own = true;
	for (int trial = 0; trial < 200; trial++) {
		size_t count = trial < 2 ? MFC_POLYGON_CLIPPED : 4 + (size_t)(uniform() * 60);
		for (size_t i = 0; i < 3 * count; i++)
			space[i] = uniform();
		memset(triangle, 0xff, sizeof triangle);
		mfc_polygon_cut(space, corner, count, triangle);
		for (size_t i = 0; i < 3 * count - 6; i++)
			own &= triangle[i] < count;
		own &= triangle[3 * count - 6] == UINT32_MAX;
	}
	check(own, "what crosses itself in any way comes out as count - 2 triangles");
}

int main(void)
{
	family("stars", star, 5, 12, 2000, true);
	family("stars", star, 100, 300, 100, true);
	family("combs", comb, 8, 60, 500, true);
	family("combs", comb, 2000, MFC_POLYGON_CLIPPED, 3, true);
	family("spirals", spiral, 60, 300, 200, true);
	family("spirals", spiral, 2000, MFC_POLYGON_CLIPPED, 3, true);
	family("convex ones", convex, 4, 272, 300, false);
	known();
	hopeless();
	return done();
}
