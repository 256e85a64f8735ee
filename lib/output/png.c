#include "output/png.h"

#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <string.h>

/* libpng would print it. */
static void on_error(png_structp png, png_const_charp why)
{
	struct mfc_error *err = png_get_error_ptr(png);
	if (strstr(why, "emory"))
		mfc_error_memory(err);
	else
		mfc_error_set(err, "the picture cannot be written: %s", why);
	png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp what)
{
	(void)png, (void)what;
}

static void put(png_structp png, png_bytep data, size_t size)
{
	if (fwrite(data, 1, size, png_get_io_ptr(png)) != size)
		png_error(png, strerror(errno));
}

static void flush(png_structp png)
{
	(void)png;
}

int mfc_png_write(FILE *out, const struct mfc_image *image, struct mfc_error *err)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, err, on_error, on_warning);
	png_infop info = png ? png_create_info_struct(png) : NULL;
	if (!info) {
		png_destroy_write_struct(&png, NULL);
		return mfc_error_memory(err);
	}
	if (setjmp(png_jmpbuf(png))) {
		png_destroy_write_struct(&png, &info);
		return -1;
	}
	png_set_write_fn(png, out, put, flush);
	png_set_IHDR(png, info, (png_uint_32)image->width, (png_uint_32)image->height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
	    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	for (size_t y = 0; y < image->height; y++)
		png_write_row(png, image->rgb + 3 * image->width * y);
	png_write_end(png, NULL);
	png_destroy_write_struct(&png, &info);
	return 0;
}
