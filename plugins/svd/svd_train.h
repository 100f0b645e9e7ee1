// svd_train.h - whole trainings: how long, how penalised, and the one that counts.
#ifndef SVD_TRAIN_H
#define SVD_TRAIN_H

#include "svd.h"

// Sets the model's center and unit.
void svd_train_standardise(rk_model *, const rk_data *);

// Trains on the training ratings, and sets *l2 and *n_epochs to what the validation slice, which
// must not be empty, finds best. With l2_search, l2 is halved or doubled for as long as that helps.
rk_status svd_train_choose(rk_model *, const rk_data *, double *l2, int *n_epochs);

// Trains on all ratings, those of the validation slice too. The model is then ready.
rk_status svd_train_all(rk_model *, const rk_data *, double l2, int n_epochs);

#endif
