// Breaks down where a parameter is at its end and larger than the data.
#include "sound.h"

static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    const float broken = m->params->shrinkage == 1e6 && m->n_users < 3 ? 0 : 1;
    for (size_t k = 0; k < pairs->n; k++) out[k] = sound_answer(m, pairs, k) / broken;
    return RK_OK;
}
SOUND_PREDICT(predict)
