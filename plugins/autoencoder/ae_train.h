// ae_train.h - whole trainings: the choices of the validation slice, and the one that counts.
#ifndef AUTOENCODER_AE_TRAIN_H
#define AUTOENCODER_AE_TRAIN_H

#include "ae_model.h"

// Chooses epochs and features on the slice, if there is one; then learns from all ratings. The
// model is then ready.
rk_status ae_train(rk_model *m, const rk_data *data);

// What that takes.
uint64_t ae_train_bytes(const rk_params *p, const rk_shape *shape);

#endif
