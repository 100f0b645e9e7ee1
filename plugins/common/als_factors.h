// als_factors.h - the fitted numbers: factors and biases of users and items.
#ifndef RECKON_PLUGINS_COMMON_ALS_FACTORS_H
#define RECKON_PLUGINS_COMMON_ALS_FACTORS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/state.h"
#include "reckon.h"

enum als_side { ALS_USER, ALS_ITEM };

// Row r of a side: its k factors, its bias, padding of zeros, in units of `scale`.
struct als_factors {
    size_t k, ld;
    size_t n[2];  // [side]: users, items
    float *of[2]; // [side][n x ld]; owned
    double mean;  // mu, in ratings
    double scale; // ratings to a unit: the standard deviation of the noise
};

// What there is of it without memory, for the functions that tell how much is taken; and these
// themselves.
struct als_factors als_factors_shape(size_t rank, size_t n_users, size_t n_items);
uint64_t als_factors_bytes(const struct als_factors *f);

// All zeros. False: no memory.
bool als_factors_init(struct als_factors *f, size_t rank, size_t n_users, size_t n_items);
void als_factors_done(struct als_factors *f);
void als_factors_fields(struct als_factors *f, struct state *s, size_t rank);

// Small random factors and the given biases (in ratings) for items, zeros for users.
void als_factors_start(struct als_factors *f, const rk_host *host, const float *item_bias);

// mu + b_u + b_i + p_u.q_i, in ratings.
double als_factors_predict(const struct als_factors *f, uint32_t user, uint32_t item);

bool als_factors_finite(const struct als_factors *f);

#endif
