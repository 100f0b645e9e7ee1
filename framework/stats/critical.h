// critical.h - how large the largest of many differences gets by chance alone.
//
// The multiplier bootstrap (differences.h) weights each bucket of users and of items by a standard
// normal, so that given the evidence its draws are normal, with the covariance of users + that of
// items: they are drawn from that matrix. A pair's draw is studentized by the root of its own user
// + item, which the statistic itself is not (pooled.h: less the rows); what is taken from there is
// how the pairs go together.
#ifndef RECKON_STATS_CRITICAL_H
#define RECKON_STATS_CRITICAL_H

#include "stats/pooled.h"

struct critical {
    size_t n, n_draws;
    // [n * n]; owned: of the difference of two models (pooled.h, `both`); se 0: equal in all
    // buckets.
    double *se, *freedom;
    // [n_draws] each; owned; descending: the largest statistic of all pairs, and of those with the
    // baseline.
    float *pairs, *base;
};

// models [n]: all with a value; baseline: one of them, or SIZE_MAX.
bool critical_make(struct critical *c, const struct pooled *const *models, size_t n,
    size_t baseline, uint64_t seed, struct error *e);
void critical_done(struct critical *c); // accepts a zeroed struct

// Statistics are normal deviates. The chance of one so large in the family `largest`, at least 1 /
// (n_draws + 1); and what it must exceed for that to be at most 1 - level.
double critical_p(const struct critical *c, const float *largest, double statistic);
double critical_value(const struct critical *c, const float *largest, double level);

#endif
