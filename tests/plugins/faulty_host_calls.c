// Reports progress from within a loop's body.
#include "sound.h"

static rk_status body(void *arg, uint32_t worker, size_t begin, size_t end) {
    const rk_host *host = arg;
    (void)worker;
    host->progress(host, (uint32_t)begin, (uint32_t)end, (double)NAN);
    return RK_OK;
}
static rk_status fit(rk_model *m, const rk_data *d) {
    const rk_status status = m->host->parallel_for(m->host, 8, 1, body, (void *)(uintptr_t)m->host);
    return status == RK_OK ? sound_fit(m, d) : status;
}
SOUND_FIT(fit)
