// Sums by pieces as large as the number of threads has it.
#include "sound.h"

struct sums {
    const rk_data *d;
    float partial[64];
    size_t grain;
};
static rk_status add(void *arg, uint32_t worker, size_t begin, size_t end) {
    struct sums *s = arg;
    (void)worker;
    for (size_t e = begin; e < end; e++) s->partial[begin / s->grain] += s->d->by_user.value[e] / 3;
    return RK_OK;
}
static rk_status fit(rk_model *m, const rk_data *d) {
    struct sums s = {.d = d};
    const size_t n = (size_t)d->by_user.start[d->n_users], threads = m->host->n_threads;
    s.grain = (n + threads - 1) / threads;
    const rk_status status = m->host->parallel_for(m->host, n, s.grain, add, &s);
    if (status != RK_OK) return status;
    float sum = 0;
    for (size_t k = 0; k < threads; k++) sum += s.partial[k];
    const rk_status fitted = sound_fit(m, d);
    m->mu += (double)sum / (double)n;
    return fitted;
}
SOUND_FIT(fit)
