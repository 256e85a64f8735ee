#include "net/optim.h"
#include "net/real.h"

#include <math.h>

MFC_VECTORISED
bool mfc_adamw_step(const struct mfc_adamw *o, size_t step, double lr, double scale, size_t count, const float *grads, float *params, float *m,
    float *v, float *ema)
{
	double k = (double)step + 1;
	const float b1 = (float)o->beta1, b2 = (float)o->beta2, clip = (float)scale, shrink = (float)(1 - lr * o->decay);
	const float rate = (float)(lr / (1 - pow(o->beta1, k))), root = (float)(1 / sqrt(1 - pow(o->beta2, k))), epsilon = (float)o->epsilon;
	const float keep = (float)fmin(o->ema_max, k / (k + 19));
	float zero = 0;   /* nan once anything was not finite */
#pragma omp simd reduction(+:zero)
	for (size_t i = 0; i < count; i++) {
		float g = grads[i] * clip;
		m[i] = b1 * m[i] + (1 - b1) * g;
		v[i] = b2 * v[i] + (1 - b2) * g * g;
		params[i] = params[i] * shrink - rate * m[i] / (sqrtf(v[i]) * root + epsilon);
		ema[i] = keep * ema[i] + (1 - keep) * params[i];
		zero += 0 * params[i] + 0 * v[i];
	}
	return zero == 0;
}

double mfc_schedule(const struct mfc_schedule *s, size_t step, double progress)
{
	double rate = step < s->warmup ? ((double)step + 1) / (double)s->warmup : 1;
	if (progress > s->constant)
		rate *= 0.5 * (1 + cos(M_PI * fmin(1, (progress - s->constant) / (1 - s->constant))));
	return rate;
}
