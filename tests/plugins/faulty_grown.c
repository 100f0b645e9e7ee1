// Steps from feature to feature by the size that it knows.
#include "sound.h"

static rk_status fit(rk_model *m, const rk_data *d) {
    const rk_status status = sound_fit(m, d);
    for (uint32_t k = 0; k < d->n_item_features; k++)
        m->mu += d->item_features[k].values.n_cols * 1e-4;
    return status;
}
SOUND_FIT(fit)
