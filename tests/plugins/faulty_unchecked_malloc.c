// Believes that there is always memory.
#include "sound.h"

static rk_status create(const rk_host *host, const rk_params *params, rk_model **out) {
    rk_model *m = calloc(1, sizeof *m);
    m->host = host;
    m->params = params;
    *out = m;
    return RK_OK;
}
SOUND_ENTRY(create, sound_destroy, sound_fit, sound_predict, .extension = NULL)
