// Sobol's sequence comes from GSL (Bratley, Fox: Algorithm 659, ACM TOMS 14, 1988), which leaves
// out the point 0; it is put back, as the first 2^k points are even only with it. Each coordinate
// is scrambled by Owen's nested permutations (Owen: Randomly permuted (t,m,s)-nets, 1995): whether
// a bit is flipped depends on the key, the dimension and the bits above it.
#include "search/sobol.h"

#include <gsl/gsl_qrng.h>
#include <stdlib.h>

#include "core/random.h"

enum { SOBOL_BITS = 30, SOBOL_DIMENSIONS = 40 };

static size_t even_dimensions(const struct sobol *s) {
    return s->n < SOBOL_DIMENSIONS ? s->n : SOBOL_DIMENSIONS;
}

bool sobol_init(struct sobol *s, size_t n, uint64_t key, struct error *e) {
    *s = (struct sobol){.n = n, .key = key};
    s->generator = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)even_dimensions(s));
    s->point = calloc(n, sizeof *s->point);
    if (s->generator && s->point) return true;
    sobol_done(s);
    return error_memory(e, n * sizeof(double), "a Sobol sequence");
}

static double scramble(uint64_t key, uint32_t bits) {
    uint32_t flips = 0;
    for (int b = 0; b < SOBOL_BITS; b++) {
        const uint32_t above = b == 0 ? 0 : bits >> (SOBOL_BITS - b);
        const uint64_t node = (1ull << b) | above; // of the tree of all leading bits
        flips |= (uint32_t)(random_mix(key, node) >> 63) << (SOBOL_BITS - 1 - b);
    }
    // The bits past the last are random: else a point would lie on the left end of its part.
    const uint64_t rest = random_mix(key, (1ull << SOBOL_BITS) | bits) >> 42;
    return ((double)(bits ^ flips) + (double)rest * 0x1p-22) / (double)(1u << SOBOL_BITS);
}

void sobol_next(struct sobol *s, double *u) {
    if (s->at > 0) gsl_qrng_get(s->generator, s->point);
    for (size_t d = 0; d < s->n; d++) {
        const uint64_t key = random_mix(s->key, d);
        if (d < even_dimensions(s)) {
            u[d] = scramble(key, (uint32_t)(s->point[d] * (double)(1u << SOBOL_BITS)));
        } else {
            u[d] = (double)(random_mix(key, s->at) >> 11) * 0x1p-53;
        }
    }
    s->at++;
}

void sobol_done(struct sobol *s) {
    if (s->generator) gsl_qrng_free(s->generator);
    free(s->point);
    *s = (struct sobol){0};
}
