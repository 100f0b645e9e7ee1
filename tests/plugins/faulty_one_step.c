// Has one step, however many epochs it is to have.
#include "sound.h"

static rk_status fit(rk_model *m, const rk_data *d) {
    const rk_status status = sound_room(m, d->n_users, d->n_items);
    if (status != RK_OK) return status;
    m->mu = sound_mean(d);
    struct sound_half items = {m, &d->by_item, m->bi, m->bu};
    struct sound_half users = {m, &d->by_user, m->bu, m->bi};
    for (int epoch = 0; epoch < m->params->epochs && epoch < 1000; epoch++) {
        sound_body(&items, 0, 0, m->n_items);
        sound_body(&users, 0, 0, m->n_users);
    }
    return m->host->progress(m->host, 1, 1, (double)NAN) ? RK_OK : RK_CANCELLED;
}
SOUND_FIT(fit)
