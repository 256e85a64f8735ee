/* PNG files. The only user of libpng. */
#ifndef MFC_PNG_H
#define MFC_PNG_H

#include "output/render.h"

int mfc_png_write(FILE *out, const struct mfc_image *image, struct mfc_error *err);

#endif
