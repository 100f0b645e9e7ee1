// svd_sgd.h - one biased factorization, and its training by stochastic gradient descent.
#ifndef SVD_SGD_H
#define SVD_SGD_H

#include "common/vec.h"
#include "svd_blocks.h"

// What a user or an item has beside its factors.
struct svd_row {
    float bias;
    float l2; // the weight of |p|^2 in each of its ratings' loss
};

// All in units of the standardised ratings.
struct svd_factors {
    uint32_t n_users;
    uint32_t n_items;
    size_t n_vecs;            // vectors a row: the rank, padded with zeros
    struct svd_row *user_row; // [n_users]; owned
    struct svd_row *item_row; // [n_items]; owned
    vec *user;                // [n_users * n_vecs]; owned
    vec *item;                // [n_items * n_vecs]; owned
};

struct svd_steps {
    float rate;      // of factors
    float bias_rate; // of biases
    float bias_l2;
};

// Zeros. False: no memory.
bool svd_factors_init(struct svd_factors *, uint32_t n_users, uint32_t n_items, size_t rank);
void svd_factors_done(struct svd_factors *);

// Draws the factors of rows that have ratings from N(0, sd^2); the others stay zero.
rk_status svd_factors_draw(
    struct svd_factors *, const struct svd_blocks *, const rk_host *, size_t rank, double sd);

// Sets l2 of a row with n ratings to l2 (100 / n)^falloff.
void svd_factors_penalise(
    struct svd_factors *, const struct svd_blocks *, double l2, double falloff);

// False: a factor or bias is not finite, or so large that no data can have meant it.
bool svd_factors_sane(const struct svd_factors *);

// out[k] = center + unit (b_u + b_i + p_u.q_i), in an order of operations that is always the same.
void svd_factors_predict(const struct svd_factors *, const uint32_t *users, const uint32_t *items,
    size_t n, double center, double unit, float *out);

// Visits each rating once. *sse: the sum of squared errors, each taken just before its step.
rk_status svd_sgd_epoch(struct svd_factors *, const struct svd_blocks *, const rk_host *,
    struct svd_steps, uint32_t epoch, double *sse);

#endif
