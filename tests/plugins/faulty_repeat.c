// Each model is a little different from the one before.
#include "sound.h"

static rk_status fit(rk_model *m, const rk_data *d) {
    static uint64_t models;
    float luck;
    m->host->uniform(m->host, models++, &luck, 1);
    const rk_status status = sound_fit(m, d);
    m->mu += (double)luck / 100;
    return status;
}
SOUND_FIT(fit)
