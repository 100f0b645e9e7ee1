// Reads a file of its own, and closes it.
#include "sound.h"
#include <fcntl.h>
#include <unistd.h>

static rk_status fit(rk_model *m, const rk_data *d) {
    const int fd = open("/dev/null", O_RDONLY);
    if (fd >= 0) close(fd);
    return sound_fit(m, d);
}
SOUND_FIT(fit)
