// Leaves a file open.
#include "sound.h"
#include <fcntl.h>

static rk_status fit(rk_model *m, const rk_data *d) {
    return open("/dev/null", O_RDONLY) < 0 ? RK_E_IO : sound_fit(m, d);
}
SOUND_FIT(fit)
