#include "output/render.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FINE 3           /* each pixel is the mean of FINE × FINE */
#define MARGIN 0.94      /* of the square that a cloud fills */
#define MAX_PIXELS ((size_t)1 << 28)

void mfc_projection_clear(struct mfc_projection *p)
{
	free(p->across);
	*p = (struct mfc_projection){ 0 };
}

/* Shift v to a range centred on 0 and return half its width. */
static double centre(float *v, size_t n)
{
	float low = v[0], high = v[0];
	for (size_t i = 1; i < n; i++) {
		low = fminf(low, v[i]);
		high = fmaxf(high, v[i]);
	}
	for (size_t i = 0; i < n; i++)
		v[i] -= 0.5f * (low + high);
	return 0.5 * (high - low);
}

int mfc_project(const struct mfc_cloud *cloud, const struct mfc_view *view, struct mfc_projection *out, struct mfc_error *err)
{
	size_t n = out->n = cloud->n;
	out->across = calloc(n, 3 * sizeof *out->across);
	if (!out->across)
		return mfc_error_memory(err);
	out->up = out->across + n;
	out->depth = out->up + n;
	double a = view->azimuth * M_PI / 180, e = view->elevation * M_PI / 180;
	for (size_t i = 0; i < n; i++) {
		const float *p = cloud->x + i * cloud->dim;
		double x = p[0], y = cloud->dim > 1 ? p[1] : 0, z = cloud->dim > 2 ? p[2] : 0;
		if (cloud->dim > 2) {
			double side = x * cos(a) + z * sin(a), away = -x * sin(a) + z * cos(a);
			x = side;
			z = y * sin(e) + away * cos(e);
			y = y * cos(e) - away * sin(e);
		}
		out->across[i] = (float)x;
		out->up[i] = (float)y;
		out->depth[i] = (float)z;
	}
	double size = fmax(centre(out->across, n), centre(out->up, n)), deep = centre(out->depth, n);
	for (size_t i = 0; i < n; i++) {
		out->across[i] = size > 0 ? (float)(out->across[i] / size) : 0;
		out->up[i] = size > 0 ? (float)(out->up[i] / size) : 0;
		out->depth[i] = deep > 0 ? (float)(0.5 + 0.5 * out->depth[i] / deep) : 0.5f;
	}
	return 0;
}

int mfc_image_create(struct mfc_image *image, size_t width, size_t height, struct mfc_error *err)
{
	size_t pixels;
	*image = (struct mfc_image){ width, height, NULL };
	if (__builtin_mul_overflow(width, height, &pixels) || pixels == 0 || pixels > MAX_PIXELS)
		return mfc_error_set(err, "a picture of %zu by %zu pixels is too large", width, height);
	image->rgb = malloc(3 * pixels);
	if (!image->rgb)
		return mfc_error_memory(err);
	memset(image->rgb, 255, 3 * pixels);
	return 0;
}

void mfc_image_clear(struct mfc_image *image)
{
	free(image->rgb);
	*image = (struct mfc_image){ 0 };
}

/* From pale grey-blue far away over steel blue to deep navy near by. */
static void colour(double depth, double rgb[3])
{
	static const double stop[3][3] = { { 178, 200, 220 }, { 74, 124, 172 }, { 16, 38, 84 } };
	double at = fmin(1, fmax(0, depth)) * 2;
	int k = at < 1 ? 0 : 1;
	for (int c = 0; c < 3; c++)
		rgb[c] = stop[k][c] + (at - k) * (stop[k + 1][c] - stop[k][c]);
}

unsigned mfc_render_colour(double depth)
{
	double rgb[3];
	colour(depth, rgb);
	return (unsigned)rgb[0] << 16 | (unsigned)rgb[1] << 8 | (unsigned)rgb[2];
}

/* The fine canvas: which depth was drawn at each place, and how bright; depth below 0 is bare. */
struct canvas { size_t side; float *depth, *shade; };

/* A ball of `radius` fine pixels, lit from the upper left, in front. */
static void ball(struct canvas *c, double x, double y, double depth, double radius)
{
	long left = lround(floor(x - radius)), right = lround(ceil(x + radius)), top = lround(floor(y - radius)), bottom = lround(ceil(y + radius));
	for (long j = top; j <= bottom; j++)
		for (long i = left; i <= right; i++) {
			double u = ((double)i + 0.5 - x) / radius, v = ((double)j + 0.5 - y) / radius, r = u * u + v * v;
			if (r > 1 || i < 0 || j < 0 || i >= (long)c->side || j >= (long)c->side)
				continue;
			size_t at = (size_t)j * c->side + (size_t)i;
			double w = sqrt(1 - r), front = depth + 0.01 * w;
			if (front <= c->depth[at])
				continue;
			c->depth[at] = (float)front;
			c->shade[at] = (float)(0.80 + 0.30 * (-0.5 * u - 0.6 * v + 0.6 * w));
		}
}

static void average(const struct canvas *c, struct mfc_image *image, size_t left, size_t top, size_t size)
{
	for (size_t y = 0; y < size && top + y < image->height; y++)
		for (size_t x = 0; x < size && left + x < image->width; x++) {
			double sum[3] = { 0 }, rgb[3];
			for (size_t k = 0; k < FINE * FINE; k++) {
				size_t at = (y * FINE + k / FINE) * c->side + x * FINE + k % FINE;
				colour(c->depth[at], rgb);
				for (int i = 0; i < 3; i++)
					sum[i] += c->depth[at] < 0 ? 255 : fmin(255, rgb[i] * c->shade[at]);
			}
			for (int i = 0; i < 3; i++)
				image->rgb[3 * ((top + y) * image->width + left + x) + (size_t)i] = (unsigned char)lround(sum[i] / (FINE * FINE));
		}
}

size_t mfc_render_bytes(size_t size)
{
	return 2 * size * FINE * size * FINE * sizeof(float);
}

int mfc_render(struct mfc_image *image, size_t left, size_t top, size_t size, const struct mfc_projection *p, struct mfc_error *err)
{
	struct canvas c = { .side = size * FINE };
	c.depth = malloc(mfc_render_bytes(size));
	if (!c.depth)
		return mfc_error_memory(err);
	c.shade = c.depth + c.side * c.side;
	for (size_t i = 0; i < c.side * c.side; i++)
		c.depth[i] = -1;
	/* Balls that just cover a surface of n points; never smaller than a fine pixel. */
	double half = 0.5 * (double)c.side, radius = fmax(1.0, 0.30 * (double)c.side / sqrt((double)p->n));
	radius = fmin(radius, 0.03 * (double)c.side);
	for (size_t i = 0; i < p->n; i++)
		ball(&c, half + MARGIN * half * p->across[i], half - MARGIN * half * p->up[i], p->depth[i], radius);
	average(&c, image, left, top, size);
	free(c.depth);
	return 0;
}

void mfc_render_line(struct mfc_image *image, size_t top)
{
	if (top < image->height)
		memset(image->rgb + 3 * image->width * top, 190, 3 * image->width);
}

/* The dots of a braille character are numbered down its columns, the lowest two last. */
static const unsigned char dot[4][2] = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } };

int mfc_render_text(const struct mfc_projection *p, size_t columns, size_t rows, bool in_colour, char **line, struct mfc_error *err)
{
	size_t wide = 2 * columns, high = 4 * rows, room = columns * 32 + 16;
	unsigned char *cell = calloc(columns * rows, 1);
	float *depth = malloc(columns * rows * sizeof *depth);
	bool failed = !cell || !depth;
	double half = 0.5 * (double)(wide < high ? wide : high) - 0.5;
	for (size_t i = 0; !failed && i < columns * rows; i++)
		depth[i] = -1;
	for (size_t i = 0; !failed && i < p->n; i++) {
		long x = lround(0.5 * (double)wide - 0.5 + half * p->across[i]), y = lround(0.5 * (double)high - 0.5 - half * p->up[i]);
		if (x < 0 || y < 0 || x >= (long)wide || y >= (long)high)
			continue;
		size_t at = (size_t)y / 4 * columns + (size_t)x / 2;
		cell[at] |= dot[y % 4][x % 2];
		depth[at] = fmaxf(depth[at], p->depth[i]);
	}
	for (size_t r = 0; r < rows; r++) {
		char *s = line[r] = failed ? NULL : malloc(room);
		if (!s) {
			failed = true;
			continue;
		}
		for (size_t c = 0; c < columns; c++) {
			size_t at = r * columns + c;
			unsigned rgb = mfc_render_colour(depth[at]);
			if (in_colour && cell[at])
				s += sprintf(s, "\033[38;2;%u;%u;%um", rgb >> 16, rgb >> 8 & 255, rgb & 255);
			/* U+2800 + dots in UTF-8 */
			s += sprintf(s, "\xe2%c%c", 0xa0 | cell[at] >> 6, 0x80 | (cell[at] & 0x3f));
		}
		strcpy(s, in_colour ? "\033[0m" : "");
	}
	free(cell);
	free(depth);
	return failed ? mfc_error_memory(err) : 0;
}
