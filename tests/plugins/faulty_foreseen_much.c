// Foresees a cell for each pair, and more than that.
#include "sound.h"

static uint64_t bytes(const rk_params *params, const rk_shape *shape) {
    (void)params;
    return sound_bytes(params, shape) + (uint64_t)shape->n_users * shape->n_items * 64;
}
SOUND_MEMORY(bytes)
