// effects.h - how far users and items differ from each other, estimated from their ratings.
//
//     r(u,i) = mu + b_u + b_i + e,    b_u ~ N(0, s_u), b_i ~ N(0, s_i), e ~ N(0, noise)
//
// Biases drawn towards 0 by damping = noise / s: b = sum(r - mu - other) / (n + damping). The
// variances by variational EM with a factorised posterior (Searle, Casella, McCulloch: Variance
// Components, 1992, ch. 8; Bishop: Pattern Recognition and Machine Learning, 2006, sec. 10.1).
#ifndef RECKON_PLUGINS_COMMON_EFFECTS_H
#define RECKON_PLUGINS_COMMON_EFFECTS_H

#include "common/ratings.h"
#include "common/state.h"
#include "reckon.h"

enum { EFFECTS_USER, EFFECTS_ITEM }; // sides

struct effects {
    double mean;       // mu: the level of the average user and item, not of the average rating
    double noise;      // variance of e; 0 if all ratings are equal
    double damping[2]; // [side]; in ratings
    float *bias[2];    // [side][users or items]; owned; 0 where cold
};

// RK_E_MEMORY, RK_CANCELLED, or RK_OK.
rk_status effects_init(struct effects *x, const rk_host *host, const struct ratings *r);
void effects_done(struct effects *x);
uint64_t effects_bytes(const rk_shape *shape); // that effects_init() takes meanwhile

// What answers are made of: mean and biases.
void effects_fields(struct effects *x, struct state *s, uint32_t n_users, uint32_t n_items);

#endif
