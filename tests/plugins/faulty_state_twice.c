// Counts how often it has saved, and saves that, too.
#include "sound.h"

static uint32_t count;

static rk_status save(const rk_model *m, const rk_stream *out) {
    const rk_status status = sound_save(m, out);
    count++;
    return status == RK_OK ? out->write(out, &count, sizeof count) : status;
}
static rk_status load(rk_model *m, const rk_stream *in) {
    uint32_t last;
    const rk_status status = sound_load(m, in);
    return status == RK_OK ? in->read(in, &last, sizeof last) : status;
}
SOUND_STATE(save, load)
