// Gives back the model, not what it holds.
#include "sound.h"

static void destroy(rk_model *m) {
    free(m->bu);
    free(m);
}
SOUND_ENTRY(sound_create, destroy, sound_fit, sound_predict, .extension = NULL)
