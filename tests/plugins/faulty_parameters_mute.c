// Has no opinion where a parameter is at its end.
#include "sound.h"

static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    for (size_t k = 0; k < pairs->n; k++)
        out[k] = m->params->shrinkage < 1e6 ? sound_answer(m, pairs, k) : NAN;
    return RK_OK;
}
SOUND_PREDICT(predict)
