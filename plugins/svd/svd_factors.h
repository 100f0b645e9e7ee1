// svd_factors.h - the parameters of the model, and its answers.
#ifndef SVD_FACTORS_H
#define SVD_FACTORS_H

#include "common/vec.h"
#include "svd_ratings.h"
#include "svd_time.h"

// What a user or an item has beside its factors.
struct svd_row {
    float bias;
    float l2;          // the weight of |p|^2, or |q|^2, in each of its ratings' loss
    float implicit_l2; // that of |y|^2; of items
};

// Which terms there are, beside those of the plain model.
struct svd_terms {
    bool implicit;
    bool time;
    const rk_csr *features; // rows of length 1, row = item; NULL: without
};

// All in units of the standardised ratings. Rows of factors are n_vecs vectors.
struct svd_factors {
    uint32_t n_users;
    uint32_t n_items;
    uint32_t n_features;
    size_t n_vecs;            // the rank, padded with zeros
    struct svd_row *user_row; // [n_users]; owned
    struct svd_row *item_row; // [n_items]; owned
    vec *user;                // p [n_users]; owned
    vec *item;                // q [n_items]; owned
    vec *implicit;            // y [n_items]; owned; NULL: without
    vec *feature;             // w [n_features]; owned; NULL: without
    float *feature_bias;      // wb [n_features]; owned; NULL: without
    const rk_csr *features;   // borrowed; NULL: without
    struct svd_time time;     // of the ratings trained on
    // What predictions are made of, as svd_factors_sum() found it.
    vec *user_sum;    // p + z [n_users]; owned; `user` if there is no implicit term
    vec *item_sum;    // q + v.w [n_items]; owned; `item` if there are no features
    float *item_bias; // b + v.wb [n_items]; owned
};

// Zeros. False: no memory.
bool svd_factors_init(
    struct svd_factors *, const struct svd_ratings *, size_t rank, const struct svd_terms *);
void svd_factors_done(struct svd_factors *);
// n_features: 0 without.
uint64_t svd_factors_bytes(
    const rk_shape *, size_t rank, bool implicit, bool time, uint64_t n_features);
// What predictions are made of.
void svd_factors_fields(struct svd_factors *, struct state *, size_t rank);

// Draws from N(0, sd^2) the factors of features, and of users and items that have ratings; those of
// the others stay zero.
rk_status svd_factors_draw(
    struct svd_factors *, const struct svd_ratings *, const rk_host *, size_t rank, double sd);

// Sets l2 of a row with n ratings to l2 (100 / n)^falloff, and implicit_l2 to implicit_l2 100 / n.
void svd_factors_penalise(struct svd_factors *, const struct svd_ratings *, double l2,
    double falloff, double implicit_l2);

// False: a parameter is not finite, or so large that no data can have meant it.
bool svd_factors_sane(const struct svd_factors *);

// z_u = |N(u)|^-1/2 sum of y_j over the n ratings of a user.
void svd_factors_implicit(
    const struct svd_factors *, const struct svd_rating *rating, size_t n, vec *z);

// Brings user_sum, item_sum and item_bias up to date.
rk_status svd_factors_sum(struct svd_factors *, const struct svd_ratings *, const rk_host *);

// b_u(t) + b_i(t) + v.wb + (p_u + z_u).(q_i + v.w), in an order of operations that is always the
// same.
void svd_factors_predict(const struct svd_factors *, const rk_pairs *, float *out);

#endif
