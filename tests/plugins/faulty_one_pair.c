// Ends the process where there is one pair alone.
#include "sound.h"

static rk_status fit(rk_model *m, const rk_data *d) {
    if (d->n_items < 2 && d->n_users < 2) exit(3);
    return sound_fit(m, d);
}
SOUND_FIT(fit)
