// Nothing is wrong with this one.
#include "sound.h"

SOUND_FIT(sound_fit)
