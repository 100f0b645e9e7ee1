// svd_time.h - biases that move with time.
//
//     b_i(t) = b_i + b_i,bin(t)             a bin every 30 days, drawn to 0
//     b_u(t) = b_u + a_u dev_u(t)           dev_u(t) = sign(t - t_u) |t - t_u|^0.4, in years
//
// t_u: mean time of the user's ratings. Where an item has no rating in a bin, that bin's bias is 0,
// as a time not known has no bin and dev 0. Y. Koren, "Collaborative filtering with temporal
// dynamics", KDD 2009, section 3.2.
#ifndef SVD_TIME_H
#define SVD_TIME_H

#include "common/state.h"
#include "svd_ratings.h"

// A bin of an item that has ratings.
struct svd_bin {
    int64_t number; // of 30 days, from 1970 on
    uint32_t n;     // ratings
    float bias;
};

#define SVD_NO_BIN UINT32_MAX

// What a rating knows of its time.
struct svd_moment {
    uint32_t bin; // into `bin`; SVD_NO_BIN: time not known
    float dev;
};

struct svd_time {
    bool there;                // else all is NULL, and there are no biases
    size_t *start;             // [n_items + 1]; owned; where the item's bins begin
    struct svd_bin *bin;       // [start[n_items]]; owned; an item's ascend by number
    double *mean;              // [n_users]; owned; t_u in years; NAN if it is not known
    float *drift;              // [n_users]; owned; a_u
    struct svd_moment *moment; // [ratings]; owned; of each rating trained on
};

// Biases of 0 for the bins of these ratings. False: no memory.
bool svd_time_init(struct svd_time *, const struct svd_ratings *);
void svd_time_done(struct svd_time *);
uint64_t svd_time_bytes(const rk_shape *);
// What svd_time_bias() reads.
void svd_time_fields(struct svd_time *, struct state *, uint32_t n_users, uint32_t n_items);

// b_i,bin(t) + a_u dev_u(t).
float svd_time_bias(const struct svd_time *, uint32_t user, uint32_t item, int64_t time);

#endif
