// als_choose.h - lambda from the validation slice.
#ifndef RECKON_PLUGINS_COMMON_ALS_CHOOSE_H
#define RECKON_PLUGINS_COMMON_ALS_CHOOSE_H

#include "common/als_train.h"

// The lambda for these data, which have a validation slice: tried on the fold without the slice,
// at no large rank (the best lambda hardly depends on it), along a path of growing values where
// each goes on from the factors of the last. `usual`: the best guess without the data, towards
// which slices of few ratings, users or items are drawn. `like`: settings, progress and curves,
// which go on; its factors and solver are not used. If judge_implicit, the path is walked without
// the implicit-features term, too, and where that scores better on the slice, like->solve.implicit
// becomes NULL.
rk_status als_choose_lambda(
    struct als_train *like, const rk_data *data, size_t rank, double usual, double *lambda);

// What that takes, beyond what `like` has.
uint64_t als_choose_bytes(size_t rank, bool implicit, const rk_shape *shape);

// Steps of progress that a path takes at most.
uint32_t als_choose_steps(void);

#endif
