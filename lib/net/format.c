#include "net/format.h"

int mfc_model_format(const struct mfc_value *header, size_t *format, struct mfc_error *err)
{
	const struct mfc_value *said = mfc_value_get(mfc_value_get(header, "model"), "format");
	*format = 1;
	if (said && (!mfc_value_as_size(said, format) || *format < 1))
		return mfc_error_set(err, "the header's model has no valid format");
	if (*format > MFC_MODEL_FORMAT)
		return mfc_error_set(err, "a model of format %zu, newer than the %d that this program knows: a newer mfc reads it", *format, MFC_MODEL_FORMAT);
	return 0;
}
