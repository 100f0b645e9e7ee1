#include "stats/signed_rank.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

enum { EXACT_MOST = 25, EXACT_SUMS = EXACT_MOST * (EXACT_MOST + 1) / 2 + 1 };

static int by_size(const void *l, const void *r) {
    const double a = fabs(*(const double *)l), b = fabs(*(const double *)r);
    return (a > b) - (a < b);
}

// P(sum of the ranks of one sign <= sum), when each of n signs is one or the other by chance.
static double exact_tail(size_t n, size_t sum) {
    double ways[EXACT_SUMS] = {1}; // ways[s]: subsets of 1 .. m with the sum s; exact below 2^53
    for (size_t m = 1, top = 1; m <= n; top += ++m)
        for (size_t s = top; s >= m; s--) ways[s] += ways[s - m];
    double below = 0;
    for (size_t s = 0; s <= sum; s++) below += ways[s];
    return ldexp(below, -(int)n);
}

// d [n], sorted by size. Ranks count the zeros, whose own are then left out (Pratt).
static double two_sided(const double *d, size_t n) {
    double less = 0, ties = 0, zeros = 0; // `less`: sum of ranks of negative differences
    bool any_tie = false;
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && fabs(d[to]) == fabs(d[from]);) to++;
        const double t = (double)(to - from), rank = ((double)from + (double)to + 1) / 2;
        if (d[from] == 0) {
            zeros = t;
            continue;
        }
        for (size_t k = from; k < to; k++) less += d[k] < 0 ? rank : 0;
        ties += t * (t * t - 1);
        any_tie |= t > 1;
    }
    const double m = (double)n;
    if (zeros == m) return NAN;
    const double mean = (m * (m + 1) - zeros * (zeros + 1)) / 4;
    if (n <= EXACT_MOST && zeros == 0 && !any_tie)
        return fmin(1, 2 * exact_tail(n, (size_t)fmin(less, 2 * mean - less)));
    const double variance =
        (m * (m + 1) * (2 * m + 1) - zeros * (zeros + 1) * (2 * zeros + 1) - ties / 2) / 24;
    return fmin(1, 2 * gsl_cdf_ugaussian_Q(fabs(less - mean) / sqrt(variance)));
}

bool signed_rank_test(struct signed_rank *s, const double *a, const double *b, size_t n) {
    *s = (struct signed_rank){.p = NAN, .n = n};
    if (n == 0) return true;
    double *d = malloc(n * sizeof *d);
    if (!d) return false;
    size_t better = 0, worse = 0;
    for (size_t k = 0; k < n; k++) {
        d[k] = a[k] - b[k];
        better += d[k] < 0;
        worse += d[k] > 0;
    }
    qsort(d, n, sizeof *d, by_size);
    s->better = (double)better / (double)n;
    s->worse = (double)worse / (double)n;
    s->p = two_sided(d, n);
    free(d);
    return true;
}
