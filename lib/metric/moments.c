#include "metric/moments.h"

#include <string.h>

void mfc_moments(size_t n, size_t d, const float *x, double *mean, double *covariance)
{
	memset(mean, 0, d * sizeof *mean);
	memset(covariance, 0, d * d * sizeof *covariance);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < d; j++)
			mean[j] += x[i * d + j];
	for (size_t j = 0; j < d; j++)
		mean[j] /= (double)n;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < d; j++)
			for (size_t k = 0; k <= j; k++)
				covariance[j * d + k] += (x[i * d + j] - mean[j]) * (x[i * d + k] - mean[k]);
	for (size_t j = 0; j < d; j++)
		for (size_t k = 0; k <= j; k++)
			covariance[k * d + j] = covariance[j * d + k] /= (double)n;
}
