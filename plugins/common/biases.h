// biases.h - mu + b_u + b_i with damped biases; the formula is on top of bias.c.
#ifndef RECKON_PLUGINS_COMMON_BIASES_H
#define RECKON_PLUGINS_COMMON_BIASES_H

#include "common/state.h"
#include "reckon.h"

struct biases {
    uint32_t n_users, n_items;
    double mean;  // of the training ratings
    double *user; // [n_users]; owned
    double *item; // [n_items]; owned
};

// The mean, and biases of 0. False: no memory.
bool biases_init(struct biases *, const rk_data *);
void biases_done(struct biases *);
uint64_t biases_bytes(const rk_shape *);
void biases_fields(struct biases *, struct state *);

// Refits the items' biases, then the users'.
rk_status biases_alternate(
    struct biases *, const rk_host *, const rk_data *, double damping_user, double damping_item);

static inline double biases_at(const struct biases *b, uint32_t user, uint32_t item) {
    return b->mean + b->user[user] + b->item[item];
}

#endif
