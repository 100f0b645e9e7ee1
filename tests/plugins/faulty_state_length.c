// Believes any length.
#include "sound.h"

static rk_status load(rk_model *m, const rk_stream *in) {
    uint32_t n[2];
    rk_status status = in->read(in, n, sizeof n);
    if (status == RK_OK) status = sound_room(m, n[0], n[1]);
    if (status == RK_OK) status = in->read(in, &m->mu, sizeof m->mu);
    if (status == RK_OK) status = in->read(in, m->bu, n[0] * sizeof *m->bu);
    if (status == RK_OK) status = in->read(in, m->bi, n[1] * sizeof *m->bi);
    return status;
}
SOUND_STATE(sound_save, load)
