// fallback.h - the harness's own answers from a training fold (metrics.md, "Rating accuracy").
#ifndef RECKON_METRIC_FALLBACK_H
#define RECKON_METRIC_FALLBACK_H

#include "core/error.h"
#include "reckon.h"

struct fallback {
    double mean;        // mu
    float *user, *item; // [n_users], [n_items]; owned: b_u, b_i, 0 where cold
    float *item_mean;   // [n_items]; owned: mu + sum(r - mu) / (n_i + 10)
    uint32_t n_users, n_items;
};

// One pass over the training fold: b_i = sum(r - mu) / (n_i + 5), then b_u = sum(r - mu - b_i) /
// (n_u + 5).
bool fallback_init(struct fallback *f, const rk_data *train, struct error *e);
void fallback_done(struct fallback *f);
float fallback_answer(const struct fallback *f, uint32_t user, uint32_t item); // mu + b_u + b_i

#endif
