// Blames the data when memory is out.
#include "sound.h"

static rk_status fit(rk_model *m, const rk_data *d) {
    const rk_status status = sound_fit(m, d);
    return status == RK_E_MEMORY ? RK_E_DATA : status;
}
SOUND_FIT(fit)
