// Answers an infinity for one item.
#include "sound.h"

static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    for (size_t k = 0; k < pairs->n; k++)
        out[k] = pairs->items[k] == 7 ? -HUGE_VALF : sound_answer(m, pairs, k);
    return RK_OK;
}
SOUND_PREDICT(predict)
