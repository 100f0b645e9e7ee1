// Loses what it had when memory is out.
#include "sound.h"

static rk_status fit(rk_model *m, const rk_data *d) {
    float *scratch = malloc(100), *more = malloc(100);
    if (!scratch || !more) return RK_E_MEMORY;
    free(scratch);
    free(more);
    return sound_fit(m, d);
}
SOUND_FIT(fit)
