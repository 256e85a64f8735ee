/* The version of mfc-model(5) that a model's header says. */
#ifndef MFC_FORMAT_H
#define MFC_FORMAT_H

#include "value.h"

#define MFC_MODEL_FORMAT 2   /* written; 1, which has no checksums and does not say its version, is read too */

#define MFC_MODEL_MAX_RECORD ((size_t)1 << 30)   /* bytes */

/* The version, of a header that has "model". A newer one than ours, and what is no version, are errors. */
int mfc_model_format(const struct mfc_value *header, size_t *format, struct mfc_error *err);

#endif
