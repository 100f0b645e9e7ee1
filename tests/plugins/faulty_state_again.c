// Saves where its arrays lie.
#include "sound.h"

static rk_status save(const rk_model *m, const rk_stream *out) {
    const uintptr_t at = (uintptr_t)m;
    const rk_status status = sound_save(m, out);
    return status == RK_OK ? out->write(out, &at, sizeof at) : status;
}
static rk_status load(rk_model *m, const rk_stream *in) {
    uintptr_t at;
    const rk_status status = sound_load(m, in);
    return status == RK_OK ? in->read(in, &at, sizeof at) : status;
}
SOUND_STATE(save, load)
