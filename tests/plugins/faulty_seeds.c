// Diverges where its luck is out.
#include "sound.h"

static rk_status fit(rk_model *m, const rk_data *d) {
    float luck;
    m->host->uniform(m->host, 0, &luck, 1);
    if (luck < .1f) return m->host->fail(m->host, RK_E_NUMERIC, "started at %g", (double)luck);
    return sound_fit(m, d);
}
SOUND_FIT(fit)
