// Never ends loading.
#include "base.h"

static volatile bool for_ever = true;
__attribute__((constructor)) static void stay(void) {
    while (for_ever) continue;
}
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS)
