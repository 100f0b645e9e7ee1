// svd_sgd.h - one pass of stochastic gradient descent over the ratings.
//
// Users are visited in random order, in batches. Every user of a batch walks through its ratings
// alone: p_u, z_u and b_u move with each of them, what it shares with others stays as it was before
// the batch. Then each item takes the steps of the batch's users, one after the other, with the
// errors that they met and the p_u + z_u that they ended with; and so do the features. Users within
// a batch, and parts of the items, are the work of threads: which, does not change the result.
//
// y_j takes |N(u)|^-1/2 of what the walk added to z_u. That is the sum of its steps for all ratings
// of the user at once, so that a pass costs rank * ratings.
#ifndef SVD_SGD_H
#define SVD_SGD_H

#include "svd_factors.h"

struct svd_steps {
    float rate;          // of factors
    float bias_rate;     // of biases, as a share of that
    float implicit_rate; // of y, likewise
    float feature_rate;  // of what belongs to features, likewise
    float bias_l2;
    float feature_l2;
    float time_l2; // of a whole bin or drift: in ratings
};

// Scratch for the users of a batch.
struct svd_batch {
    uint32_t size;    // most users in it: a function of the data alone
    uint32_t *order;  // [n_users]; owned; users as this pass visits them
    vec *gain;        // [size * n_vecs]; owned; what each user's y take
    vec *sum;         // [size * n_vecs]; owned; p + z after the walk
    float *slope;     // [size * n_features]; owned; sum of v * error over a user's ratings
    uint32_t *visits; // [size * n_features]; owned; ratings of a user that have the feature
    double *sse;      // [size]; owned
};

// False: no memory.
bool svd_batch_init(struct svd_batch *, const struct svd_factors *, const struct svd_ratings *);
void svd_batch_done(struct svd_batch *);
uint64_t svd_batch_bytes(const rk_shape *, size_t rank, uint64_t n_features);

// Visits each rating once. *sse: the sum of squared errors, each taken just before its step.
rk_status svd_sgd_epoch(struct svd_factors *, struct svd_ratings *, struct svd_batch *,
    const rk_host *, struct svd_steps, uint32_t epoch, double *sse);

#endif
