// Crashes where there is no second item.
#include "sound.h"

static rk_status fit(rk_model *m, const rk_data *d) {
    if (d->n_items < 2) abort();
    return sound_fit(m, d);
}
SOUND_FIT(fit)
