// Loses a note if the state ends too soon.
#include "sound.h"

static rk_status load(rk_model *m, const rk_stream *in) {
    void *volatile note = malloc(100); // not to be optimized away
    if (!note) return RK_E_MEMORY;
    const rk_status status = sound_load(m, in);
    if (status == RK_OK) free(note);
    return status;
}
SOUND_STATE(sound_save, load)
