// Centres the ratings where they lie.
#include "sound.h"

static rk_status fit(rk_model *m, const rk_data *d) {
    float *value = (float *)(uintptr_t)d->by_user.value;
    value[0] += 1;
    const rk_status status = sound_fit(m, d);
    value[0] -= 1;
    return status;
}
SOUND_FIT(fit)
