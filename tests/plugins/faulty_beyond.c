// Answers one pair more than there are.
#include "sound.h"

static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    const rk_status status = sound_predict(m, pairs, out);
    out[pairs->n] = 3;
    return status;
}
SOUND_PREDICT(predict)
