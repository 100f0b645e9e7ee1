#include "stats/ranks.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

// P(range of n standard normals < q) = n * integral of phi(z) (Phi(z) - Phi(z - q))^(n - 1) dz, by
// the trapezium rule, whose error vanishes faster than any power of the step for such functions.
static double range_below(double q, size_t n) {
    const double step = 1.0 / 16;
    double sum = 0;
    for (int k = -9 * 16; k <= 9 * 16; k++) {
        const double z = k * step;
        sum += gsl_ran_ugaussian_pdf(z) *
               pow(gsl_cdf_ugaussian_P(z) - gsl_cdf_ugaussian_P(z - q), (double)(n - 1));
    }
    return (double)n * step * sum;
}

double ranks_studentized_range(double level, size_t n) {
    double low = 0, high = 40;
    for (int k = 0; k < 60; k++) {
        const double middle = (low + high) / 2;
        if (range_below(middle, n) < level)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

// Adds the ranks of one data set; returns the sum of t^3 - t over its groups of t equal values.
static double add_ranks(double *sum, const double *value, size_t n, bool lower_is_better) {
    double ties = 0;
    for (size_t i = 0; i < n; i++) {
        size_t before = 0, equal = 0;
        for (size_t j = 0; j < n; j++) {
            before += lower_is_better ? value[j] < value[i] : value[j] > value[i];
            equal += value[j] == value[i];
        }
        sum[i] += (double)before + ((double)equal + 1) / 2;
        ties += (double)equal * (double)equal - 1; // t members have t^2 - 1 each
    }
    return ties;
}

bool ranks_test(struct ranks *r, const double *values, size_t n_data, size_t n_models,
    bool lower_is_better, double *mean_rank) {
    *r = (struct ranks){NAN, NAN, NAN, NAN};
    if (n_data < RANKS_LEAST || n_models < 2) return false;
    const double n = (double)n_data, k = (double)n_models;
    double ties = 0, squares = 0;
    for (size_t m = 0; m < n_models; m++) mean_rank[m] = 0;
    for (size_t d = 0; d < n_data; d++)
        ties += add_ranks(mean_rank, values + d * n_models, n_models, lower_is_better);
    for (size_t m = 0; m < n_models; m++) {
        mean_rank[m] /= n;
        squares += (mean_rank[m] - (k + 1) / 2) * (mean_rank[m] - (k + 1) / 2);
    }
    const double apart =
        1 - ties / (n * k * (k * k - 1)); // 0: all values of each data set are equal
    r->chi2 = apart > 0 ? 12 * n / (k * (k + 1)) * squares / apart : 0;
    const double rest = n * (k - 1) - r->chi2; // 0, but for rounding: all data sets rank alike
    r->f = rest > 1e-9 * n ? (n - 1) * r->chi2 / rest : INFINITY;
    r->p = isfinite(r->f) ? gsl_cdf_fdist_Q(r->f, k - 1, (k - 1) * (n - 1)) : 0;
    r->critical = ranks_studentized_range(.95, n_models) * sqrt(k * (k + 1) / (12 * n));
    return true;
}
