// ae_rows.h - the samples: one row for each item (or user), what is known of it, what is asked.
//
// A row's inputs are its ratings, each less its level, in columns 0 .. n_cols - 1, and its
// features, in columns n_cols .. n_cols + n_features - 1; column n_cols + n_features is 1 in every
// row and stands for the bias of the first layer. Only ratings are targets.
#ifndef AUTOENCODER_AE_ROWS_H
#define AUTOENCODER_AE_ROWS_H

#include <stdbool.h>

#include "ae_level.h"
#include "common/side.h"

struct ae_rows {
    bool of_users;       // a row is a user, a column an item
    uint32_t n_features; // inputs that are not ratings, without the constant one
    rk_csr ratings;      // borrowed
    rk_csr features;     // borrowed from `side`
    struct side side;    // owned
    float *target;       // [ratings]; owned; what the net is to answer
    double mean_count;   // ratings of a row that has any
    uint32_t *filled;    // [n_filled]; owned; the rows that have ratings
    uint32_t n_filled;
};

// The rows and, if they are wanted and there, their features; no targets yet. RK_E_MEMORY or RK_OK.
rk_status ae_rows_init(struct ae_rows *x, const rk_data *data, const struct ratings *r,
    bool of_users, bool with_features);
void ae_rows_done(struct ae_rows *x);

// Sets the targets, and multiplies the features by what they are to weigh. To be called once.
void ae_rows_aim(struct ae_rows *x, const struct ae_level *l, double feature_weight);

static inline uint32_t ae_rows_inputs(const struct ae_rows *x) {
    return x->ratings.n_cols + x->n_features + 1;
}

// What ratings of a row of which n are seen are multiplied by, so that the inputs of long and short
// rows come nearer to each other.
double ae_rows_scale(const struct ae_rows *x, uint64_t n);

#endif
