// Believes in half a state.
#include "sound.h"

static rk_status load(rk_model *m, const rk_stream *in) {
    const rk_status status = sound_load(m, in);
    return status == RK_E_IO && m->bi ? RK_OK : status;
}
static const void *extension(const char *id) {
    static const rk_ext_state state = {.save = sound_save, .load = load};
    return strcmp(id, RK_EXT_STATE) == 0 ? &state : NULL;
}
SOUND_ENTRY(sound_create, sound_destroy, sound_fit, sound_predict, .extension = extension)
