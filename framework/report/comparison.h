// comparison.h - which rows of a table differ from the best and from the baseline, metric by
// metric, by all tests that there are.
#ifndef RECKON_REPORT_COMPARISON_H
#define RECKON_REPORT_COMPARISON_H

#include "report/values.h"
#include "stats/differences.h"
#include "stats/ranks.h"
#include "stats/resampled.h"
#include "stats/signed_rank.h"

// One row against another, beside the pooled difference.
struct comparison_pair {
    struct resampled folds;   // over fold means; p adjusted by Holm over the rows
    struct signed_rank users; // mean squared errors of the row's and the other's answers, by
                              // user; of metrics of error alone
    size_t n_folds;           // 0: not compared
    size_t folds_better, folds_worse; // in which the row is better, worse than the other
};

struct comparison_row {
    bool takes_part; // every fold there, answered enough, a competitor, and comparable
    struct differences_row pooled;
    struct comparison_pair best, base; // against the best and the baseline
};

// One data set and one metric.
struct comparison {
    uint32_t data;
    size_t metric;               // into plan->metrics
    struct comparison_row *rows; // [n]; as the rows of the table of slice "all"
    size_t n;
    size_t best, baseline; // into rows; SIZE_MAX: none
    size_t n_best;         // rows that can't be told from the best, itself among them
    double detectable;     // struct differences
    uint64_t n_rows;       // test rows of all folds together
    const char *refused;   // why nothing is compared, a sentence; NULL: it is
};

// The rows of all data sets by their ranks, where there are RANKS_LEAST data sets.
struct comparison_ranks {
    size_t metric;
    struct ranks ranks;
    const double *mean_rank; // [1 + plan->n_models]: the fallback, then models; NAN: no part
    size_t n_data;           // data sets in which all of them have scores
};

struct comparisons {
    struct arena arena;    // owned
    struct comparison *at; // [n]; by data set, then by metric
    size_t n;
    struct comparison_ranks *ranks; // [n_ranks]
    size_t n_ranks;
};
bool comparisons_make(struct comparisons *c, const struct results *r, struct error *e);
void comparisons_done(struct comparisons *c); // accepts a zeroed struct

// That of the data set and metric; NULL: none.
const struct comparison *comparisons_find(
    const struct comparisons *c, uint32_t data, size_t metric);

#endif
