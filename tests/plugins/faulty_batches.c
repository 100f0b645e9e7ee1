// A pair's answer depends on its place in the batch.
#include "sound.h"

static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    for (size_t k = 0; k < pairs->n; k++)
        out[k] = sound_answer(m, pairs, k) + (k % 4 == 3 ? 1e-6f : 0);
    return RK_OK;
}
SOUND_PREDICT(predict)
