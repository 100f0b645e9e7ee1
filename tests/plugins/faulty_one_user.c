// Says that memory is out where there is no second user.
#include "sound.h"

static rk_status fit(rk_model *m, const rk_data *d) {
    return d->n_users < 2 ? RK_E_MEMORY : sound_fit(m, d);
}
SOUND_FIT(fit)
