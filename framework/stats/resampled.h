// resampled.h - the corrected resampled t-test over folds.
//
// Nadeau & Bengio, Inference for the generalization error (2003), section 3: differences of folds
// share training rows, so that their variance is multiplied by 1/k + n_test / n_train in place of
// 1/k. Assumes: folds alike, differences near normal. It speaks of models fitted anew on other
// training rows of this size.
#ifndef RECKON_STATS_RESAMPLED_H
#define RECKON_STATS_RESAMPLED_H

#include <stddef.h>

struct resampled {
    double mean, se, t;
    double p;         // two-sided; NAN: fewer than two folds, or all differ by the same
    double low, high; // 95 % interval of the mean, of this pair alone
};

// difference [k]: one a fold, over all repeats; `test_over_train`: rows tested over rows trained
// on.
struct resampled resampled_t(const double *difference, size_t k, double test_over_train);

// Holm, A simple sequentially rejective multiple test procedure (1979): p [n] become adjusted ones;
// NANs stay and do not count.
void holm_adjust(double *p, size_t n);

#endif
