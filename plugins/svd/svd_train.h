// svd_train.h - whole trainings: how long, how penalised, and the one that counts.
#ifndef SVD_TRAIN_H
#define SVD_TRAIN_H

#include "svd.h"

struct svd_training {
    bool features;
    double l2;
    double rate; // learning rate of the first epoch
    int n_epochs;
};

// Trains on the training ratings, and changes *t to what the validation slice, which must not be
// empty, finds best.
rk_status svd_train_choose(rk_model *, const rk_data *, struct svd_training *t);

// What that takes for itself, beyond ratings, factors and batch.
uint64_t svd_train_choose_bytes(const rk_params *, const rk_shape *);

// Trains on all ratings, those of the validation slice too. The model is then ready.
rk_status svd_train_all(rk_model *, const rk_data *, const struct svd_training *t);

// What ratings, factors and batch take, with features or without.
uint64_t svd_train_bytes(const rk_params *, const rk_shape *, bool features);

// Ratings as the model now expects them, not clipped.
void svd_train_predict(const rk_model *, const rk_pairs *, float *out);

#endif
