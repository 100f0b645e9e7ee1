// Nothing is wrong with this one; it allocates often.
#include "sound.h"

enum { N_BLOCKS = 500 };

static rk_status fit(rk_model *m, const rk_data *d) {
    void *blocks[N_BLOCKS] = {NULL};
    rk_status status = RK_OK;
    for (int k = 0; status == RK_OK && k < N_BLOCKS; k++)
        if (!(blocks[k] = malloc(16))) status = RK_E_MEMORY;
    if (status == RK_OK) status = sound_fit(m, d);
    for (int k = 0; k < N_BLOCKS; k++) free(blocks[k]);
    return status;
}
SOUND_FIT(fit)
