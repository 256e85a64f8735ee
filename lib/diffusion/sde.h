/* The variance-preserving SDE of method.md §2: dX = -½β X dt + √β dB, β(t) = 0.1 + 19.9 t, and its signal-to-noise form:
 * x_t = α x_0 + σ ε, s = σ/α, y = x_t/α = x_0 + s ε. (Song et al. 2021; Karras et al. 2022.) */
#ifndef MFC_SDE_H
#define MFC_SDE_H

#define MFC_BETA_MIN 0.1
#define MFC_BETA_MAX 20.0

double mfc_sde_alpha(double t);
double mfc_sde_sigma(double t);
double mfc_sde_clock(double from, double to);   /* ∫β dt, the time in which the process is stationary */
double mfc_sde_s_of_t(double t);      /* σ/α, increasing from 0 at t = 0 to about 152 at t = 1 */
double mfc_sde_t_of_s(double s);      /* its inverse, in closed form; 1 for s beyond s_of_t(1) */
double mfc_sde_alpha_of_s(double s);  /* 1/√(1+s²) */

#endif
