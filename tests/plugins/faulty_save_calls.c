// Reports progress while it saves.
#include "sound.h"

static rk_status save(const rk_model *m, const rk_stream *out) {
    m->host->progress(m->host, 0, 1, (double)NAN);
    return sound_save(m, out);
}
SOUND_STATE(save, sound_load)
