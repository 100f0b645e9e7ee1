// Learns nothing.
#include "sound.h"

static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    (void)m;
    for (size_t k = 0; k < pairs->n; k++) out[k] = 3;
    return RK_OK;
}
SOUND_PREDICT(predict)
