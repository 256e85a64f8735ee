#include "output/png.h"

#include <png.h>
#include <setjmp.h>

int mfc_png_write(FILE *out, const struct mfc_image *image, struct mfc_error *err)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png ? png_create_info_struct(png) : NULL;
	if (!info) {
		png_destroy_write_struct(&png, NULL);
		return mfc_error_memory(err);
	}
	if (setjmp(png_jmpbuf(png))) {
		png_destroy_write_struct(&png, &info);
		return mfc_error_set(err, "the picture cannot be written");
	}
	png_init_io(png, out);
	png_set_IHDR(png, info, (png_uint_32)image->width, (png_uint_32)image->height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
	    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	for (size_t y = 0; y < image->height; y++)
		png_write_row(png, image->rgb + 3 * image->width * y);
	png_write_end(png, NULL);
	png_destroy_write_struct(&png, &info);
	return 0;
}
