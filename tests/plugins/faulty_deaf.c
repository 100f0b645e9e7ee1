// Does not hear that it is to stop.
#include "sound.h"

static rk_status fit(rk_model *m, const rk_data *d) {
    const rk_status status = sound_fit(m, d);
    return status == RK_CANCELLED ? RK_OK : status;
}
SOUND_FIT(fit)
