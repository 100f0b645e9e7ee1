// Reads times that may not be there.
#include "sound.h"

static rk_status fit(rk_model *m, const rk_data *d) {
    return d->time[0] == 7 ? RK_E_DATA : sound_fit(m, d);
}
SOUND_FIT(fit)
