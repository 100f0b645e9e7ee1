// Divides by the number of ratings less one.
#include "sound.h"

static rk_status fit(rk_model *m, const rk_data *d) {
    const rk_status status = sound_fit(m, d);
    const double n = (double)d->by_user.start[d->n_users];
    m->mu *= n / (n - 1);
    return status;
}
SOUND_FIT(fit)
