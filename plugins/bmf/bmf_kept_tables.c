// E[r | f] and Var[r | f] of an ordered probit, on an equally spaced grid of f for each kept draw.
#include <math.h>
#include <stdlib.h>

#include "bmf_kept.h"

static const double TAIL = 5.5; // beyond the outermost cutpoints, where the answer is a level

static double normal_cdf(double x) {
    return 0.5 * erfc(-x * 0.70710678118654752);
}

// Moments of the levels' values under P(r = v_l | f) = Phi(c_l - f) - Phi(c_l-1 - f).
static void moments(const struct bmf_kept *k, const float *cut, double f, float *mean, float *var) {
    double below = 0, sum = 0, squares = 0;
    for (uint32_t l = 0; l < k->n_levels; l++) {
        const double upto = l + 1 < k->n_levels ? normal_cdf(cut[l] - f) : 1, p = upto - below,
                     v = k->value[l];
        below = upto;
        sum += p * v;
        squares += p * v * v;
    }
    *mean = (float)sum;
    *var = (float)fmax(squares - sum * sum, 0);
}

bool bmf_kept_tables(struct bmf_kept *k) {
    if (k->n_levels == 0) return true;
    const size_t n_cut = k->n_levels - 1, draws = (size_t)k->n_blocks * BMF_KEPT_BLOCK;
    double span = 0;
    for (size_t d = 0; d < k->n; d++)
        span = fmax(span, (double)k->cut[d * n_cut + n_cut - 1] - k->cut[d * n_cut]);
    k->n_cells = (uint32_t)ceil((span + 2 * TAIL) * BMF_KEPT_CELLS) + 1;
    k->low = calloc(draws, sizeof *k->low);
    k->answer = calloc(draws * k->n_cells, sizeof *k->answer);
    k->variance = calloc(draws * k->n_cells, sizeof *k->variance);
    if (!k->low || !k->answer || !k->variance) return false;
    for (size_t d = 0; d < k->n; d++) {
        const float *cut = k->cut + d * n_cut;
        k->low[d] = (float)(cut[0] - TAIL);
        for (size_t c = 0; c < k->n_cells; c++) {
            const double f = k->low[d] + (double)c / BMF_KEPT_CELLS;
            moments(k, cut, f, k->answer + d * k->n_cells + c, k->variance + d * k->n_cells + c);
        }
    }
    return true;
}
