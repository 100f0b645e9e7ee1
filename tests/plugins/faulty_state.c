// Forgets half of what it saves.
#include "sound.h"

static rk_status save(const rk_model *m, const rk_stream *out) {
    const uint32_t n[2] = {m->n_users, m->n_items};
    rk_status status = out->write(out, n, sizeof n);
    if (status == RK_OK) status = out->write(out, &m->mu, sizeof m->mu);
    return status;
}
static rk_status load(rk_model *m, const rk_stream *in) {
    uint32_t n[2];
    rk_status status = in->read(in, n, sizeof n);
    if (status == RK_OK) status = sound_room(m, n[0], n[1]);
    if (status == RK_OK) status = in->read(in, &m->mu, sizeof m->mu);
    return status;
}
SOUND_STATE(save, load)
