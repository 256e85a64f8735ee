#include "diffusion/sde.h"

#include <math.h>

/* -2 ln α = ½ t² (β_max - β_min) + t β_min */
static double exponent(double t)
{
	return 0.5 * t * t * (MFC_BETA_MAX - MFC_BETA_MIN) + t * MFC_BETA_MIN;
}

double mfc_sde_alpha(double t)
{
	return exp(-0.5 * exponent(t));
}

double mfc_sde_sigma(double t)
{
	return sqrt(-expm1(-exponent(t)));
}

double mfc_sde_clock(double from, double to)
{
	return (to - from) * (0.5 * (to + from) * (MFC_BETA_MAX - MFC_BETA_MIN) + MFC_BETA_MIN);
}

double mfc_sde_s_of_t(double t)
{
	return sqrt(expm1(exponent(t)));
}

/* The positive root of exponent(t) = ln(1 + s²). */
double mfc_sde_t_of_s(double s)
{
	double e = log1p(s * s), b = MFC_BETA_MIN, a = MFC_BETA_MAX - MFC_BETA_MIN;
	return fmin(1, 2 * e / (b + sqrt(b * b + 2 * a * e)));
}

double mfc_sde_alpha_of_s(double s)
{
	return 1 / sqrt(1 + s * s);
}
