#include "stats/resampled.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

struct resampled resampled_t(const double *difference, size_t k, double test_over_train) {
    struct resampled r = {NAN, NAN, NAN, NAN, NAN, NAN};
    if (k == 0) return r;
    double sum = 0, squares = 0;
    for (size_t f = 0; f < k; f++) sum += difference[f];
    r.mean = sum / (double)k;
    if (k < 2 || !isfinite(r.mean)) return r;
    for (size_t f = 0; f < k; f++) squares += (difference[f] - r.mean) * (difference[f] - r.mean);
    const double freedom = (double)(k - 1);
    r.se = sqrt((1 / (double)k + test_over_train) * squares / freedom);
    if (r.se > 0) {
        r.t = r.mean / r.se;
        r.p = fmin(1, 2 * gsl_cdf_tdist_Q(fabs(r.t), freedom));
    } else if (r.mean == 0) {
        r.t = 0, r.p = 1; // equal models
    }
    const double half = gsl_cdf_tdist_Qinv(.025, freedom) * r.se;
    r.low = r.mean - half, r.high = r.mean + half;
    return r;
}

// Adjusted values are marked by their sign bit until all are.
void holm_adjust(double *p, size_t n) {
    size_t left = 0;
    for (size_t k = 0; k < n; k++) left += !isnan(p[k]);
    for (double largest = 0; left > 0; left--) {
        size_t least = n;
        for (size_t k = 0; k < n; k++)
            if (!isnan(p[k]) && !signbit(p[k]) && (least == n || p[k] < p[least])) least = k;
        if (least == n) break;
        largest = fmax(largest, fmin(1, (double)left * p[least]));
        p[least] = -largest;
    }
    for (size_t k = 0; k < n; k++) p[k] = fabs(p[k]);
}
