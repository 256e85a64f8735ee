/* AdamW (Loshchilov and Hutter 2019) with an exponential moving average of the parameters, and the learning-rate schedule. */
#ifndef MFC_OPTIM_H
#define MFC_OPTIM_H

#include <stddef.h>

struct mfc_adamw {
	double lr, beta1, beta2, decay, epsilon;
	double ema_max;   /* EMA rate at step k is min(ema_max, (k+1)/(k+20)) */
};
#define MFC_ADAMW_DEFAULTS { .lr = 3e-3, .beta1 = 0.9, .beta2 = 0.99, .decay = 0.01, .epsilon = 1e-8, .ema_max = 0.999 }

/* Step number `step` (from 0) on count numbers: grads are multiplied by `scale` (clipping) first. All arrays (count). */
void mfc_adamw_step(const struct mfc_adamw *o, size_t step, double lr, double scale, size_t count, const float *grads, float *params, float *m,
    float *v, float *ema);

/* The share of the full rate at step number `step`, `progress` in [0, 1] of the budget being spent: 100 steps of linear warm-up, constant to
 * 30 %, then a cosine to 0. */
double mfc_schedule(size_t step, double progress);

#endif
