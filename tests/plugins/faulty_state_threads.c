// Loads by the number of threads.
#include "sound.h"

static rk_status load(rk_model *m, const rk_stream *in) {
    const rk_status status = sound_load(m, in);
    m->mu += 1e-3 * (double)(m->host->n_threads - 1);
    return status;
}
SOUND_STATE(sound_save, load)
