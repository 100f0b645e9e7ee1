// Has no opinion without a validation slice.
#include "sound.h"

static rk_status fit(rk_model *m, const rk_data *d) {
    const rk_status status = sound_fit(m, d);
    double sum = 0;
    for (size_t k = 0; k < d->valid->n; k++) sum += d->valid_ratings[k];
    m->mu = sum / (double)d->valid->n;
    return status;
}
SOUND_FIT(fit)
