// validation.h - what the validation slice says: how good, whether better, when to stop.
#ifndef RECKON_PLUGINS_COMMON_VALIDATION_H
#define RECKON_PLUGINS_COMMON_VALIDATION_H

#include <stdbool.h>

#include "reckon.h"

// out[k]: the rating that `model` expects for pair k, not clipped. Called by several threads at
// once, for the pairs of the slice in pieces.
typedef rk_status validation_answers(const void *model, const rk_pairs *pairs, float *out);

// RMSE on the validation slice, which must not be empty, with answers clipped to the rating scale.
// Whatever `answers` returns but RK_OK comes back; so does RK_E_MEMORY.
rk_status validation_rmse(const rk_host *host, const rk_data *data, validation_answers *answers,
    const void *model, double *rmse);
uint64_t validation_bytes(const rk_shape *shape); // that it takes meanwhile

// Whether an RMSE on n ratings is below another's by a share that is more than chance: errors of
// two ways to train are much alike, so that share is far below the RMSE's own standard error.
bool validation_is_better(double rmse, double other, size_t n);

// Early stopping: the epoch with the least RMSE, and whether there is hope for a better one.
struct stopping {
    int least;    // epochs before it may stop
    int patience; // epochs without a better RMSE after which it stops
    int epoch;    // epochs seen
    int best;     // the epoch, from 1, with the least RMSE; 0: none yet
    double rmse;  // that RMSE; INFINITY before the first
};

struct stopping stopping_start(int least, int patience);

// One epoch more; true: stop now.
bool stopping_after(struct stopping *s, double rmse);

#endif
