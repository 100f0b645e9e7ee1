// Believes in half a state.
#include "sound.h"

static rk_status load(rk_model *m, const rk_stream *in) {
    const rk_status status = sound_load(m, in);
    return status == RK_E_IO && m->bi ? RK_OK : status;
}
SOUND_STATE(sound_save, load)
