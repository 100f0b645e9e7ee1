// Starts a thread of its own, and waits for it.
#include "sound.h"
#include <pthread.h>

static void *work(void *arg) {
    return arg;
}
static rk_status fit(rk_model *m, const rk_data *d) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, NULL) == 0) pthread_join(thread, NULL);
    return sound_fit(m, d);
}
SOUND_FIT(fit)
