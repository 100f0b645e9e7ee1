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
// Comparison with the best: the family of all pairs (Tukey's), since the best is not known before.
// With probability `level` all their intervals hold at once. Then each model is worse than the best
// there is by at least the lower bound to any other, and by at most the upper bound to one of those
// that may be the best: those that are worse than no other (Hsu, Multiple comparisons, 1996). Under
// equal models, all are marked with that probability. The narrower comparison of Edwards & Hsu
// (1983), each model as the control of its own family, was tried and left: it keeps each of several
// equal best ones with that probability, but told some of 20 equal ones apart in about 30 % of 100
// simulations; and its intervals can hold 0 where its marks do not.
//
// Against the baseline: the family of pairs with it (many to one, Dunnett's).
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
    struct difference best;  // to the best that there is; low is 0 where it may be the best,
                             // and above 0 elsewhere
    struct difference base;  // to the baseline
};

struct differences {
    struct differences_row *rows; // [n]; in the arena
    size_t best;                  // the best value here; SIZE_MAX: none
    size_t n_best;                // how many may be the best
    // The difference to the best that would be found with a probability of 80 % in a model as like
    // it as the others are (the median of them), in the metric's unit.
    double detectable; // NAN: fewer than two models that differ
};
bool differences_make(
    struct differences *d, const struct differences_job *job, struct arena *a, struct error *e);

#endif
