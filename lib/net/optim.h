/* AdamW (Loshchilov and Hutter 2019) with an exponential moving average of the parameters, and the learning-rate schedule. */
#ifndef MFC_OPTIM_H
#define MFC_OPTIM_H

#include <stdbool.h>
#include <stddef.h>

struct mfc_adamw {
	double lr, beta1, beta2, decay, epsilon;
	double ema_max;   /* EMA rate at step k is min(ema_max, (k+1)/(k+20)) */
	double clip;      /* the gradient's norm is cut down to it; 0: never */
};
#define MFC_ADAMW_DEFAULTS { .lr = 3e-3, .beta1 = 0.9, .beta2 = 0.99, .decay = 0.01, .epsilon = 1e-8, .ema_max = 0.999, .clip = 1 }

/* Step number `step` (from 0) on count numbers: grads are multiplied by `scale` (clipping) first. All arrays (count). False where a parameter
 * or moment left the finite numbers. */
bool mfc_adamw_step(const struct mfc_adamw *o, size_t step, double lr, double scale, size_t count, const float *grads, float *params, float *m,
    float *v, float *ema);

struct mfc_schedule {
	size_t warmup;     /* steps of linear rise */
	double constant;   /* share of the budget, in [0, 1], after which a cosine falls to 0 */
};
#define MFC_SCHEDULE_DEFAULTS { .warmup = 100, .constant = 0.3 }

/* The share of the full rate at step number `step`, `progress` in [0, 1] of the budget being spent. */
double mfc_schedule(const struct mfc_schedule *s, size_t step, double progress);

#endif
