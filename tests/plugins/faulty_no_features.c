// Wants features that it does not say it requires.
#include "sound.h"

static rk_status fit(rk_model *m, const rk_data *d) {
    return d->n_item_features == 0 ? RK_E_DATA : sound_fit(m, d);
}
SOUND_FIT(fit)
