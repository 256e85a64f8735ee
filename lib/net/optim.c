#include "net/optim.h"
#include "net/real.h"

#include <math.h>

MFC_VECTORISED
void mfc_adamw_step(const struct mfc_adamw *o, size_t step, double lr, double scale, size_t count, const float *grads, float *params, float *m,
    float *v, float *ema)
{
	double k = (double)step + 1;
	const float b1 = (float)o->beta1, b2 = (float)o->beta2, clip = (float)scale, shrink = (float)(1 - lr * o->decay);
	const float rate = (float)(lr / (1 - pow(o->beta1, k))), root = (float)(1 / sqrt(1 - pow(o->beta2, k))), epsilon = (float)o->epsilon;
	const float keep = (float)fmin(o->ema_max, k / (k + 19));
#pragma omp simd
	for (size_t i = 0; i < count; i++) {
		float g = grads[i] * clip;
		m[i] = b1 * m[i] + (1 - b1) * g;
		v[i] = b2 * v[i] + (1 - b2) * g * g;
		params[i] = params[i] * shrink - rate * m[i] / (sqrtf(v[i]) * root + epsilon);
		ema[i] = keep * ema[i] + (1 - keep) * params[i];
	}
}

double mfc_schedule(size_t step, double progress)
{
	double rate = step < 100 ? ((double)step + 1) / 100 : 1;
	if (progress > 0.3)
		rate *= 0.5 * (1 + cos(M_PI * fmin(1, (progress - 0.3) / 0.7)));
	return rate;
}
