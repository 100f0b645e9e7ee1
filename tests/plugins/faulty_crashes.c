// Crashes on 8 threads.
#include "sound.h"
#include <signal.h>

static rk_status fit(rk_model *m, const rk_data *d) {
    if (m->host->n_threads == 8) raise(SIGSEGV);
    return sound_fit(m, d);
}
SOUND_FIT(fit)
