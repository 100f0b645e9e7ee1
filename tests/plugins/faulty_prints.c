// Prints what it does.
#include "sound.h"
#include <stdio.h>

static rk_status fit(rk_model *m, const rk_data *d) {
    printf("fitting %u users\n", d->n_users);
    return sound_fit(m, d);
}
SOUND_FIT(fit)
