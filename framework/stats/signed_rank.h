// signed_rank.h - the share of users that a model serves better, and whether it is a real one.
//
// Wilcoxon, Individual comparisons by ranking methods (1945), over the users' mean squared errors;
// Pratt's treatment of zeros (1959), normal approximation with the correction for ties; exact for
// up to 25 users without ties and zeros. Assumes: users are drawn independently; each counts once,
// however many ratings are his: another question than that of the pooled RMSE.
#ifndef RECKON_STATS_SIGNED_RANK_H
#define RECKON_STATS_SIGNED_RANK_H

#include <stdbool.h>
#include <stddef.h>

struct signed_rank {
    double better,
        worse; // shares of users whose `a` is less than `b`, and more; the rest are equal
    double p;  // two-sided; NAN: no user differs
    size_t n;  // users
};

// a, b [n]: the same users' losses under two models. False: out of memory.
bool signed_rank_test(struct signed_rank *s, const double *a, const double *b, size_t n);

#endif
