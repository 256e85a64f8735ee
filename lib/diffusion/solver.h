/* Reverse dynamics from one noise level to a lower one (method.md §6), in signal-to-noise form y = x_0 + s ε. Knows no network: it is given
 * a function that denoises. */
#ifndef MFC_SOLVER_H
#define MFC_SOLVER_H

#include "error.h"
#include "rng.h"

#include <stdbool.h>

/* D (n, dim) = E[x_0 | y] at noise level s. Returns 0, or -1 with err set. */
typedef int mfc_denoise(void *context, size_t n, const float *y, double s, float *D, struct mfc_error *err);

enum mfc_solver {
	MFC_DPM,     /* DPM-Solver++(2M), ODE or SDE form (Lu et al. 2022) */
	MFC_HEUN,    /* Heun's second-order method, ODE only (Karras et al. 2022) */
	MFC_EULER    /* first order: Euler, or Euler-Maruyama in exponential form where stochastic */
};
/* The solver called "dpm++", "heun" or "euler"; false for another name. */
bool mfc_solver_named(const char *name, enum mfc_solver *solver);

struct mfc_solve {
	enum mfc_solver solver;
	double s_from, s_to;   /* s_from > s_to ≥ 0; to 0: the last step is x = D at s_last */
	double s_last;         /* the lowest level the function is asked for, when s_to is 0 */
	size_t steps;          /* evaluations of the denoiser (Heun: twice that, less one); at least 1, uniform in ln s */
	double eta;            /* 0: probability-flow ODE; 1: reverse SDE */
};

/* Advance y (n, dim) in place. Noise of step i is normals i·n·dim … of rng, so it does not depend on how the work is shared. */
int mfc_solver_run(const struct mfc_solve *solve, const struct mfc_rng *rng, size_t n, size_t dim, float *y, mfc_denoise *denoise, void *context,
    struct mfc_error *err);

/* How many of `total` evaluations, uniform in ln s from s_top to s_last, fall between s_from and s_to: at least 1. */
size_t mfc_solver_share(size_t total, double s_top, double s_last, double s_from, double s_to);

#endif
