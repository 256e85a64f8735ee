/* Meshes whose surfaces are known, and what a chi-square of so many degrees of freedom means. */
#ifndef SHAPES_H
#define SHAPES_H

#include "load/mesh.h"

#include <math.h>

/* The cube [0, 1]³, wound outwards: face k = 0 … 5 is the one of coordinate k % 3 at k / 3, and cut into 2^k · 2^k squares of two triangles. */
static void __attribute__((unused)) cube(struct mfc_mesh *m)
{
	mfc_mesh_init(m);
	for (uint32_t k = 0; k < 6; k++) {
		uint32_t cells = 1u << k, base = (uint32_t)m->vertices, w = cells + 1, axis = k % 3, side = k / 3;
		for (uint32_t i = 0; i < w * w; i++) {
			double p[3];
			p[axis] = side;
			p[(axis + 1) % 3] = (double)(i % w) / cells;
			p[(axis + 2) % 3] = (double)(i / w) / cells;
			mfc_mesh_add_vertex(m, p, NULL);
		}
		for (uint32_t i = 0; i < cells * cells; i++) {
			uint32_t a = base + i / cells * w + i % cells, b = a + 1, c = a + w + 1, d = a + w;
			mfc_mesh_add_triangle(m, a, side ? b : c, side ? c : b, NULL);
			mfc_mesh_add_triangle(m, a, side ? c : d, side ? d : c, NULL);
		}
	}
}

/* The unit sphere by circles of latitude, wound outwards; the triangles at the poles have no area every other time. */
static void __attribute__((unused)) sphere(struct mfc_mesh *m, uint32_t rows)
{
	uint32_t w = 2 * rows;
	mfc_mesh_init(m);
	for (uint32_t i = 0; i < (rows + 1) * w; i++) {
		double a = M_PI * (i / w) / rows, b = M_PI * (i % w) / rows;
		double p[3] = { sin(a) * cos(b), sin(a) * sin(b), cos(a) };
		mfc_mesh_add_vertex(m, p, NULL);
	}
	for (uint32_t i = 0; i < rows * w; i++) {
		uint32_t a = i, b = i / w * w + (i + 1) % w, c = a + w, d = b + w;
		mfc_mesh_add_triangle(m, a, c, d, NULL);
		mfc_mesh_add_triangle(m, a, d, b, NULL);
	}
}

/* A chi-square of `freedom` degrees as a standard normal number (Wilson and Hilferty 1931): beyond ±3.72 by chance in 1 of 10^4. */
static double __attribute__((unused)) normal_of(double chi, double freedom)
{
	double spread = 2 / (9 * freedom);
	return (cbrt(chi / freedom) - (1 - spread)) / sqrt(spread);
}

#endif
