// Crashes when it is asked for its table.
#include <stdlib.h>

#include "reckon.h"

const rk_plugin *rk_plugin_entry(void) {
    abort();
}
