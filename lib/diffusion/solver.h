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
	MFC_DPMPP2M,         /* DPM-Solver++(2M) of the probability-flow ODE (Lu et al. 2022, arXiv 2211.01095) */
	MFC_SDE_DPMPP2M,     /* its form for the reverse SDE */
	MFC_HEUN,            /* Heun's second-order method for the ODE (Karras et al. 2022, arXiv 2206.00364) */
	MFC_EULER_MARUYAMA,  /* first order for the SDE, linear part exact */
	MFC_SOLVERS
};
extern const char *const mfc_solver_name[MFC_SOLVERS];   /* "dpmpp2m", "sde-dpmpp2m", "heun", "euler-maruyama" */
bool mfc_solver_named(const char *name, enum mfc_solver *solver);   /* false for another name */

/* Where the steps lie: uniform in ln s, as ln of the signal to noise, or with rho > 0 in s^(1/rho) (Karras et al. 2022: 7), the denser towards the
 * noise the smaller rho is. */
struct mfc_grid { double rho; };

struct mfc_solve {
	enum mfc_solver solver;
	struct mfc_grid grid;
	double s_from, s_to;   /* s_from > s_to ≥ 0; to 0: the last step is x = D at s_last */
	double s_last;         /* the lowest level the function is asked for, when s_to is 0 */
	size_t steps;          /* evaluations of the denoiser (Heun: twice that, less one); at least 1 */
	size_t threads;        /* for all but the denoiser; 0 is 1 */
	bool stratify;         /* the noise of the SDE (stratify.h), which else is independent */
};

/* Advance y (n, dim) in place, with room for two such arrays, and for that of stratify.h. Independent noise of step i is normals i·n·dim … of rng;
 * neither kind depends on how the work is shared. */
int mfc_solver_run(const struct mfc_solve *solve, const struct mfc_rng *rng, size_t n, size_t dim, float *y, mfc_denoise *denoise, void *context,
    struct mfc_error *err);

/* How many of `total` evaluations on the grid from s_top to s_last fall between s_from and s_to: at least 1. */
size_t mfc_solver_share(size_t total, struct mfc_grid grid, double s_top, double s_last, double s_from, double s_to);

#endif
