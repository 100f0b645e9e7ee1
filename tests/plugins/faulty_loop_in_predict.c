// Runs a loop on the host's threads while it predicts.
#include "sound.h"

static rk_status body(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)arg, (void)worker, (void)begin, (void)end;
    return RK_OK;
}
static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    m->host->parallel_for(m->host, 4, 1, body, NULL);
    return sound_predict(m, pairs, out);
}
SOUND_PREDICT(predict)
