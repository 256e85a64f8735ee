/* Parameters of a network by the formula of fixtures/make-network, which fills every tensor. */
#ifndef HASHED_H
#define HASHED_H

#include "net/score.h"

#include <math.h>

/* splitmix64 of a number, in [-1, 1) */
static double hashed(uint64_t i)
{
	uint64_t z = (i + 1) * 0x9E3779B97F4A7C15u;
	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	z ^= z >> 31;
	return (double)(z >> 11) * 0x1p-52 - 1;
}

static void hashed_parameters(const struct mfc_score *net, real *params)
{
	for (size_t i = 0; i < net->tensors; i++) {
		const struct mfc_tensor *t = &net->tensor[i];
		for (size_t j = t->offset; j < t->offset + t->count; j++) {
			double u = hashed(j);
			if (t->init == MFC_INIT_ONE)
				u = 1 + 0.1 * u;
			else if (t->init == MFC_INIT_NORMAL)
				u *= 0.8;
			else if (t->fan_in)
				u *= (t->init == MFC_INIT_UNIFORM ? 1 : 0.5) / sqrt((double)t->fan_in);
			else
				u *= 0.1;
			params[j] = (float)u;
		}
	}
}

#endif
