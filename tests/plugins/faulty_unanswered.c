// Leaves out the pairs that it has no opinion on.
#include "sound.h"

static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    for (size_t k = 0; k < pairs->n; k++)
        if (pairs->users[k] % 3) out[k] = sound_answer(m, pairs, k);
    return RK_OK;
}
SOUND_PREDICT(predict)
