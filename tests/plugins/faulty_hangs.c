// Never ends.
#include "sound.h"

static rk_status fit(rk_model *m, const rk_data *d) {
    for (volatile int forever = 1; forever;) {
    }
    return sound_fit(m, d);
}
SOUND_FIT(fit)
