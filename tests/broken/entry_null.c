// Its entry gives NULL.
#include "reckon.h"

const rk_plugin *rk_plugin_entry(void) {
    return NULL;
}
