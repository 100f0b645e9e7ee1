// Foresees less where more ratings are to be learnt from.
#include "sound.h"

static uint64_t bytes(const rk_params *params, const rk_shape *shape) {
    return sound_bytes(params, shape) + 1000000 / shape->n_ratings;
}
SOUND_MEMORY(bytes)
