// Loses what it had when memory is out.
#include "sound.h"

static rk_status fit(rk_model *m, const rk_data *d) {
    void *volatile scratch = malloc(100), *volatile more = malloc(100); // not to be optimized away
    if (!scratch || !more) return RK_E_MEMORY;
    free(scratch);
    free(more);
    return sound_fit(m, d);
}
SOUND_FIT(fit)
