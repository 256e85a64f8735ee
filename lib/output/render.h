/* Pictures of clouds: points as small shaded balls, the near ones dark. */
#ifndef MFC_RENDER_H
#define MFC_RENDER_H

#include "cloud.h"

#include <stdio.h>

struct mfc_view {
	double azimuth, elevation;   /* degrees: about the vertical (y), and above the horizon; 0, 0 looks against z */
};
#define MFC_VIEW_DEFAULTS { .azimuth = 35, .elevation = 25 }

/* Coordinates on the picture: (n) each; across and up in [-1, 1], the larger of the two filling it, depth in [0, 1], 1 nearest. One and two
 * dimensions lie flat, of more than three the first three are shown. Returns 0, or -1 without memory. */
struct mfc_projection { size_t n; float *across, *up, *depth; };
int mfc_project(const struct mfc_cloud *cloud, const struct mfc_view *view, struct mfc_projection *out, struct mfc_error *err);
void mfc_projection_clear(struct mfc_projection *p);

/* An RGB picture, 3 bytes a pixel, rows from the top. */
struct mfc_image { size_t width, height; unsigned char *rgb; };
/* White. Refuses pictures of more than 2^28 pixels. */
int mfc_image_create(struct mfc_image *image, size_t width, size_t height, struct mfc_error *err);
void mfc_image_clear(struct mfc_image *image);

/* Draw the cloud into the square of `size` pixels whose upper left corner is (left, top). */
int mfc_render(struct mfc_image *image, size_t left, size_t top, size_t size, const struct mfc_projection *p, struct mfc_error *err);
/* The memory that takes, besides the image. */
size_t mfc_render_bytes(size_t size);
/* A grey horizontal line. */
void mfc_render_line(struct mfc_image *image, size_t top);

/* The colour at a depth in [0, 1], as 0xRRGGBB. */
unsigned mfc_render_colour(double depth);

/* The cloud in braille characters, 2 × 4 dots each: a line of text for each of `rows`, `columns` wide, into line[rows], which the caller frees
 * one by one; in colour with escape sequences of 24 bits. */
int mfc_render_text(const struct mfc_projection *p, size_t columns, size_t rows, bool colour, char **line, struct mfc_error *err);

#endif
