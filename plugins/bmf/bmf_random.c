#include "bmf_random.h"

#include <math.h>

enum { TRIES = 8 }; // each fails with a chance below 5 %

// One number for shape >= 1 from TRIES pairs of a normal and a uniform one.
static double from(double shape, const float *normal, const float *uniform) {
    const double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (int k = 0; k < TRIES; k++) {
        const double z = normal[k], t = 1 + c * z, v = t * t * t;
        if (t > 0 && log(uniform[k] + 0x1p-25) < 0.5 * z * z + d - d * v + d * log(v)) return d * v;
    }
    return d; // near the mode
}

void bmf_gamma(const rk_host *host, uint64_t stream, double shape, double *x, size_t n) {
    float normal[TRIES], uniform[TRIES + 1];
    for (size_t j = 0; j < n; j++) {
        const uint64_t at = stream ^ (uint64_t)j << 16;
        host->normal(host, at, normal, TRIES);
        host->uniform(host, at | 1u << 15, uniform, TRIES + 1);
        x[j] = shape >= 1
                   ? from(shape, normal, uniform)
                   : from(shape + 1, normal, uniform) * pow(uniform[TRIES] + 0x1p-25, 1 / shape);
    }
}
