#include "net/weights.h"
#include "net/layers.h"

#include <stdlib.h>

int mfc_weights_create(struct mfc_weights *weights, const struct mfc_score *net, const real *params, struct mfc_error *err)
{
	void *memory;
	*weights = (struct mfc_weights){ .params = params };
	if (posix_memalign(&memory, 64, net->parameters * sizeof(real)))
		return mfc_error_memory(err);
	weights->transposed = memory;
	mfc_weights_update(weights, net, 0, 1);
	return 0;
}

void mfc_weights_free(struct mfc_weights *weights)
{
	free(weights->transposed);
	*weights = (struct mfc_weights){ 0 };
}

void mfc_weights_update(struct mfc_weights *weights, const struct mfc_score *net, size_t share, size_t shares)
{
	for (size_t i = share; i < net->tensors; i += shares) {
		const struct mfc_tensor *t = &net->tensor[i];
		if (t->dims == 2 && t->fan_in)   /* neither z0 nor labels */
			mfc_transpose(t->shape[0], t->shape[1], weights->params + t->offset, t->shape[1], weights->transposed + t->offset, t->shape[0]);
	}
}
