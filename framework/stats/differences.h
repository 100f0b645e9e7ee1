// differences.h - which models differ: simultaneous intervals of their pooled differences, under
// drawing users and items anew.
//
// Assumes: the models as they were fitted here, on other users and items like these; nothing is
// said of what other training rows would have made of them (for which stands the t-test over folds,
// resampled.h).
//
// The statistic of a pair is its difference over the two-way clustered standard error
// (pooled.h). Critical values are those of the largest statistic over a family of pairs in a
// multiplier bootstrap over users and items (each bucket of both is weighted by an independent
// standard normal; MacKinnon, Nielsen, Webb, Wild bootstrap and asymptotic inference with multiway
// clustering, 2021; Chernozhukov, Chetverikov, Kato, Gaussian approximations and multiplier
// bootstrap for maxima of sums, 2013), which keeps what models have in common.
//
// Comparison with the best is that of Edwards & Hsu, Multiple comparisons with the best treatment
// (1983): with each model i in turn as the control, all others are compared to it at the critical
// value of its own family; i may be the best if none is better than it by more than the noise. With
// probability `level` the true best is among them and all intervals to the best hold at once.
#ifndef RECKON_STATS_DIFFERENCES_H
#define RECKON_STATS_DIFFERENCES_H

#include "stats/pooled.h"

struct differences_job {
    const struct pooled *models; // [n]; those with value NAN take no part
    size_t n;
    bool lower_is_better;
    size_t baseline; // SIZE_MAX: none
    double level;    // .95
    uint64_t seed;
};

// Positive: worse than what it is compared to, whatever the metric's direction. NAN: not compared,
// or no noise is seen to judge it by (one row).
struct difference {
    double value, low, high; // simultaneous over all models
    double p;                // adjusted for the family (single step); NAN for the best itself
};

struct differences_row {
    double value, low, high; // the pooled metric, and its own interval (of it alone)
    bool may_be_best;        // can't be told from the best
    struct difference best;  // to the best that there is; low >= 0; 0 where it may be the best
    struct difference base;  // to the baseline
};

struct differences {
    struct differences_row *rows; // [n]; in the arena
    size_t best;                  // the best value here; SIZE_MAX: none
    size_t n_best;                // how many may be the best
    // The difference between two models as alike as these are (median standard error of pairs
    // with the best) that would be found with a probability of 80 %, in the metric's unit.
    double detectable; // NAN: fewer than two models that differ
};
bool differences_make(
    struct differences *d, const struct differences_job *job, struct arena *a, struct error *e);

#endif
