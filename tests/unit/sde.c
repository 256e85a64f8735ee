/* The forward SDE's closed forms, against each other and against its definition. */
#include "check.h"
#include "diffusion/sde.h"

#include <math.h>

int main(void)
{
	double circle = 0, round = 0, ratio = 0, back = 0;
	int rising = 1;
	for (int i = 0; i <= 1000; i++) {
		double t = i / 1000.0, a = mfc_sde_alpha(t), sigma = mfc_sde_sigma(t), s = mfc_sde_s_of_t(t);
		circle = fmax(circle, fabs(a * a + sigma * sigma - 1));
		round = fmax(round, fabs(mfc_sde_t_of_s(s) - t));
		ratio = fmax(ratio, fabs(s - sigma / a) / fmax(s, 1e-300));
		back = fmax(back, fabs(mfc_sde_alpha_of_s(s) - a));
		rising = rising && (i == 0 || s > mfc_sde_s_of_t((i - 1) / 1000.0));
	}
	check(circle < 1e-15, "alpha^2 + sigma^2 = 1: %.1e", circle);
	check(round < 1e-12, "t(s(t)) = t: %.1e", round);
	check(ratio < 1e-10, "s = sigma/alpha: %.1e", ratio);
	check(back < 1e-14, "alpha(s(t)) = alpha(t): %.1e", back);
	check(rising, "s rises");
	check(mfc_sde_s_of_t(0) == 0 && mfc_sde_alpha(0) == 1 && mfc_sde_sigma(0) == 0, "no noise at t = 0");
	check(fabs(mfc_sde_s_of_t(1) - 152.17) < 0.05, "s(1) = %.2f", mfc_sde_s_of_t(1));
	check(mfc_sde_t_of_s(1e9) == 1, "beyond it t is 1");
	/* small s without cancellation: s² ≈ β_min t */
	double t = 1e-12;
	check(fabs(mfc_sde_s_of_t(t) / sqrt(MFC_BETA_MIN * t) - 1) < 1e-9 && fabs(mfc_sde_t_of_s(mfc_sde_s_of_t(t)) / t - 1) < 1e-9, "exact near t = 0");
	/* d ln alpha / dt = -beta(t)/2 */
	double worst = 0;
	for (double u = 0.05; u < 1; u += 0.05) {
		double h = 1e-5, slope = (log(mfc_sde_alpha(u + h)) - log(mfc_sde_alpha(u - h))) / (2 * h);
		worst = fmax(worst, fabs(slope + 0.5 * (MFC_BETA_MIN + u * (MFC_BETA_MAX - MFC_BETA_MIN))));
	}
	check(worst < 1e-6, "d ln alpha/dt = -beta/2: %.1e", worst);
	return done();
}
