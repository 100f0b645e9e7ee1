// hybrid_inputs.h - the features that the parameters ask for, and where biases start.
#ifndef HYBRID_INPUTS_H
#define HYBRID_INPUTS_H

#include "common/ratings.h"
#include "common/side.h"
#include "common/standard.h"
#include "hybrid_net.h"

// Of items and users, rows of length 1; tags on few of the tagged items left out.
rk_status hybrid_features_init(
    struct side side[HYBRID_SIDES], const rk_data *data, const rk_params *p);
// What that takes, and how many columns each side then has at most.
uint64_t hybrid_features_bytes(
    const rk_params *p, const rk_shape *shape, uint64_t n_columns[HYBRID_SIDES]);
void hybrid_features_done(struct side side[HYBRID_SIDES]);

#endif
