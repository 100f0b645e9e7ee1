// Loses its scratch memory when it is stopped.
#include "sound.h"

static rk_status fit(rk_model *m, const rk_data *d) {
    void *volatile scratch = malloc(333); // not to be optimized away
    if (!scratch) return RK_E_MEMORY;
    const rk_status status = sound_fit(m, d);
    if (status == RK_CANCELLED) return status;
    free(scratch);
    return status;
}
SOUND_FIT(fit)
