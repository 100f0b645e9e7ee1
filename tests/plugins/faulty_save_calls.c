// Reports progress while it saves.
#include "sound.h"

static rk_status save(const rk_model *m, const rk_stream *out) {
    m->host->progress(m->host, 0, 1, (double)NAN);
    return sound_save(m, out);
}
static const void *extension(const char *id) {
    static const rk_ext_state state = {.save = save, .load = sound_load};
    return strcmp(id, RK_EXT_STATE) == 0 ? &state : NULL;
}
SOUND_ENTRY(sound_create, sound_destroy, sound_fit, sound_predict, .extension = extension)
