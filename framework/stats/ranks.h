// ranks.h - models over many data sets, by their ranks.
//
// Demsar, Statistical comparisons of classifiers over multiple data sets (2006), section 3.2.2:
// Friedman's test in the form of Iman and Davenport, and the critical difference of mean ranks by
// Nemenyi; with the correction for ties that he leaves out (Conover, Practical nonparametric
// statistics, 1999, section 5.8). Assumes: data sets are drawn independently of one another; asks
// for many of them: RANKS_LEAST here, below which it is not computed.
#ifndef RECKON_STATS_RANKS_H
#define RECKON_STATS_RANKS_H

#include <stdbool.h>
#include <stddef.h>

enum { RANKS_LEAST = 8 };

struct ranks {
    double chi2, f, p; // of Friedman; of Iman and Davenport, whose p it is (f INFINITY, p 0: all
                       // data sets rank alike)
    double critical;   // difference of mean ranks, at 95 %
};

// values [n_data * n_models], by data sets, all finite; `mean_rank` [n_models] is filled in (1: the
// best; ties share). False: fewer than RANKS_LEAST data sets or two models.
bool ranks_test(struct ranks *r, const double *values, size_t n_data, size_t n_models,
    bool lower_is_better, double *mean_rank);

// Quantile of the studentized range over `n` means with infinite degrees of freedom.
double ranks_studentized_range(double level, size_t n);

#endif
