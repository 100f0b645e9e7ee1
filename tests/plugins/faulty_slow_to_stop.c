// Stops, after a while.
#include "sound.h"

static rk_status fit(rk_model *m, const rk_data *d) {
    const rk_status status = sound_fit(m, d);
    for (uint32_t k = 0; status == RK_CANCELLED && k < 9; k++)
        m->host->progress(m->host, k, 9, (double)NAN);
    return status;
}
SOUND_FIT(fit)
