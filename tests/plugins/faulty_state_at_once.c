// Saves its items one by one, and all callers share the place.
#include "sound.h"

static rk_status save(const rk_model *m, const rk_stream *out) {
    static volatile uint32_t at;
    const uint32_t n[2] = {m->n_users, m->n_items};
    rk_status status = out->write(out, n, sizeof n);
    if (status == RK_OK) status = out->write(out, &m->mu, sizeof m->mu);
    if (status == RK_OK) status = out->write(out, m->bu, n[0] * sizeof *m->bu);
    for (at = 0; status == RK_OK && at < n[1];) {
        const uint32_t item = at;
        at = item + 1;
        if (item < n[1]) status = out->write(out, m->bi + item, sizeof *m->bi);
    }
    return status;
}
SOUND_STATE(save, sound_load)
