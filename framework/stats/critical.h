// critical.h - how large the largest of many differences gets by chance alone.
//
// For each model as the control, the family of its differences to all others. The multiplier
// bootstrap (differences.h) weights each bucket of users and items by a standard normal, so that
// given the evidence its draws are normal, with the covariance of users + that of items: they are
// drawn from that matrix. A pair's draw is studentized by the square root of its own user + item,
// which the statistic itself is not (pooled.h: less the rows); what is taken from there is how the
// pairs go together.
#ifndef RECKON_STATS_CRITICAL_H
#define RECKON_STATS_CRITICAL_H

#include "stats/pooled.h"

struct critical {
    size_t n, n_draws;
    double *se; // [n * n]; owned: of the difference of two models (pooled.h, `both`); 0: equal in
                // all buckets
    float *largest; // [n * n_draws]; owned: of each family, descending
};

// models [n]: all with a value.
bool critical_make(struct critical *c, const struct pooled *const *models, size_t n, uint64_t seed,
    struct error *e);
void critical_done(struct critical *c); // accepts a zeroed struct

// The chance of a statistic so large in the family of `control`, at least 1 / (n_draws + 1); and
// what a statistic must exceed for that to be at most 1 - level.
double critical_p(const struct critical *c, size_t control, double statistic);
double critical_value(const struct critical *c, size_t control, double level);

#endif
