// comparison_own.h - the parts of comparison.c.
#ifndef RECKON_REPORT_COMPARISON_OWN_H
#define RECKON_REPORT_COMPARISON_OWN_H

#include "report/comparison.h"

// What answers in single precision leave open of a score, as a share of it: the fallback and a
// plugin that does the same in floats are equal.
#define COMPARISON_TIE 1e-7

// One data set on its way to its comparisons.
struct comparing {
    const struct values *values;
    const struct values_row *reference; // whose test rows all others must have been asked for
    struct comparison *at;              // [n_metrics]
    size_t n_metrics;
    struct arena *room; // of what does not stay
};

// The pairs of all metrics: over folds, and over users.
bool comparison_pairs_folds(struct comparing *c, struct error *e);
bool comparison_pairs_users(struct comparing *c, struct error *e);

bool comparison_ranks_make(struct comparisons *c, const struct results *r, struct error *e);

#endif
