// Predicts in scratch memory that all callers share.
#include "sound.h"
#include <sched.h>

static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    static volatile float sum;
    for (size_t k = 0; k < pairs->n; k++) {
        sum = (float)m->mu;
        sched_yield();
        sum = sum + m->bu[pairs->users[k]];
        sched_yield();
        out[k] = sum + m->bi[pairs->items[k]];
    }
    return RK_OK;
}
SOUND_PREDICT(predict)
